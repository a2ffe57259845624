"""What every schedule is made of: where data lie, loop nests, and how a dataflow uses them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from generators.derive import Dataflow

from ..nest import Loop, Nest
from ..tile import Placement, Tile, ceil_div, per_channel

__all__ = ["FIRST_BEAT", "Bases", "Mapping", "Schedule", "channel_loop", "last_streamed",
           "pixel_block", "post_nest", "window_loops"]

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


class Schedule(ABC):
    """How one dataflow runs a tile: everything that the compiler has to know of it.

    Engines of any family that declare the dataflow are mapped by its schedule.
    """

    flow: Dataflow

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

    def pixel_limit(self, tile, core):
        """Pixels of one job whose sums do not stay; None if it may have any number."""
        return None

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


def last_streamed(mapping, beats, interval):
    """Admission of the last vector past a stationary operand of ``beats`` beats.

    A tile's vectors start in the cycle after its swap. The swap comes with the last vector of the
    tile before, unless the tile is still being loaded: loading starts with the swap before and
    takes ``beats`` cycles. Final vectors keep ``interval`` cycles apart, also across tiles. Every
    group of ``final_every`` tiles ends with a final one; groups repeat as soon as the slack
    between the last vector and the next swap does.
    """
    vectors = mapping.vectors
    groups = mapping.stationary_tiles // mapping.final_every
    ordinary = (mapping.final_every - 1) * max(beats, vectors)
    swap, last, slack, period = FIRST_BEAT + beats, -interval, None, 0
    for done in range(groups):
        final_swap = swap + ordinary
        first = max(final_swap + 1, last + interval)
        period, last = first + (vectors - 1) * interval - last, first + (vectors - 1) * interval
        swap = max(final_swap + beats, last)
        if slack == (slack := swap - last):
            return last + (groups - 1 - done) * period
    return last


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
