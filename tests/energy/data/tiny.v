// A toy core with the parts that an energy report tells apart: a memory, two processing elements
// and a counter. It multiplies what lies in the memory by constant weights.

module tiny (
  input clk,
  input rst,
  input start,
  input [1:0] write_en,
  input [7:0] write_data,
  output [9:0] result
);
  wire [7:0] read_data;
  wire write_any;
  wire [9:0] sum;
  wire \operands.low ;
  reg [3:0] address = 4'h0;
  reg running = 1'h0;
  reg valid = 1'h0;
  assign \operands.low  = read_data[0];
  always @(posedge clk) begin
    if (rst | start) address <= 4'h0;
    else if (running | write_any) address <= address + 4'h1;
  end
  always @(posedge clk) begin
    running <= (running | start) & ~rst & (address != 4'h7);
  end
  always @(posedge clk) valid <= running;
  sram_1rw_8x8 memory (
    .clk(clk),
    .read_en(running),
    .write_en(write_en),
    .addr(address[2:0]),
    .write_data(write_data),
    .read_data(read_data),
    .write_any(write_any)
  );
  pe_4x4 pe_0 (
    .clk(clk),
    .valid(valid),
    .moving_i(read_data[3:0]),
    .weight(4'h5),
    .sum_i(10'h000),
    .sum_o(sum)
  );
  pe_4x4 pe_1 (
    .clk(clk),
    .valid(valid),
    .moving_i(read_data[7:4]),
    .weight(4'h3),
    .sum_i(sum),
    .sum_o(result)
  );
endmodule

module sram_1rw_8x8 (
  input clk,
  input read_en,
  input [1:0] write_en,
  input [2:0] addr,
  input [7:0] write_data,
  output [7:0] read_data,
  output write_any
);
  reg [7:0] _0_ = 8'h00;
  reg [7:0] array [7:0];
  integer word;
  initial
    for (word = 0; word < 8; word = word + 1)
      array[word] = 8'h00;
  assign write_any = | write_en;
  assign read_data = _0_;
  always @(posedge clk) begin
    if (write_en[0])
      array[addr][3:0] <= write_data[3:0];
    if (write_en[1])
      array[addr][7:4] <= write_data[7:4];
  end
  always @(posedge clk) begin
    if (read_en) _0_ <= array[addr];
  end
endmodule

module pe_4x4 (
  input clk,
  input valid,
  input [3:0] moving_i,
  input [3:0] weight,
  input [9:0] sum_i,
  output reg [9:0] sum_o = 10'h000
);
  wire [7:0] \$1 ;
  assign \$1  = moving_i * weight;
  always @(posedge clk) begin
    if (valid) sum_o <= sum_i + {2'b00, \$1 };
  end
endmodule
