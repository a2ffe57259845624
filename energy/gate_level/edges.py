"""How edges at inputs of cells make edges at their outputs, as arrays over a whole netlist."""

from dataclasses import dataclass

import numpy as np

from generators.errors import UserError

__all__ = [
    "ASYNCHRONOUS",
    "FALL",
    "LAUNCHING",
    "RISE",
    "Edges",
    "TableStack",
    "arc_edges",
    "levels",
    "nets_by_pin",
]

RISE, FALL = 0, 1
LAUNCHING = {"rising_edge": RISE, "falling_edge": FALL}  # clock edge of an arc from a clock pin
ASYNCHRONOUS = ("clear", "preset")
_SENSES = {
    "positive_unate": ((RISE, RISE), (FALL, FALL)),
    "negative_unate": ((FALL, RISE), (RISE, FALL)),
    "non_unate": ((RISE, RISE), (FALL, RISE), (RISE, FALL), (FALL, FALL)),
}


@dataclass(frozen=True)
class Edges:
    """Parallel arrays: an entry per instance, delay arc, and pair of input and output edge.

    Attributes
    ----------
    sources, targets: int ndarray
        Net * 2 + edge (rise 0, fall 1) of the input and of the output.
    instances, arcs: int ndarray
        Index of the instance, and of the arc in ``arc_list``.
    delays, transitions: int ndarray
        Index into the `TableStack`.
    arc_list: list of Arc
    tables: TableStack
    """

    sources: np.ndarray
    targets: np.ndarray
    instances: np.ndarray
    arcs: np.ndarray
    delays: np.ndarray
    transitions: np.ndarray
    arc_list: list
    tables: "TableStack"


class TableStack:
    """Many lookup tables side by side, so that one call reads another table at each entry."""

    def __init__(self, tables):
        self.slews, self.slew_ends = _axes([table.slews_s for table in tables])
        self.loads, self.load_ends = _axes([table.loads_f for table in tables])
        self.values = np.zeros((len(tables), self.slews.shape[1], self.loads.shape[1]))
        for values, table in zip(self.values, tables, strict=True):
            rows, columns = table.values.shape
            values[:rows, :columns] = table.values
            values[rows:, :columns] = table.values[-1]  # absent axes: two equal points
            values[:, columns:] = values[:, columns - 1 : columns]

    def __call__(self, index, slew_s, load_f):
        """Bilinear interpolation as in `Table`, in table ``index`` of each entry."""
        row, y = _bracket(self.slews[index], self.slew_ends[index], slew_s)
        column, x = _bracket(self.loads[index], self.load_ends[index], load_f)
        near, far = (
            (1 - x) * self.values[index, at, column] + x * self.values[index, at, column + 1]
            for at in (row, row + 1)
        )
        return near * (1 - y) + far * y


def _axes(axes):
    """Axes padded with infinity, and how many points each has; an absent axis is 0 and 1."""
    axes = [np.array([0.0, 1.0]) if axis is None else axis for axis in axes]
    lengths = np.array([len(axis) for axis in axes], int)
    padded = np.full((len(axes), lengths.max(initial=2)), np.inf)
    for row, axis in zip(padded, axes, strict=True):
        row[: len(axis)] = axis
    return padded, lengths


def _bracket(axes, lengths, at):
    low = np.clip((axes <= at[:, None]).sum(axis=1) - 1, 0, lengths - 2)
    entry = np.arange(len(low))
    start = axes[entry, low]
    return low, (at - start) / (axes[entry, low + 1] - start)


def nets_by_pin(netlist):
    """Cell kind to (its instances, {pin: net of each, or -1}), both as int ndarrays."""
    members = {}
    for index, kind in enumerate(netlist.kinds):
        members.setdefault(kind, []).append(index)
    nets = {}
    for kind, instances in members.items():
        pins = dict.fromkeys(pin for index in instances for pin in netlist.pins[index])
        nets[kind] = (
            np.array(instances),
            {
                pin: np.array([netlist.pins[index].get(pin, -1) for index in instances])
                for pin in pins
            },
        )
    return nets


def arc_edges(nets, library, constants):
    """`Edges` of all delay arcs whose pins are connected.

    ``nets`` is that of `nets_by_pin`; the first ``constants`` nets make no edges.
    """
    arc_list, tables, parts = [], {}, []

    def index(table):
        return tables.setdefault(table, len(tables))

    for kind, (instances, pins) in nets.items():
        for pin in library.cells[kind].pins.values():
            for arc in pin.arcs:
                if (
                    pin.name not in pins
                    or arc.related not in pins
                    or arc.timing_type == "three_state_disable"
                ):
                    continue
                source, target = pins[arc.related], pins[pin.name]
                there = (source >= constants) & (target >= 0)
                arc_list.append(arc)
                for before, after in _pairs(arc):
                    delay, transition = (
                        (arc.cell_rise, arc.rise_transition),
                        (arc.cell_fall, arc.fall_transition),
                    )[after]
                    if delay is None or transition is None:
                        continue
                    ones = np.ones(there.sum(), np.int64)
                    parts.append(
                        (
                            2 * source[there] + before,
                            2 * target[there] + after,
                            instances[there],
                            ones * (len(arc_list) - 1),
                            ones * index(delay),
                            ones * index(transition),
                        )
                    )
    columns = (
        [np.concatenate(column) for column in zip(*parts, strict=True)]
        if parts
        else [np.zeros(0, int)] * 6
    )
    return Edges(*columns, arc_list, TableStack(list(tables)))


def _pairs(arc):
    """(input edge, output edge) that the arc has."""
    launching = LAUNCHING.get(arc.timing_type)
    if launching is not None:
        return (launching, RISE), (launching, FALL)
    return _SENSES[arc.sense]


def levels(sources, targets, nets, names):
    """Level of each net: 0 without sources, else one more than the highest of its sources.

    Raises
    ------
    UserError
        For a combinational loop.
    """
    pairs = np.unique(sources * nets + targets)
    sources, targets = pairs // nets, pairs % nets
    bounds = np.searchsorted(sources, np.arange(nets + 1))
    waiting = np.bincount(targets, minlength=nets)
    level = np.zeros(nets, np.int64)
    ready, depth = np.flatnonzero(waiting == 0), 0
    while len(ready):
        level[ready] = depth
        counts = bounds[ready + 1] - bounds[ready]
        edges = np.repeat(bounds[ready] - np.cumsum(counts) + counts, counts) + np.arange(
            counts.sum()
        )
        reached = np.bincount(targets[edges], minlength=nets)
        waiting -= reached
        ready = np.flatnonzero((waiting == 0) & (reached > 0))
        depth += 1
    looped = np.flatnonzero(waiting > 0)
    if len(looped):
        raise UserError(
            f"netlist: net {names[looped[0]]} is in or behind a combinational loop; break the loop"
        )
    return level
