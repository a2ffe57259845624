"""Yosys: from a core's Verilog to counted cells of an FPGA, whole and module by module."""

import json
from dataclasses import dataclass
from pathlib import Path

from generators.fpga.synthesis import lone_flip_flops
from generators.fpga.tools import run_tool

__all__ = ["COLUMNS", "RECIPES", "Recipe", "run_yosys", "synthesize"]

# Table columns and the primitives that each of them counts. What else there is (buffers, the
# multiplexers between an ECP5's LUTs) takes no room of its own. An iCE40 logic cell ("cells") has
# a LUT and a flip-flop that only this LUT can feed: any other flip-flop takes a cell of its own.
COLUMNS = {
    "cells": (),
    "LUT4": ("SB_LUT4", "LUT4"),
    "carry": ("SB_CARRY", "CCU2C"),
    "FF": ("SB_DFF", "TRELLIS_FF"),
    "DSP": ("SB_MAC16", "MULT18X18D"),
    "BRAM": ("SB_RAM40_4K", "DP16KD"),
    "LUT RAM": ("TRELLIS_DPR16X4",),
}


@dataclass(frozen=True)
class Recipe:
    """How a core is synthesized.

    Parameters
    ----------
    title: str
    command: str
        Yosys' synthesis command without its top.
    """

    title: str
    command: str

    @property
    def ice40(self):
        return self.command.startswith("synth_ice40")


RECIPES = {
    "logic": Recipe("iCE40, no DSPs", "synth_ice40"),
    "dsp": Recipe("iCE40, as Yosys likes", "synth_ice40 -dsp"),
    "ecp5": Recipe("ECP5", "synth_ecp5"),
}


def synthesize(verilog, core, recipe, *, flatten):
    """Count the cells of a generated core.

    Parameters
    ----------
    verilog: Path
        File with the core; Yosys works in its folder.
    core: CoreParameters
    recipe: Recipe
    flatten: bool
        Optimize across modules, for the true size of the whole; else keep them, to see its parts.

    Returns
    -------
    dict of str to (dict of str to int, dict of str to int)
        Of each module, its own primitives by column and its instances by module. One module, if
        flat; logic cells are only counted then.
    """
    folder = Path(verilog).parent
    (folder / "synthesis.ys").write_text("\n".join(_script(verilog, core, recipe, flatten)) + "\n")
    run_yosys(folder, "synthesis.ys")
    modules = json.loads((folder / "cells.json").read_text())["modules"]
    modules = {name.removeprefix("\\"): entry for name, entry in modules.items()}
    counts = {name: _count(entry, modules) for name, entry in modules.items()}
    if flatten and recipe.ice40:
        cells, _ = counts[core.name]
        netlist = json.loads((folder / "netlist.json").read_text())["modules"][core.name]
        cells["cells"] = cells["LUT4"] + len(lone_flip_flops(netlist))
    return counts


def _script(verilog, core, recipe, flatten):
    yield f"read_verilog {Path(verilog).name}"
    yield f"hierarchy -top {core.name}"
    yield f"{recipe.command} {'' if flatten else '-noflatten'} -top {core.name}"
    yield "tee -q -o cells.json stat -json"
    yield "write_json netlist.json"


def run_yosys(folder, script):
    """Run a script of Yosys in ``folder``."""
    run_tool("yosys", ["-q", "-l", "synthesis.log", script], Path(folder), "synthesis.out")


def _count(entry, modules):
    cells = dict.fromkeys(COLUMNS, 0)
    instances = {}
    for cell, number in entry["num_cells_by_type"].items():
        name = cell.removeprefix("\\")
        if name in modules:
            instances[name] = number
        for column, kinds in COLUMNS.items():
            # All iCE40 flip-flops begin with SB_DFF; what follows says which controls they have.
            if name in kinds or (column == "FF" and name.startswith(kinds[0])):
                cells[column] += number
    return cells, instances
