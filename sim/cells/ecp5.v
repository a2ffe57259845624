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

// 18 kbit of block RAM without output registers: two ports of up to 18 bits, or a port A that
// writes and a port B that reads 36 bits, half of them through the pins of the other port. It
// starts with zeros. Bit i of a word of 18 bits lies in byte i / 9, where narrower words use 8.
module DP16KD (
  input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5,
    DIA4, DIA3, DIA2, DIA1, DIA0,
  input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5,
    DIB4, DIB3, DIB2, DIB1, DIB0,
  input CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2, CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2,
  output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
    DOA4, DOA3, DOA2, DOA1, DOA0,
  output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
    DOB4, DOB3, DOB2, DOB1, DOB0
);
  parameter DATA_WIDTH_A = 18;
  parameter DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG";
  parameter REGMODE_B = "NOREG";
  parameter WRITEMODE_A = "NORMAL";
  parameter WRITEMODE_B = "NORMAL";
  parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter RESETMODE = "SYNC";
  parameter GSR = "DISABLED";
  parameter CLKAMUX = "CLKA";
  parameter CLKBMUX = "CLKB";
  parameter CSDECODE_A = "0b000";
  parameter CSDECODE_B = "0b000";
  parameter [319:0] INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0;
  parameter [319:0] INITVAL_04 = 0, INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0;
  parameter [319:0] INITVAL_08 = 0, INITVAL_09 = 0, INITVAL_0A = 0, INITVAL_0B = 0;
  parameter [319:0] INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F = 0;
  parameter [319:0] INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0;
  parameter [319:0] INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0;
  parameter [319:0] INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0;
  parameter [319:0] INITVAL_1C = 0, INITVAL_1D = 0, INITVAL_1E = 0, INITVAL_1F = 0;
  parameter [319:0] INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0;
  parameter [319:0] INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0;
  parameter [319:0] INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0, INITVAL_2B = 0;
  parameter [319:0] INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0;
  parameter [319:0] INITVAL_30 = 0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0;
  parameter [319:0] INITVAL_34 = 0, INITVAL_35 = 0, INITVAL_36 = 0, INITVAL_37 = 0;
  parameter [319:0] INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0;
  parameter [319:0] INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0;

  wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7,
                     ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7,
                     ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [35:0] di = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7,
                    DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0, DIA17, DIA16, DIA15, DIA14,
                    DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
                    DIA3, DIA2, DIA1, DIA0};
  reg [17:0] array [0:1023];
  reg [35:0] a = 0, b = 0;

  // The word at an address, in its lowest bits.
  function [35:0] word(input integer width, input [13:0] address);
    case (width)
      36: word = {array[{address[13:5], 1'b1}], array[{address[13:5], 1'b0}]};
      18: word = array[address[13:4]];
      9: word = array[address[13:4]][9 * address[3] +: 9];
      4: word = array[address[13:4]][9 * address[3] + 4 * address[2] +: 4];
      2: word = array[address[13:4]][9 * address[3] + 2 * address[2:1] +: 2];
      default: word = array[address[13:4]][9 * address[3] + address[2:0]];
    endcase
  endfunction

  task write(input integer width, input [13:0] address, input [35:0] value);
    integer byte_;
    case (width)
      36:
        for (byte_ = 0; byte_ < 4; byte_ = byte_ + 1)
          if (address[byte_])
            array[{address[13:5], byte_[1]}][9 * byte_[0] +: 9] = value[9 * byte_ +: 9];
      18:
        for (byte_ = 0; byte_ < 2; byte_ = byte_ + 1)
          if (address[byte_])
            array[address[13:4]][9 * byte_ +: 9] = value[9 * byte_ +: 9];
      9: array[address[13:4]][9 * address[3] +: 9] = value[8:0];
      4: array[address[13:4]][9 * address[3] + 4 * address[2] +: 4] = value[3:0];
      2: array[address[13:4]][9 * address[3] + 2 * address[2:1] +: 2] = value[1:0];
      default: array[address[13:4]][9 * address[3] + address[2:0]] = value[0];
    endcase
  endtask

  // A port that writes keeps what it read last, or reads the word as it was, or as it becomes. What
  // is read of a word that the other port writes meanwhile is undefined.
  always @(posedge CLKA)
    if (CEA) begin
      if (~WEA | (WRITEMODE_A == "READBEFOREWRITE")) a <= word(DATA_WIDTH_A, ada);
      if (WEA) write(DATA_WIDTH_A, ada, di);
      if (WEA & (WRITEMODE_A == "WRITETHROUGH")) a <= word(DATA_WIDTH_A, ada);
    end
  always @(posedge CLKB)
    if (CEB) begin
      if (~WEB | (WRITEMODE_B == "READBEFOREWRITE")) b <= word(DATA_WIDTH_B, adb);
      if (WEB) write(DATA_WIDTH_B, adb, di[35:18]);
      if (WEB & (WRITEMODE_B == "WRITETHROUGH")) b <= word(DATA_WIDTH_B, adb);
    end

  // A narrow port B has its own pins; with 36 bits its lower half comes out of port A's.
  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
    DOA4, DOA3, DOA2, DOA1, DOA0}
    = DATA_WIDTH_B == 36 ? b[17:0] : a[17:0];
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
    DOB4, DOB3, DOB2, DOB1, DOB0}
    = DATA_WIDTH_B == 36 ? b[35:18] : b[17:0];

  integer row;
  initial begin
    for (row = 0; row < 1024; row = row + 1) array[row] = 0;
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB"
        || (INITVAL_00 | INITVAL_01 | INITVAL_02 | INITVAL_03 | INITVAL_04 | INITVAL_05
            | INITVAL_06 | INITVAL_07 | INITVAL_08 | INITVAL_09 | INITVAL_0A | INITVAL_0B
            | INITVAL_0C | INITVAL_0D | INITVAL_0E | INITVAL_0F | INITVAL_10 | INITVAL_11
            | INITVAL_12 | INITVAL_13 | INITVAL_14 | INITVAL_15 | INITVAL_16 | INITVAL_17
            | INITVAL_18 | INITVAL_19 | INITVAL_1A | INITVAL_1B | INITVAL_1C | INITVAL_1D
            | INITVAL_1E | INITVAL_1F | INITVAL_20 | INITVAL_21 | INITVAL_22 | INITVAL_23
            | INITVAL_24 | INITVAL_25 | INITVAL_26 | INITVAL_27 | INITVAL_28 | INITVAL_29
            | INITVAL_2A | INITVAL_2B | INITVAL_2C | INITVAL_2D | INITVAL_2E | INITVAL_2F
            | INITVAL_30 | INITVAL_31 | INITVAL_32 | INITVAL_33 | INITVAL_34 | INITVAL_35
            | INITVAL_36 | INITVAL_37 | INITVAL_38 | INITVAL_39 | INITVAL_3A | INITVAL_3B
            | INITVAL_3C | INITVAL_3D | INITVAL_3E | INITVAL_3F) != 0) begin
      $display("DP16KD: output registers, inverted clocks and contents are not modelled");
      $finish;
    end
  end
