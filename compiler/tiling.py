"""How a layer that the memories cannot hold is cut into tiles."""

from dataclasses import dataclass, replace
from itertools import product
from math import prod

from generators.errors import UserError
from generators.summary import summary

from .program import LOOPS, Full
from .tile import Tile, ceil_div, per_channel, whole_tile

__all__ = ["tile_shapes_of", "tiles_of"]


def tiles_of(layer, core, build, *, whole_sums=False):
    """The tiles of a layer, in the order of execution.

    Starting from the whole layer, the dimension that relieves the full memory is halved until
    every tile builds. Reductions are cut last, outer loops first, so that their order remains.
    Only the first tile of each shape is tried.

    Parameters
    ----------
    layer: Layer
    core: CoreParameters
    build: function
        Tries a tile; raises `Full` if a memory is too small.
    whole_sums: bool
        Leave reductions uncut.

    Raises
    ------
    UserError
        Naming the memory and the bytes that are missing, if nothing is left to cut.
    """
    return [tile for tile, _ in _product(_fitting_axes(layer, core, build, whole_sums))]


def tile_shapes_of(layer, core, build, *, whole_sums=False):
    """The tiles that `tiles_of` has, as (first tile of a shape, how many have it).

    Tiles of one shape cost the same and fit where others of them do.
    """
    return list(_product(_shapes(_fitting_axes(layer, core, build, whole_sums))))


def _fitting_axes(layer, core, build, whole_sums):
    """The `_Axes` of the largest tiles that fit."""
    whole = whole_tile(layer, core.input_lanes)
    sizes = {"channels": whole.channels, "height": whole.height, "width": whole.width,
             "kernel_y": layer.kernel[0], "kernel_x": layer.kernel[1],
             "blocks": len(whole.blocks)}
    while True:
        try:
            axes = _Axes.of(whole, sizes)
            for tile, _ in _product(_shapes(axes)):
                build(tile)
            return axes
        except Full as full:
            _shrink(sizes, full, layer, core, uncut=_REDUCTION if whole_sums else ())


_REDUCTION = ("kernel_y", "kernel_x", "blocks")
_RELIEF = {
    "activations": ("height", "width", "channels", *_REDUCTION),
    "weights": ("channels", *_REDUCTION),
    "accumulators": ("height", "width", "channels"),
    "parameters": ("channels",),
    "program": ("channels", "height", "width"),
    # Loops are long over pixels and channels, where their data are small enough for the memories.
    LOOPS: ("height", "width", "channels", *_REDUCTION),
}


def _shrink(sizes, full, layer, core, uncut):
    """Halve the first dimension that relieves a memory and can still be halved."""
    least = (dict.fromkeys(sizes, 1) | {"channels": _channel_step(layer, core)}
             | {name: sizes[name] for name in uncut})
    for name in _RELIEF[full.memory]:
        step = least[name]
        if sizes[name] > step:
            sizes[name] = ceil_div(ceil_div(sizes[name], 2), step) * step
            return
    memory = summary(core)["memories"][full.memory]
    words, missing_bytes = memory["words"], ceil_div(full.words * memory["bits_per_word"], 8)
    raise UserError([f"{layer.name}: does not fit memories.{full.memory.rstrip('s')}_words: "
                     f"{words}, the smallest tiles lack {full.words} words "
                     f"({missing_bytes} bytes); use a deeper memory"])


def _channel_step(layer, core):
    """Output channels of the smallest tile: whole vectors, and whole words of the input."""
    rows, columns = core.input_lanes, core.output_lanes
    return min(rows, columns) if per_channel(layer) else columns


@dataclass(frozen=True)
class _Axes:
    """How a layer is cut: changes of the whole tile along each axis, and how often each occurs.

    Every combination of one change per axis is a tile; the pieces of a sum follow each other.
    """

    whole: Tile
    channels: list
    rows: list
    columns: list
    pieces: list

    @classmethod
    def of(cls, whole, sizes):
        pieces = list(product(*(_ranges(getattr(whole, name), sizes[name])
                                for name in _REDUCTION)))
        return cls(
            whole,
            [({"channel": part.start, "channels": len(part)}, 1)
             for part in _ranges(range(whole.channels), sizes["channels"])],
            [({"y": part.start, "height": len(part)}, 1)
             for part in _ranges(range(whole.height), sizes["height"])],
            [({"x": part.start, "width": len(part)}, 1)
             for part in _ranges(range(whole.width), sizes["width"])],
            [({**dict(zip(_REDUCTION, piece, strict=True)), "existing": number > 0,
               "complete": number == len(pieces) - 1}, 1)
             for number, piece in enumerate(pieces)])


def _product(axes):
    """(tile, how many there are of it) of every combination."""
    for changes in product(axes.channels, axes.rows, axes.columns, axes.pieces):
        tile = {key: value for change, _ in changes for key, value in change.items()}
        yield axes.whole.part(**tile), prod(count for _, count in changes)


def _shapes(axes):
    """The axes with those changes merged that make tiles of one shape; the first one remains."""
    whole = axes.whole
    # Where a channel reads one input, its useful products are in one of the blocks only.
    placed = whole.layer.kind == "depthwise_conv2d" and not per_channel(whole.layer)
    taps = [list({piece[name]: None for piece, _ in axes.pieces})
            for name in ("kernel_y", "kernel_x")]

    def channels(change):
        return change["channels"]

    def rows(change):
        return change["height"], *(_overhang(whole.part(**change, kernel_y=tap), 0)
                                   for tap in taps[0])

    def columns(change):
        return change["width"], *(_overhang(whole.part(**change, kernel_x=tap), 1)
                                  for tap in taps[1])

    def pieces(change):
        blocks = change["blocks"]
        return (change["kernel_y"], change["kernel_x"], len(blocks), change["existing"],
                change["complete"], len(whole.part(blocks=blocks).input_channels),
                blocks.start if placed else None)

    return replace(axes, channels=_merged(axes.channels, channels), rows=_merged(axes.rows, rows),
                   columns=_merged(axes.columns, columns), pieces=_merged(axes.pieces, pieces))


def _overhang(tile, axis):
    """How far a tile reaches into the input, and from where: all that padding depends on."""
    layer = tile.layer
    reach = (tile.input_rows(), tile.input_columns())[axis]
    start = ((tile.y, tile.x)[axis] * layer.strides[axis]
             + (tile.kernel_y, tile.kernel_x)[axis][0] * layer.dilation[axis])
    return len(reach), start - reach.start


def _merged(changes, shape):
    counts = {}
    for change, count in changes:
        first, before = counts.get(shape(change), (change, 0))
        counts[shape(change)] = first, before + count
    return list(counts.values())


def _ranges(whole, step):
    for start in range(whole.start, whole.stop, step):
        yield range(start, min(start + step, whole.stop))
