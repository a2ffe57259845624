"""How large a generated core is: logic cells by Yosys, counted by the modules that are placed."""

import json
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

from .fpga.tools import find_tool

__all__ = ["count_cells"]

# iCE40 primitives without DSPs: four-input tables, flip-flops of any kind, block RAMs. Carries have
# their place beside a table.
COLUMNS = {"luts": "SB_LUT4", "flip_flops": "SB_DFF", "block_rams": "SB_RAM40_4K"}
SCRIPT, LOG = "cells.ys", "cells.log"
STATISTICS = "cells.json"


def count_cells(verilog, top):
    """Cells of a core; each module is synthesized once and counted as often as it is placed.

    Parameters
    ----------
    verilog: Path
        File with the core; Yosys works in its folder.
    top: str

    Returns
    -------
    core, array: dict of str to int
        Of all, and of the engine alone: ``luts``, ``flip_flops`` and ``block_rams``, of an iCE40
        without DSPs; optimizations across modules, which every core would get, are left out.

    Raises
    ------
    UserError
        If Yosys is missing.
    """
    program, folder = find_tool("yosys", native=False).program, Path(verilog).parent
    (folder / SCRIPT).write_text("\n".join((
        f"read_verilog {Path(verilog).name}", f"hierarchy -top {top}",
        f"synth_ice40 -noflatten -top {top}", f"tee -q -o {STATISTICS} stat -json", "")))
    # In its folder: yowasp's has a file system of its own but for that.
    done = subprocess.run([program, "-q", "-l", LOG, SCRIPT], cwd=folder,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"Yosys failed; see {folder / LOG}")
    modules = json.loads((folder / STATISTICS).read_text())["modules"]
    modules = {name.removeprefix("\\"): {cell.removeprefix("\\"): number for cell, number
                                         in entry["num_cells_by_type"].items()}
               for name, entry in modules.items()}

    @cache
    def total(name):
        cells = Counter()
        for kind, number in modules[name].items():
            if kind in modules:
                for column, below in total(kind).items():
                    cells[column] += number * below
            for column, prefix in COLUMNS.items():
                cells[column] += number * kind.startswith(prefix)
        return cells

    engine = re.search(r"^ *(\S+) engine \($", Path(verilog).read_text(), re.MULTILINE)
    return tuple({column: total(name)[column] for column in COLUMNS}
                 for name in (top, engine[1]))
