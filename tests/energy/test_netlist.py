"""Registers in generated Verilog."""

import pytest

from energy.netlist import register_paths
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
