// Runs the toy core: eight writes, then eight reads. tiny.fst and tiny.saif were made of it, with
//   $ iverilog -g2012 -o tiny.vvp bench.v tiny.v && vvp tiny.vvp -fst
//   $ verilator --binary --timing --trace-saif --trace-structs --trace-max-array 1 \
//       -CFLAGS -fcoroutines -Wno-fatal --top-module bench bench.v tiny.v && obj_dir/Vbench
// and tiny.dump, which either writes, was renamed.
`timescale 1ns / 1ps

module bench;
  reg clk = 0, rst = 1, start = 0;
  reg [1:0] write_en = 0;
  reg [7:0] write_data = 0;
  wire [9:0] result;
  integer word;

  tiny tiny (.clk(clk), .rst(rst), .start(start), .write_en(write_en), .write_data(write_data),
             .result(result));

  always #5 clk = ~clk;

  initial begin
    $dumpfile("tiny.dump");
    $dumpvars;
    repeat (2) @(negedge clk);
    rst = 0;
    for (word = 0; word < 8; word = word + 1) begin
      write_en = word < 6 ? 2'b11 : 2'b10;
      write_data = 8'h9d * word[7:0] + 8'h35;
      @(negedge clk);
    end
    write_en = 0;
    start = 1;
    @(negedge clk);
    start = 0;
    repeat (14) @(negedge clk);
    $finish;
  end
endmodule
