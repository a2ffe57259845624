"""What every schedule is made of: where data lie, loop nests, and how a dataflow uses them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from generators.derive import Dataflow

from ..nest import Loop, Nest
from ..tile import Placement, Tile, ceil_div, per_channel

__all__ = ["FIRST_BEAT", "NEVER", "Bases", "Mapping", "Schedule", "before_first_tile",
           "channel_loop", "last_of_tiles", "last_streamed", "next_tile", "pixel_block",
           "post_nest", "window_loops"]

FIRST_BEAT = 2  # the cycle of a job in which its first operands are offered to the engine


@dataclass(frozen=True)
class Bases:
    """Where a job's data lie in each memory."""

    inputs: Placement
    outputs: Placement | None
    weights: int
    parameters: int
    accumulators: int


@dataclass(frozen=True)
class Mapping:
    """The nests of a job, and the numbers that its cost follows from.

    Parameters
    ----------
    tile: Tile
    flow: Dataflow
    inputs, weights, accumulate: Nest
    post: Nest or None
        None for jobs that leave their sums in the accumulators.
    stationary_tiles: int
        Tiles that follow each other in the engine.
    vectors: int
        Vectors of one of them (output-stationary: drained rows).
    blocks: int
        Output-stationary: blocks of reduction steps in a tile.
    final_every: int
        Every how many tiles one completes its sums.
    marks: dict of str to tuple of str
        Loops behind each mark.
    beats: int
        Beats that load a stationary tile.
    vector_cycles: int
        Cycles that a vector takes.
    """

    tile: Tile
    flow: Dataflow
    inputs: Nest
    weights: Nest
    accumulate: Nest
    post: Nest | None
    stationary_tiles: int
    vectors: int
    blocks: int
    final_every: int
    marks: dict
    beats: int = 0
    vector_cycles: int = 1

    @property
    def choices(self):
        """What was chosen out of several ways to run the tile, as plain data, or None."""
        return None

    @property
    def hops(self):
        """Sums that pass from element to element; None where the engine's geometry says so."""
        return None


class Schedule(ABC):
    """How one dataflow runs a tile: everything that the compiler has to know of it.

    Engines of any family that declare the dataflow are mapped by its schedule.
    """

    flow: Dataflow

    def runs(self, layer, core):
        """Whether there is a mapping of the layer at all."""
        return True

    @abstractmethod
    def map(self, tile, core, bases):
        """The `Mapping` of a tile whose data lie at ``bases``."""

    @abstractmethod
    def weight_image(self, tile, core):
        """[words, lanes] of the weight memory, in the order of use."""

    @abstractmethod
    def last_admission(self, mapping, geometry, interval):
        """The job's cycle from which its last output is ``geometry.latency`` cycles away.

        ``interval`` is the number of cycles that post-processing spends on a vector.
        """

    @abstractmethod
    def sum_places(self, tile, core):
        """[words, columns]: place of each accumulator of a tile in the layer's output, or -1."""

    def outputs_per_admission(self, mapping):
        """Output vectors that one admission of final operands yields."""
        return 1

    def channel_step(self, tile, core):
        """Channels of one job. Where each reads only its own input, the rows have to hold them."""
        if per_channel(tile.layer) and core.input_lanes < core.output_lanes:
            return core.input_lanes
        return tile.channels

    def pieces(self, tile, core):
        """The tile cut by pixels, so that the sums under way of each job fit the accumulators."""
        return [tile]

    def engine_fields(self, mapping):
        """Descriptor fields that only this dataflow's engines have."""
        return {}

    def sums_under_way(self, tile, core):
        """Accumulators that a job uses though its sums do not stay, where pixels do not count."""
        return 0


def window_loops(tile, core, placement):
    """Strides of taps, reduction blocks and output pixels in the input, and its base."""
    layer = tile.layer
    row = placement.width * placement.pixel_words

    def vertical(name, bound, step):
        return Loop(name, bound, {"address": step * row, "y": step})

    def horizontal(name, bound, step):
        return Loop(name, bound, {"address": step * placement.pixel_words, "x": step})

    taps = (vertical("kernel_y", len(tile.kernel_y), layer.dilation[0]),
            horizontal("kernel_x", len(tile.kernel_x), layer.dilation[1]),
            Loop("block", len(tile.blocks), {"address": core.input_words}))
    y = tile.y * layer.strides[0] + tile.kernel_y[0] * layer.dilation[0] - layer.padding[0]
    x = tile.x * layer.strides[1] + tile.kernel_x[0] * layer.dilation[1] - layer.padding[1]
    bases = {"address": placement.address(y, x, tile.input_channels.start),
             "y": y - placement.y, "x": x - placement.x}
    return taps, vertical, horizontal, bases


