"""How a layer that the memories cannot hold is cut into tiles."""

from generators.errors import UserError
from generators.summary import summary

from .program import LOOPS, Full
from .tile import ceil_div, per_channel, whole_tile

__all__ = ["tiles_of"]


def tiles_of(layer, core, build, *, whole_sums=False):
    """The tiles of a layer, in the order of execution.

    Starting from the whole layer, the dimension that relieves the full memory is halved until
    every tile builds. Reductions are cut last, outer loops first, so that their order remains.

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
    whole = whole_tile(layer, core.input_lanes)
    sizes = {"channels": whole.channels, "height": whole.height, "width": whole.width,
             "kernel_y": layer.kernel[0], "kernel_x": layer.kernel[1],
             "blocks": len(whole.blocks)}
    while True:
        try:
            tiles = list(_cut(whole, sizes))
            for tile in tiles:
                build(tile)
            return tiles
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


def _cut(whole, sizes):
    """Tiles of the given sizes; the pieces of a sum follow each other."""
    kernel_y = list(_ranges(whole.kernel_y, sizes["kernel_y"]))
    kernel_x = list(_ranges(whole.kernel_x, sizes["kernel_x"]))
    blocks = list(_ranges(whole.blocks, sizes["blocks"]))
    pieces = [(y, x, b) for y in kernel_y for x in kernel_x for b in blocks]
    for channel in _ranges(range(whole.channels), sizes["channels"]):
        for y in _ranges(range(whole.height), sizes["height"]):
            for x in _ranges(range(whole.width), sizes["width"]):
                for number, (ky, kx, block) in enumerate(pieces):
                    yield whole.part(
                        channel=channel.start, channels=len(channel), y=y.start, height=len(y),
                        x=x.start, width=len(x), kernel_y=ky, kernel_x=kx, blocks=block,
                        existing=number > 0, complete=number == len(pieces) - 1)


def _ranges(whole, step):
    for start in range(whole.start, whole.stop, step):
        yield range(start, min(start + step, whole.stop))
