// Simulation only: what stands between an iCE40 and its board.

// A clock generator that hands on its reference: simulations count cycles and not time.
module SB_PLL40_PAD (
  input PACKAGEPIN, RESETB, BYPASS,
  output PLLOUTGLOBAL, LOCK
);
  parameter FEEDBACK_PATH = "SIMPLE";
  parameter [3:0] DIVR = 0;
  parameter [6:0] DIVF = 0;
  parameter [2:0] DIVQ = 0;
  parameter [2:0] FILTER_RANGE = 0;
  reg [2:0] cycles = 0;
  assign PLLOUTGLOBAL = PACKAGEPIN;
  assign LOCK = &cycles;
  always @(posedge PACKAGEPIN) if (~LOCK) cycles <= cycles + 1;
endmodule

// A pin for one direction.
module SB_IO (
  inout PACKAGE_PIN,
  input CLOCK_ENABLE, OUTPUT_ENABLE, D_OUT_0,
  output D_IN_0
);
  parameter [5:0] PIN_TYPE = 0;
  parameter PULLUP = 0;
  parameter IO_STANDARD = "SB_LVCMOS";
  generate
    if (PIN_TYPE[5]) assign PACKAGE_PIN = D_OUT_0;
    else assign D_IN_0 = PACKAGE_PIN;
  endgenerate
endmodule