def channel_loop(tile, core):
    """Tiles of output channels; where a channel reads only its own input, the input moves on."""
    step = core.output_words if per_channel(tile.layer) else 0
    return Loop("channels", ceil_div(tile.channels, core.output_lanes), {"address": step})


def post_nest(core, bases, tile, *loops):
    """Where the output vectors go: loops with their step in channels tiles, rows or columns."""
    out = bases.outputs
    if not tile.to_post:
        return None
    strides = {"channels": {"address": core.output_words, "parameter": core.post_beats},
               "y": {"address": out.width * out.pixel_words, "y": 1},
               "x": {"address": out.pixel_words, "x": 1}}
    return Nest(
        tuple(Loop(name, bound, {key: step * value for key, value in strides[axis].items()})
              for name, axis, bound, step in loops),
        {"address": out.address(tile.y, tile.x, tile.channel), "parameter": bases.parameters,
         "y": 0, "x": 0})


NEVER = -1 << 40    # a cycle before all others


def last_streamed(mapping, geometry, interval):
    """Last step of the last vector past a stationary operand."""
    vectors, cycles = mapping.vectors, mapping.vector_cycles
    return last_of_tiles(mapping, geometry, interval, cycles,
                         lambda pace: (vectors - 1) * max(cycles, pace))


def last_of_tiles(mapping, geometry, interval, first, rest):
    """Last step of the last tile's last vector.

    A tile's vectors start in the cycle after its swap. The swap comes with the last step of the
    tile before, or in the cycle after the tile's last beat was loaded. Its loading starts as soon
    as there is a bank for it: with the last step of the tile that was there before. Final vectors
    keep ``interval`` cycles apart, also across tiles; every group of ``final_every`` tiles ends
    with a final one.

    Parameters
    ----------
    first: int
        Cycles that a tile's first vector takes.
    rest: function
        From the cycles that vectors are apart at least to those that all others take together.
    """
    def ordinary(state):
        return next_tile(state, mapping.beats, first, rest(1))

    def group(state):
        *tiles, final = state
        tiles = _repeat(tuple(tiles), mapping.final_every - 1, ordinary)
        tiles = next_tile(tiles, mapping.beats, first, rest(interval), floor=final + interval)
        return *tiles, tiles[-1]

    start = (*before_first_tile(geometry.banks), NEVER)
    return _repeat(start, mapping.stationary_tiles // mapping.final_every, group)[-1]


def before_first_tile(banks):
    """The state of `next_tile` at a job's start."""
    return FIRST_BEAT - 1, *(NEVER for _ in range(banks))


def next_tile(state, beats, first, rest, floor=NEVER):
    """When a tile is loaded and has passed: cycles of its last beat and of its last step.

    Parameters
    ----------
    state: tuple of int
        The last beat of the tile before, then the last steps of as many tiles as there are banks.
    beats: int
        Of this tile.
    first, rest: int
        Cycles that its first vector takes, and all others together.
    floor: int
        The first vector's last step is not before this cycle.

    Returns
    -------
    tuple of int
        The state after this tile.
    """
    loaded, *steps = state
    loaded = max(loaded + 1, steps[0]) + beats - 1
    last = max(max(loaded + 1, steps[-1]) + first, floor) + rest
    return loaded, *steps[1:], last


def _repeat(state, count, step):
    """``step`` applied ``count`` times; all times move alike as soon as they once have."""
    for done in range(count):
        before, state = state, step(state)
        moved = state[0] - before[0]
        if all(b - a == moved for a, b in zip(before, state, strict=True)):
            return tuple(time + moved * (count - 1 - done) for time in state)
    return state


def pixel_block(tile, lanes, whole):
    """(rows, columns) of output pixels that an array takes at once: fewest blocks, then smallest.

    ``whole`` if every lane must have a pixel (some of them may lie outside the tile).
    """
    shapes = [(ry, lanes // ry) for ry in range(1, lanes + 1) if not whole or lanes % ry == 0]
    if not whole:
        shapes = [(min(ry, tile.height), min(rx, tile.width)) for ry, rx in shapes]
    return min(shapes, key=lambda shape: (ceil_div(tile.height, shape[0])
                                          * ceil_div(tile.width, shape[1]),
                                          shape[0] * shape[1], shape[0]))
