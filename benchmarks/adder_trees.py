"""Adder trees in gates and in FPGA cells: plain adders next to carry-save compressors.

Yosys makes one sum of all adders that it sees together, and compressors of that: *flattened* rows
have the ripple tree as it comes out of a flattened design, the others add in every module of the
tree on its own, as the Verilog says.
"""

import json
import re
import tempfile
from pathlib import Path

from rich.table import Table

from ergon.console import View
from generators.verilog import convert
from hw.adder_tree import AdderTree, TreeStyle
from hw.formats import NumberFormat

from .synthesis import run_yosys

__all__ = ["FLOWS", "TREES", "run", "synthesized"]

TREES = ((64, "uint1"), (256, "uint1"), (16, "int16"))
VARIANTS = {
    "ripple": (TreeStyle.RIPPLE, False),
    "ripple, flattened": (TreeStyle.RIPPLE, True),
    "carry-save": (TreeStyle.CARRY_SAVE, True),
}
GATE, FLIP_FLOP = r"\$_(?!S?DFF)\w+_", r"\$_S?DFF\w*_|SB_DFF\w*|TRELLIS_FF"
GATES = "synth -top top -run begin:fine; flatten; opt; synth -top top {} -run fine:check"
# What becomes of the tree, and how much room the cells take: an ECP5's carry cell is two LUTs, an
# iCE40's lies beside a LUT.
FLOWS = {
    "gates": (GATES.format(""), {GATE: 1}),
    "as written": (GATES.format("-noabc"), {GATE: 1}),
    "iCE40 LUTs": ("synth_ice40 -noflatten -top top; flatten; opt_clean", {"SB_LUT4": 1}),
    "ECP5 LUTs": ("synth_ecp5 -noflatten -top top; flatten; opt_clean",
                  {"LUT4": 1, "CCU2C": 2}),
}


def run(console):
    """Measure, print, and return one dict per tree and way to build it."""
    rows = []
    for count, operand in TREES:
        for variant, (style, flat) in VARIANTS.items():
            with View().step(f"Synthesizing {count} x {operand}, {variant}"):
                tree = AdderTree(count, NumberFormat.parse(operand), style, 0)
                rows.append({"terms": count, "operand": operand, "variant": variant,
                             **{flow: synthesized(tree, flow, flat=flat) for flow in FLOWS}})
    console.print(_table(rows))
    console.print("[dim]depth: gates, or LUTs and carries, on the longest path. As written: "
                  "without ABC, which takes apart the lookahead of wide adders for area.[/]")
    return rows


def synthesized(component, flow, *, flat=False):
    """What becomes of a component: room of its cells, flip-flops, the longest path.

    Parameters
    ----------
    component: wiring.Component
    flow: str
        One of `FLOWS`.
    flat: bool
        Flatten it before anything else.
    """
    commands, rooms = FLOWS[flow]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "top.v").write_text(convert(component, name="top", header="")[0])
        (folder / "top.ys").write_text("\n".join([
            "read_verilog top.v", "hierarchy -top top", *["flatten"] * flat, commands,
            "tee -q -o cells.json stat -json", "tee -q -o path.txt ltp -noff"]) + "\n")
        run_yosys(folder, "top.ys")
        cells, = json.loads((folder / "cells.json").read_text())["modules"].values()
        depth = re.search(r"length=(\d+)", (folder / "path.txt").read_text())

    def room(rooms):
        return sum(number * room for kind, number in cells["num_cells_by_type"].items()
                   for name, room in rooms.items() if re.fullmatch(name, kind))

    return {"cells": room(rooms), "flip_flops": room({FLIP_FLOP: 1}), "depth": int(depth[1])}


def _table(rows):
    table = Table("terms", "built as", title="Adder trees", title_justify="left", box=None)
    for flow in FLOWS:
        table.add_column(flow, justify="right")
        table.add_column("depth", justify="right")
    for row in rows:
        numbers = (str(row[flow][what]) for flow in FLOWS for what in ("cells", "depth"))
        table.add_row(f"{row['terms']} x {row['operand']}", row["variant"], *numbers)
    return table
