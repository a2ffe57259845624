"""Registers in generated Verilog."""

import pytest

from energy.netlist import instance_modules, module_nets, products, register_paths
from generators.errors import UserError


def test_registers_of_all_instances(data):
    assert register_paths((data / "tiny.v").read_text(), "tiny") == [
        "address", "running", "valid", "pe_0.sum_o", "pe_1.sum_o"]


def test_only_non_blocking_targets_are_registers():
    verilog = """\
module top (
  input clk
);
  assign smaller = a <= b;
  always @(posedge clk)
    \\escaped.name  <= a;
  always @(posedge clk) begin
    if (a <= b) shift[7:4] <= c;
    else if (b) begin
      count <= 4'h0;
    end
    case (state)
      2'h0, 2'h1: state <= 2'h2;
      default: state <= 2'h0;
    endcase
    memory[address] <= word;
    _12_ <= a;
  end
  always @* next = count;
endmodule
"""
    assert register_paths(verilog, "top") == ["escaped.name", "shift", "count", "state"]


def test_foreign_verilog():
    with pytest.raises(UserError, match=r"^the Verilog has no module tiny; use the Verilog and the "
                                        r"manifest of one generation$"):
        register_paths("module other (\n);\nendmodule\n", "tiny")


def test_modules_of_all_instances(data):
    assert instance_modules((data / "tiny.v").read_text(), "tiny") == {
        "": "tiny", "memory": "sram_1rw_8x8", "pe_0": "pe_4x4", "pe_1": "pe_4x4"}


def test_instances_within_instances():
    verilog = """\
module inner (
);
endmodule
module middle (
);
  inner \\odd.name  (
  );
  inner b (
  );
endmodule
module top (
);
  middle m (
  );
  foreign f (
  );
endmodule
"""
    assert instance_modules(verilog, "top") == {
        "": "top", "m": "middle", "f": "foreign", "m.odd.name": "inner", "m.b": "inner"}


NETS = """\
module wider (
  input wire clk,
  output reg [9:0] other
);
endmodule
module wide (
  input wire clk,
  input wire [7:0] moving_i,
  output reg [7:0] moving_o = 8'h0,
  output wire [16:0] \\sum.lanes[0] ,
  output reg load_o = 1'h0
);
  wire [16:0] _00_;
  wire $signal;
  wire \\bus.low ;
  reg [3:0] \\bus.high  = 4'h0;
  reg [7:0] current = 8'h0;
  reg [7:0] memory [15:0];
  wire [15:0] product;
  integer word;
  assign product = $signed(moving_i) * $signed(current);
  assign _00_ = moving_i * \\bus.high ;
  assign product = $signed(\\bus.low ) * $signed(current);
  assign product = moving_i * _00_;
  assign product = moving_i[3:0] * current;
  assign product = moving_i + current;
  assign moving_o = current;
endmodule
"""


def test_nets_of_a_module():
    assert module_nets(NETS, "wide") == {
        "clk": ("input", 1), "moving_i": ("input", 8), "moving_o": ("output", 8),
        "sum.lanes[0]": ("output", 17), "load_o": ("output", 1), "bus.low": (None, 1),
        "bus.high": (None, 4), "current": (None, 8), "product": (None, 16)}


def test_products_of_whole_nets():
    assert products(NETS, "wide") == [
        (("moving_i", True), ("current", True)), (("moving_i", False), ("bus.high", False)),
        (("bus.low", True), ("current", True))]
    assert products(NETS, "wider") == []
