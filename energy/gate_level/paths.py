"""The longest path of a mapped netlist."""

from dataclasses import dataclass

import numpy as np

from energy.gate_level.edges import LAUNCHING
from generators.errors import UserError

__all__ = ["Path", "Step", "longest_path"]


@dataclass(frozen=True)
class Step:
    """A cell on a path, and when its output settles."""

    instance: str
    kind: str
    arrival_s: float


@dataclass(frozen=True)
class Path:
    """A path from a register's clock pin or an input port to a register's input or an output port.

    ``delay_s`` includes the launching register and no setup time; ``start`` and ``end`` are
    ``pe_0._12_.CLK`` or the name of a port's bit; ``steps`` is a tuple of `Step`.
    """

    delay_s: float
    start: str
    end: str
    steps: tuple


def longest_path(netlist, library, timing):
    """The `Path` that settles last after the clock edge, input ports changing at that edge.

    It ends before the setup time of its register: constraint tables are not read.

    Raises
    ------
    UserError
        If no register input and no output port depends on anything.
    """
    ends = _ends(netlist, library)
    nets = np.array(list(ends), int)
    arrivals = timing.arrivals_s[nets].max(axis=1, initial=-np.inf)
    if not len(nets) or np.isinf(arrivals.max()):
        raise UserError(
            f"netlist: {netlist.top} has no path to a register or output; name another top module"
        )
    net = int(nets[arrivals.argmax()])
    end, delay = ends[net], float(arrivals.max())
    edges, flat = timing.edges, timing.arrivals_s.reshape(-1)
    node = 2 * net + int(timing.arrivals_s[net].argmax())
    start, steps = None, []
    while start is None:
        into = np.flatnonzero(edges.targets == node)
        causes = into[flat[edges.sources[into]] + timing.edge_delays_s[into] == flat[node]]
        if not len(causes):
            start = netlist.nets[node // 2]
            break
        edge = causes[0]
        instance, arc = edges.instances[edge], edges.arc_list[edges.arcs[edge]]
        steps.append(Step(netlist.instances[instance], netlist.kinds[instance], float(flat[node])))
        if arc.timing_type in LAUNCHING:
            start = f"{netlist.instances[instance]}.{arc.related}"
        node = edges.sources[edge]
    return Path(delay, start, end, tuple(reversed(steps)))


def _ends(netlist, library):
    """Net to the name of where a path over it ends."""
    ends = {}
    for name, (direction, bits) in netlist.ports.items():
        if direction != "input":
            for index, net in enumerate(bits):
                ends[net] = f"{name}[{index}]" if len(bits) > 1 else name
    clocks = {
        kind: {
            arc.related
            for pin in library.cells[kind].pins.values()
            for arc in pin.arcs
            if arc.timing_type in LAUNCHING
        }
        for kind in set(netlist.kinds)
    }
    for instance, kind, pins in zip(netlist.instances, netlist.kinds, netlist.pins, strict=True):
        cell = library.cells[kind]
        if cell.sequential is None and not cell.is_macro:
            continue
        for pin, net in pins.items():
            if cell.pins[pin].direction == "input" and pin not in clocks[kind]:
                ends.setdefault(net, f"{instance}.{pin}")
    return ends
