"""Loads, slews, delays and arrival times of a mapped netlist by its library's NLDM tables.

The slew at a cell's output is the worst over its arcs, whatever their ``when`` says, as static
timing analysis merges them; wires have capacitance and no resistance.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from energy.gate_level.edges import (
    ASYNCHRONOUS,
    LAUNCHING,
    Edges,
    arc_edges,
    levels,
    nets_by_pin,
)
from energy.gate_level.netlist import CONSTANTS
from generators.errors import UserError

__all__ = ["Timing", "analyse"]


@dataclass(frozen=True)
class Timing:
    """What `analyse` finds; every last axis of 2 is (rise, fall).

    Attributes
    ----------
    loads_f: float ndarray, [nets]
        Capacitance that a driver sees: input pins, wire and port load.
    slews_s: float ndarray, [nets, 2]
        Transition times; 0 for nets without a driver.
    arrivals_s: float ndarray, [nets, 2]
        Latest time after the clock edge, or after the change of an input port; -inf for nets
        without a driver.
    edges: Edges
    edge_delays_s: float ndarray
        Delay of each of ``edges``.
    """

    loads_f: np.ndarray
    slews_s: np.ndarray
    arrivals_s: np.ndarray
    edges: Edges
    edge_delays_s: np.ndarray

    @cached_property
    def delays(self):
        """(index of the instance, Arc) to (rise_s, fall_s), the worst over the input's edges.

        An edge of the output that the arc cannot cause has NaN.
        """
        edges = self.edges
        arcs, place = np.unique(
            edges.instances * len(edges.arc_list) + edges.arcs, return_inverse=True
        )
        worst = np.full((len(arcs), 2), -np.inf)
        np.maximum.at(worst, (place, edges.targets & 1), self.edge_delays_s)
        worst[np.isinf(worst)] = np.nan
        instances, kinds = np.divmod(arcs, max(1, len(edges.arc_list)))
        return {
            (instance, edges.arc_list[kind]): (rise, fall)
            for instance, kind, (rise, fall) in zip(
                instances.tolist(), kinds.tolist(), worst.tolist(), strict=True
            )
        }


def analyse(
    netlist,
    library,
    *,
    wire_f_per_fanout=0.0,
    input_slew_s=0.1e-9,
    clock_slew_s=0.1e-9,
    output_load_f=0.01e-12,
):
    """Analyse a netlist.

    Parameters
    ----------
    wire_f_per_fanout: float
        Wire capacitance per input pin on a net.
    input_slew_s, clock_slew_s: float
        Transition times at input ports, and at every clock pin of a register: the clock is ideal.
    output_load_f: float or dict of str to float
        Load on each output port; a dictionary gives it by port, and nothing for the others.

    Raises
    ------
    UserError
        For a combinational loop, or the load of a port that is none.

    Returns
    -------
    Timing
    """
    nets = nets_by_pin(netlist)
    count = len(netlist.nets)
    loads = _loads(netlist, nets, library, wire_f_per_fanout, output_load_f)
    edges = arc_edges(nets, library, len(CONSTANTS))
    kinds = [arc.timing_type for arc in edges.arc_list]
    launching = np.array([kind in LAUNCHING for kind in kinds], bool)[edges.arcs]
    asynchronous = np.array([kind in ASYNCHRONOUS for kind in kinds], bool)[edges.arcs]
    clocks = np.unique(edges.sources[launching] // 2)
    slews = np.zeros((count, 2))
    arrivals = np.full((count, 2), -np.inf)
    inputs = [
        bit for direction, bits in netlist.ports.values() if direction != "output" for bit in bits
    ]
    slews[inputs], arrivals[inputs] = input_slew_s, 0.0
    slews[clocks], arrivals[clocks] = clock_slew_s, 0.0
    # What resets a register does not start a path, and nothing is worse than an ideal clock.
    followed = np.flatnonzero(~asynchronous & ~np.isin(edges.targets // 2, clocks))
    level = levels(edges.sources[followed] // 2, edges.targets[followed] // 2, count, netlist.nets)
    depth = level[edges.targets[followed] // 2]
    followed = followed[np.argsort(depth, kind="stable")]
    delays = np.zeros(len(edges.sources))
    bounds = np.searchsorted(np.sort(depth), np.arange(1, level.max(initial=0) + 2))
    flat_loads, flat_slews, flat_arrivals = (
        array.reshape(-1) for array in (loads, slews, arrivals)
    )
    for first, last in pairwise(bounds):
        step = followed[first:last]
        source, target = edges.sources[step], edges.targets[step]
        load = flat_loads[target]
        delays[step] = edges.tables(edges.delays[step], flat_slews[source], load)
        np.maximum.at(
            flat_slews, target, edges.tables(edges.transitions[step], flat_slews[source], load)
        )
        np.maximum.at(flat_arrivals, target, flat_arrivals[source] + delays[step])
    rest = np.setdiff1d(np.arange(len(delays)), followed)
    delays[rest] = edges.tables(
        edges.delays[rest], flat_slews[edges.sources[rest]], flat_loads[edges.targets[rest]]
    )
    return Timing(loads.max(axis=1), slews, arrivals, edges, delays)


def _loads(netlist, nets, library, wire_f_per_fanout, output_load_f):
    pins_f = np.zeros((len(netlist.nets), 2))
    wires_f = np.zeros(len(netlist.nets))
    for kind, (_, pins) in nets.items():
        for name, at in pins.items():
            pin = library.cells[kind].pins[name]
            if pin.direction == "input":
                np.add.at(pins_f, at[at >= 0], (pin.rise_f, pin.fall_f))
                np.add.at(wires_f, at[at >= 0], wire_f_per_fanout)
    outputs = {
        name: bits for name, (direction, bits) in netlist.ports.items() if direction != "input"
    }
    if not isinstance(output_load_f, dict):
        output_load_f = dict.fromkeys(outputs, output_load_f)
    for name, load in output_load_f.items():
        if name not in outputs:
            raise UserError(
                f"output load: {name} is not an output of {netlist.top}; "
                f"it has {', '.join(outputs)}"
            )
        np.add.at(wires_f, outputs[name], load)
    return pins_f + wires_f[:, None]
