"""nextpnr: from a netlist to a placed and routed design, and how fast that is."""

import json
import re
from dataclasses import dataclass

from .synthesis import NETLIST
from .tools import run_tool

__all__ = ["Hop", "Routed", "route"]

LOG, OUTPUT, REPORT, PLACED = "route.log", "route.out", "route.json", "placed.json"
# What nextpnr says when it enters a phase.
PHASES = {"Info: Pack": "packing", "Info: Creating initial": "placing",
          "Info: Running simulated": "refining the placement", "Info: Routing": "routing"}
ARCS = re.compile(r"^Info: +\d+ \|.*\| +(\d+)\|")
PLACE = re.compile(r"X(\d+)/Y(\d+)/")


@dataclass(frozen=True)
class Hop:
    """A step of a path, to a pin of a cell.

    Parameters
    ----------
    kind: str
        ``clk-to-q``, ``logic``, ``routing`` or ``setup``.
    cell: str
    delay_ns: float
    place: tuple of int
        Column and row of the cell.
    """

    kind: str
    cell: str
    delay_ns: float
    place: tuple


@dataclass(frozen=True)
class Routed:
    """A placed and routed design.

    Parameters
    ----------
    fmax_mhz, target_mhz: float
        Of the clock with the least room.
    critical_path: tuple of Hop
    used, available: dict of str to int
        Places of the device by nextpnr's names.
    places: dict of str to (int, int)
        Column and row of each cell.
    """

    fmax_mhz: float
    target_mhz: float
    critical_path: tuple
    used: dict
    available: dict
    places: dict

    @property
    def meets_timing(self):
        """Whether the clock may be as fast as it shall be."""
        return self.fmax_mhz >= self.target_mhz


def route(folder, device, *, target_mhz, seed, options=(), on_phase=None):
    """Place and route ``netlist.json``.

    Always by router1: results of nextpnr's routers do not compare.

    Parameters
    ----------
    folder: Path
        Where `synthesize` has worked.
    device: Device
    target_mhz: float
        For clocks that no constraint speaks of.
    seed: int
        Of the placement.
    options: sequence of str
        Constraints and results, such as ``--lpf`` and ``--textcfg``.
    on_phase: function, optional
        Is called with a few words whenever something new happens.

    Returns
    -------
    Routed
        Slower than it shall be, if that cannot be helped.

    Raises
    ------
    FlowFailed
        If nextpnr fails.
    """
    run_tool(f"nextpnr-{device.family}", [
        *device.nextpnr, "--json", NETLIST, "--seed", str(seed), "--router", "router1",
        "--freq", str(target_mhz), "--timing-allow-fail", "--log", LOG, "--report", REPORT,
        "--write", PLACED, *options], folder, OUTPUT, on_line=_phases(on_phase))
    report = json.loads((folder / REPORT).read_text())
    clock, timing = min(report["fmax"].items(),
                        key=lambda item: item[1]["achieved"] / item[1]["constraint"])
    path = next(entry["path"] for entry in report["critical_paths"]
                if entry["from"] == entry["to"] == f"posedge {clock}")
    kinds = report["utilization"]
    return Routed(
        fmax_mhz=timing["achieved"], target_mhz=timing["constraint"],
        critical_path=tuple(Hop(hop["type"], hop["to"]["cell"], hop["delay"],
                                tuple(hop["to"]["loc"])) for hop in path),
        used={kind: entry["used"] for kind, entry in kinds.items() if entry["used"]},
        available={kind: entry["available"] for kind, entry in kinds.items() if entry["used"]},
        places=_places(json.loads((folder / PLACED).read_text())))


def _phases(on_phase):
    """A reader of nextpnr's lines; it says how many arcs are left to route."""
    def read(line):
        for start, phase in PHASES.items():
            if line.startswith(start):
                on_phase(phase)
        if match := ARCS.match(line):
            on_phase(f"routing, {int(match[1]):,} arcs left")

    return read if on_phase else None


def _places(design):
    [top] = [module for module in design["modules"].values()
             if int(module["attributes"].get("top", "0"), 2)]
    found = {}
    for name, cell in top["cells"].items():
        if match := PLACE.match(cell["attributes"].get("NEXTPNR_BEL", "")):
            found[name] = (int(match[1]), int(match[2]))
    return found
