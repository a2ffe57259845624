"""The schedule of each dataflow: the loop nests that every unit walks for one tile."""

from dataclasses import dataclass

from generators.derive import Dataflow

from .images import streamed_channels
from .nest import Loop, Nest
from .tile import Placement, Tile, ceil_div, per_channel

__all__ = ["SCHEDULES", "Bases", "Mapping", "pixel_block"]


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


def _window_loops(tile, core, placement):
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


def _channel_loop(tile, core):
    """Tiles of output channels; where a channel reads only its own input, the input moves on."""
    step = core.output_words if per_channel(tile.layer) else 0
    return Loop("channels", ceil_div(tile.channels, core.output_lanes), {"address": step})


def _post_nest(core, bases, tile, *loops):
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


def _weight_stationary(tile, core, bases):
    rows = core.input_lanes
    taps, vertical, horizontal, start = _window_loops(tile, core, bases.inputs)
    channels = _channel_loop(tile, core)
    strides = tile.layer.strides
    tiles = channels.bound * tile.reduction_tiles
    shared = tile.layer.kind == "max_pool2d"
    return Mapping(
        tile=tile, flow=Dataflow.WEIGHT_STATIONARY,
        inputs=Nest((channels, *taps, vertical("y", tile.height, strides[0]),
                     horizontal("x", tile.width, strides[1])), start),
        weights=Nest((Loop("tiles", tiles, {"address": 0 if shared else rows}),
                      Loop("rows", rows, {"address": 1})), {"address": bases.weights}),
        accumulate=Nest((Loop("channels", channels.bound,
                              {"address": tile.pixels if tile.stays else 0}),
                         Loop("reduction", tile.reduction_tiles),
                         Loop("pixels", tile.pixels, {"address": 1})),
                        {"address": bases.accumulators}),
        post=_post_nest(core, bases, tile, ("channels", "channels", channels.bound, 1),
                        ("y", "y", tile.height, 1), ("x", "x", tile.width, 1)),
        stationary_tiles=tiles, vectors=tile.pixels, blocks=0, final_every=tile.reduction_tiles,
        marks={"inputs.last": ("y", "x"), "inputs.final": ("kernel_y", "kernel_x", "block"),
               "parameter": ("y", "x"), "tail": ("channels",)})


def _output_stationary(tile, core, bases):
    rows = core.input_lanes
    taps, vertical, horizontal, start = _window_loops(tile, core, bases.inputs)
    channels = _channel_loop(tile, core)
    strides = tile.layer.strides
    ry, rx = pixel_block(tile, rows, whole=False)
    across_y, across_x = ceil_div(tile.height, ry), ceil_div(tile.width, rx)
    spots = across_y * across_x
    shared = tile.layer.kind == "max_pool2d"
    # A maximum is taken in the accumulators, tap by tap; sums are completed in the array.
    rounds = tile.reduction_tiles if shared else 1
    steps = rows * tile.reduction_tiles // rounds
    summed = ("block",) if shared else ("kernel_y", "kernel_x", "block")
    tile_rows = ry * rx
    return Mapping(
        tile=tile, flow=Dataflow.OUTPUT_STATIONARY,
        inputs=Nest((channels, vertical("across_y", across_y, ry * strides[0]),
                     horizontal("across_x", across_x, rx * strides[1]), *taps,
                     vertical("y", ry, strides[0]), horizontal("x", rx, strides[1])), start),
        weights=Nest((Loop("channels", channels.bound, {"address": 0 if shared else steps}),
                      Loop("again", spots * rounds), Loop("steps", steps, {"address": 1})),
                     {"address": bases.weights}),
        accumulate=Nest((
            Loop("channels", channels.bound,
                 {"address": spots * tile_rows if tile.stays else 0}),
            Loop("pixels", spots, {"address": tile_rows if tile.stays else 0}),
            Loop("reduction", rounds), Loop("rows", tile_rows, {"address": 1})),
            {"address": bases.accumulators}),
        post=_post_nest(core, bases, tile, ("channels", "channels", channels.bound, 1),
                        ("across_y", "y", across_y, ry), ("across_x", "x", across_x, rx),
                        ("y", "y", ry, 1), ("x", "x", rx, 1)),
        stationary_tiles=channels.bound * spots * rounds, vectors=tile_rows,
        blocks=tile.reduction_tiles // rounds, final_every=rounds,
        marks={"inputs.first": summed, "inputs.last": summed,
               "inputs.final": ("kernel_y", "kernel_x"),
               "parameter": ("across_y", "across_x", "y", "x"), "tail": ("channels",)})


def _input_stationary(tile, core, bases):
    columns = core.output_lanes
    taps, vertical, horizontal, start = _window_loops(tile, core, bases.inputs)
    strides = tile.layer.strides
    ry, rx = pixel_block(tile, columns, whole=True)
    across_y, across_x = ceil_div(tile.height, ry), ceil_div(tile.width, rx)
    spots = across_y * across_x
    streamed = streamed_channels(tile, core)
    shared = tile.layer.kind == "max_pool2d"
    # The last column is loaded first: the pixels of a block are walked backwards.
    y, x = vertical("y", ry, -strides[0]), horizontal("x", rx, -strides[1])
    bases_back = {key: value - y.strides.get(key, 0) * (ry - 1) - x.strides.get(key, 0) * (rx - 1)
                  for key, value in start.items()}
    reused = 0 if shared else streamed
    return Mapping(
        tile=tile, flow=Dataflow.INPUT_STATIONARY,
        inputs=Nest((vertical("across_y", across_y, ry * strides[0]),
                     horizontal("across_x", across_x, rx * strides[1]), *taps, y, x), bases_back),
        weights=Nest((Loop("pixels", spots),
                      Loop("reduction", tile.reduction_tiles, {"address": reused}),
                      Loop("channels", streamed, {"address": 1})), {"address": bases.weights}),
        accumulate=Nest((Loop("pixels", spots, {"address": streamed if tile.stays else 0}),
                         Loop("reduction", tile.reduction_tiles),
                         Loop("channels", streamed, {"address": 1})),
                        {"address": bases.accumulators}),
        post=_post_nest(core, bases, tile, ("across_y", "y", across_y, ry),
                        ("across_x", "x", across_x, rx),
                        ("channels", "channels", ceil_div(streamed, columns), 1),
                        ("y", "y", ry, 1), ("x", "x", rx, 1)),
        stationary_tiles=spots * tile.reduction_tiles, vectors=streamed, blocks=0,
        final_every=tile.reduction_tiles,
        marks={"weights.last": ("channels",), "weights.final": ("reduction",),
               "parameter": ("y", "x"), "tail": ("channels",)})


# One schedule per dataflow: an engine of any family that declares a dataflow is mapped by it.
SCHEDULES = {Dataflow.WEIGHT_STATIONARY: _weight_stationary,
             Dataflow.OUTPUT_STATIONARY: _output_stationary,
             Dataflow.INPUT_STATIONARY: _input_stationary}


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