endmodule

// A clock generator that hands on its reference: simulations count cycles and not time.
module EHXPLLL (
  input CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG,
  input PLLWAKESYNC, ENCLKOP,
  output CLKOP, LOCK
);
  parameter CLKI_DIV = 1;
  parameter CLKFB_DIV = 1;
  parameter CLKOP_DIV = 1;
  parameter CLKOP_ENABLE = "ENABLED";
  parameter CLKOP_CPHASE = 0;
  parameter CLKOP_FPHASE = 0;
  parameter FEEDBK_PATH = "CLKOP";
  parameter DPHASE_SOURCE = "DISABLED";
  parameter INTFB_WAKE = "DISABLED";
  parameter PLLRST_ENA = "DISABLED";
  parameter STDBY_ENABLE = "DISABLED";
  parameter OUTDIVIDER_MUXA = "DIVA";
  parameter OUTDIVIDER_MUXB = "DIVB";
  parameter OUTDIVIDER_MUXC = "DIVC";
  parameter OUTDIVIDER_MUXD = "DIVD";
  reg [2:0] cycles = 0;
  assign CLKOP = CLKI;
  assign LOCK = &cycles;
  always @(posedge CLKI) if (~LOCK) cycles <= cycles + 1;
endmodule

// A pin for one direction.
module TRELLIS_IO (inout B, input I, input T, output O);
  parameter DIR = "INPUT";
  generate
    if (DIR == "OUTPUT") assign B = I;
    else assign O = B;
  endgenerate
endmodule
