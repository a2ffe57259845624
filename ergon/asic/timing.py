"""The longest path of a mapped core, its memories being known by what their libraries say."""

from dataclasses import replace

import numpy as np

from energy.gate_level.cells import Arc, Cell, Pin
from energy.gate_level.netlist import read_netlist
from energy.gate_level.paths import longest_path
from energy.gate_level.tables import Table
from energy.gate_level.timing import analyse
from energy.netlist import module_nets

from .buffers import insert_buffers

__all__ = ["core_timing"]

CLOCK = "clk"


def core_timing(mapped, top, verilog, library, access_s):
    """Where and when a mapped core settles last.

    By NLDM tables; wires without capacitance, an ideal clock, input ports changing at the clock
    edge, register setup not included.

    Parameters
    ----------
    mapped: generators.asic.Mapped
    top: str
    verilog: str
        The RTL, and that of the modules that it leaves out: ports of the black boxes.
    library: energy.gate_level.library.Library
    access_s: dict of str to float
        Black box to seconds from the clock edge to its outputs.

    Returns
    -------
    dict
        ``path_ns, start, end``; ``buffers`` and ``buffers_um2`` of the trees that
        `insert_buffers` has put in; ``through``: instance paths of the modules that the path goes
        through, in order, and the ns at which it leaves each; and ``settles_ns``: instance path to
        when the slowest of the cells in it has settled.
    """
    boxes = {name: _box(name, verilog, access_s[name]) for name in mapped.black_boxes}
    library = replace(library, cells=library.cells | boxes)
    buffered = insert_buffers(read_netlist(mapped.netlist.read_text(), library, top), library,
                              CLOCK)
    netlist = buffered.netlist
    timing = analyse(netlist, library)
    path = longest_path(netlist, library, timing)
    through = []
    for step in path.steps:
        owner = _owner(step.instance)
        if through and through[-1][0] == owner:
            through.pop()
        through.append((owner, 1e9 * step.arrival_s))
    return {"path_ns": 1e9 * path.delay_s, "start": path.start, "end": path.end,
            "through": through,
            "buffers": buffered.buffers, "buffers_um2": buffered.area_um2,
            "settles_ns": _settling(netlist, library, timing)}


def _box(name, verilog, access_s):
    """A library cell with the ports of a black box; its outputs follow the clock."""
    delay = Table(None, None, np.array([[access_s]]))
    slew = Table(None, None, np.array([[0.0]]))
    launch = Arc(related=CLOCK, timing_type="rising_edge", sense="non_unate", when=None,
                 sdf_cond=None, cell_rise=delay, cell_fall=delay, rise_transition=slew,
                 fall_transition=slew)
    pins = {}
    for port, (direction, bits) in module_nets(verilog, name).items():
        for pin in [f"{port}[{bit}]" for bit in range(bits)] if bits > 1 else [port]:
            if direction:
                pins[pin] = Pin(
                    name=pin, direction=direction, capacitance_f=0.0, rise_f=0.0, fall_f=0.0,
                    function=None, three_state=None, clock=pin == CLOCK, powers=(),
                    arcs=(launch,) if direction == "output" else ())
    return Cell(name=name, area_um2=0.0, pins=pins, sequential=None, leakage=(),
                cell_leakage_w=None, is_macro=True, dont_use=False)


def _owner(instance):
    """The instance path of the module that a cell is in; "" is the top."""
    return instance.rpartition(".")[0]


def _settling(netlist, library, timing):
    """Latest arrival at an output of the cells in each instance path, in ns."""
    worst = {}
    arrivals = timing.arrivals_s.max(axis=1)
    for instance, kind, pins in zip(netlist.instances, netlist.kinds, netlist.pins, strict=True):
        cell = library.cells[kind]
        if cell.is_macro:
            continue
        latest = max((arrivals[net] for pin, net in pins.items()
                      if cell.pins[pin].direction == "output"), default=-np.inf)
        owner = _owner(instance)
        worst[owner] = max(worst.get(owner, 0.0), 1e9 * float(latest))
    return worst
