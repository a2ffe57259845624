"""Buffer trees for nets with many inputs, as place and route puts them in.

Modules are mapped one by one, so that a net from a register of one module to a thousand inputs of
others has no buffer, and its delay says nothing of the chip.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from generators.errors import UserError
from generators.standard_cells import is_special

__all__ = ["FANOUT", "Buffered", "insert_buffers"]

FANOUT = 16  # inputs on one net
SLEW_S = 0.1e-9


@dataclass(frozen=True)
class Buffered:
    """A netlist whose nets drive at most `FANOUT` inputs each, the clock apart."""

    netlist: object
    buffers: int
    area_um2: float


def insert_buffers(netlist, library, clock):
    """Give every net with more than `FANOUT` inputs a tree of buffers.

    Parameters
    ----------
    netlist: energy.gate_level.netlist.Netlist
    library: energy.gate_level.library.Library
    clock: str
        The clock's port: its net is left to the clock tree.

    Returns
    -------
    Buffered

    Raises
    ------
    UserError
        If the library has no buffer.
    """
    cell, into, out = _buffer(library)
    nets, instances, kinds = list(netlist.nets), list(netlist.instances), list(netlist.kinds)
    pins = [dict(connected) for connected in netlist.pins]
    sinks = defaultdict(list)
    for instance, (kind, connected) in enumerate(zip(kinds, pins, strict=True)):
        for pin, net in connected.items():
            if library.cells[kind].pins[pin].direction == "input":
                sinks[net].append((instance, pin))
    for net in sorted(sinks.keys() - {0, 1, *netlist.ports[clock][1]}):
        remaining = sinks[net]
        scope = netlist.nets[net][:netlist.nets[net].rfind(".") + 1]
        while len(remaining) > FANOUT:
            drivers = []
            for first in range(0, len(remaining), FANOUT):
                for instance, pin in remaining[first:first + FANOUT]:
                    pins[instance][pin] = len(nets)
                drivers.append((len(instances), into))
                name = f"{scope}buffer_{len(instances)}"
                pins.append({into: net, out: len(nets)})
                instances.append(name)
                kinds.append(cell.name)
                nets.append(f"{name}_{out}")
            remaining = drivers
    added = len(instances) - len(netlist.instances)
    return Buffered(replace(netlist, nets=nets, instances=instances, kinds=kinds, pins=pins), added,
                    added * cell.area_um2)


def _buffer(library):
    """(cell, input, output) of the buffer that is fastest with `FANOUT` of its like to drive."""
    found = []
    for cell in library.cells.values():
        ways = {way: [pin for pin in cell.pins.values() if pin.direction == way]
                for way in ("input", "output")}
        if cell.dont_use or is_special(cell.name) or {len(pins) for pins in ways.values()} != {1}:
            continue
        (into,), (out,) = ways.values()
        if out.function and out.function.strip("() ") == into.name and not out.three_state:
            load = FANOUT * into.capacitance_f
            delay = max(float(table(SLEW_S, load)) for arc in out.arcs
                        for table in (arc.cell_rise, arc.cell_fall) if table)
            found.append((delay, cell.name, cell, into.name, out.name))
    if not found:
        raise UserError(f"{library.path}: {library.name} has no buffer; name a complete "
                        "standard-cell library")
    return min(found)[2:]
