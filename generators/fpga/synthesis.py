"""Yosys: from Verilog to a netlist of an FPGA's primitives, counted module by module."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .devices import ALONE, count_cells
from .hierarchy import Hierarchy
from .tools import run_tool

__all__ = ["NETLIST", "VERILOG", "Synthesis", "lone_flip_flops", "synthesize"]

NETLIST, LOG, SCRIPT, VERILOG = "netlist.json", "synthesis.log", "synthesis.ys", "netlist.v"


@dataclass(frozen=True)
class Synthesis:
    """A synthesized design.

    Parameters
    ----------
    folder: Path
        Holds ``netlist.json`` for place and route, and the same in Verilog, ``netlist.v``.
    kinds: Counter
        Primitives by their names.
    resources: dict of str to int
        By `RESOURCES`.
    modules: dict of str to dict of str to int
        The same for each instance by its dotted path, what lies below included; the top is ``""``.
    """

    folder: Path
    kinds: Counter
    resources: dict
    modules: dict


def synthesize(folder, sources, top, device, *, instances=(), options=()):
    """Synthesize and flatten.

    Parameters
    ----------
    folder: Path
        Holds the sources; Yosys works there.
    sources: list of str
        Verilog files, or RTLIL if they end in ``.il``.
    top: str
    device: Device
    instances: iterable of str
        Dotted paths of the instances to count apart.
    options: sequence of str
        Of Yosys' synthesis command.

    Returns
    -------
    Synthesis
    """
    folder = Path(folder)
    lines = [f"read_{'rtlil' if source.endswith('.il') else 'verilog'} {source}"
             for source in sources]
    options = [*options, *_inference(folder, sources, device)]
    lines += [f"{device.synthesis} {' '.join(options)} -top {top}", f"write_json {NETLIST}",
              f"write_verilog -noattr {VERILOG}"]
    (folder / SCRIPT).write_text("\n".join(lines) + "\n")
    run_tool("yosys", ["-q", "-l", LOG, SCRIPT], folder, "synthesis.out")
    netlist = json.loads((folder / NETLIST).read_text())["modules"][top]
    alone = lone_flip_flops(netlist) if device.family == "ice40" else set()
    hierarchy, kinds = Hierarchy(instances), {"": Counter()}
    for name, cell in netlist["cells"].items():
        for path in hierarchy.around(name):
            kinds.setdefault(path, Counter()).update([cell["type"], *[ALONE] * (name in alone)])
    modules = {path: count_cells(device, kinds[path]) for path in sorted(kinds)}
    return Synthesis(folder, kinds[""], modules[""], modules)


def _inference(folder, sources, device):
    """Options that let Yosys find more work for DSP blocks, if that is safe.

    On an iCE40 it takes every SB_MAC16 for one of its own, and packs the adders and registers
    behind it into a block that has none free: wrong sums. With blocks of ours it must find none.
    """
    if device.family != "ice40" or any("SB_MAC16" in (folder / source).read_text()
                                       for source in sources):
        return []
    return ["-dsp"]


def lone_flip_flops(netlist):
    """Names of an iCE40's flip-flops that cannot share a logic cell with the LUT that feeds them.

    A few more cells go to carries without a LUT: place and route has the last word.

    Parameters
    ----------
    netlist: dict
        The module in Yosys' JSON.
    """
    readers = Counter(bit for port in netlist["ports"].values() for bit in port["bits"])
    tables, inputs = set(), {}
    for name, cell in netlist["cells"].items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                readers.update(bits)
        if cell["type"] == "SB_LUT4":
            tables.update(cell["connections"]["O"])
        elif cell["type"].startswith("SB_DFF"):
            inputs[name] = cell["connections"]["D"][0]
    return {name for name, bit in inputs.items() if bit not in tables or readers[bit] > 1}
