// Simulation only: what Yosys leaves as black boxes of an ECP5, as far as generated cores use it.
// Whatever else a parameter asks for ends the simulation.

// 18x18 multiplier; registers at operands, in the middle and at the product, all on CLK0.
module MULT18X18D (
  input A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
  input B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CE0, RST0,
  output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
  output P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
);
  parameter REG_INPUTA_CLK = "NONE";
  parameter REG_INPUTB_CLK = "NONE";
  parameter REG_PIPELINE_CLK = "NONE";
  parameter REG_OUTPUT_CLK = "NONE";

  // Operands with a sign bit of their own: with them signed and unsigned numbers are alike.
  wire [18:0] a_i = {SIGNEDA & A17, A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5,
                     A4, A3, A2, A1, A0};
  wire [18:0] b_i = {SIGNEDB & B17, B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5,
                     B4, B3, B2, B1, B0};
  reg [18:0] a_held = 0, b_held = 0;
  reg [37:0] middle = 0, held = 0;
  wire signed [18:0] a = REG_INPUTA_CLK == "NONE" ? a_i : a_held;
  wire signed [18:0] b = REG_INPUTB_CLK == "NONE" ? b_i : b_held;
  wire [37:0] product = a * b;
  wire [37:0] later = REG_PIPELINE_CLK == "NONE" ? product : middle;
  wire [37:0] p = REG_OUTPUT_CLK == "NONE" ? later : held;
  always @(posedge CLK0)
    if (RST0) begin
      a_held <= 0;
      b_held <= 0;
      middle <= 0;
      held <= 0;
    end else if (CE0) begin
      a_held <= a_i;
      b_held <= b_i;
      middle <= product;
      held <= later;
    end
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = p[35:0];

  initial
    if (SOURCEA !== 1'b0 || SOURCEB !== 1'b0) begin
      $display("MULT18X18D: cascaded operands are not modelled");
      $finish;
    end
endmodule
