"""Verilog models of FPGA cells: those that Yosys ships, and ours of its black boxes."""

import re
from pathlib import Path

__all__ = ["cell_models"]

OWN = Path(__file__).parent / "cells"
SHIPPED = {"ecp5": ("ecp5/common_sim.vh", "ecp5/ccu2c_sim.vh"), "ice40": ("ice40/cells_sim.v",)}
# With what stands before it: attributes, and the lines in between.
MODULE = re.compile(r"^(?:\(\*[^\n]*\*\)\n)?module (\w+)\b.*?^endmodule", re.MULTILINE | re.DOTALL)
SPECIFY = re.compile(r"^\s*specify\b.*?^\s*endspecify\b.*?$", re.MULTILINE | re.DOTALL)
# Of ports: Yosys connects them all, and not every simulator takes a default.
NO_DEFAULTS = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n"
WORD = re.compile(r"\b[A-Za-z_]\w*")


def cell_models(family, verilog, share):
    """Models of the cells that a netlist places, and of what these place, as Verilog text.

    Delays are left out. Only the modules that are needed: not every simulator reads all of them.

    Parameters
    ----------
    family: str
        ``ecp5`` or ``ice40``.
    verilog: str
        The netlist.
    share: Path
        Yosys' folder of data files.
    """
    sources = [*(share / name for name in SHIPPED[family]), *OWN.glob(f"{family}.v")]
    texts = [source.read_text() for source in sources]
    known = {match[1]: SPECIFY.sub("", match[0]) for text in texts
             for match in MODULE.finditer(text)}
    macros = NO_DEFAULTS + "".join(text[:MODULE.search(text).start()] for text in texts)
    needed, left = {}, set(WORD.findall(verilog))
    while left:
        found = {name: known[name] for name in left & known.keys() if name not in needed}
        needed |= found
        left = {word for text in found.values() for word in WORD.findall(text)}
    return "\n".join([macros, *(needed[name] for name in sorted(needed))]) + "\n"
