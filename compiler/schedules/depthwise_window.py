"""Depthwise windows: each column adds up a window of its own channel, which slides along rows."""

from dataclasses import dataclass

import numpy as np

from generators.derive import Dataflow

from ..images import depthwise_kernel
from ..nest import Loop, Nest
from ..tile import ceil_div, per_channel
from .schedule import Mapping, channel_loop, last_of_tiles, post_nest, window_loops
from .weight_stationary import WeightStationary

__all__ = ["DepthwiseWindow", "WindowMapping"]


@dataclass(frozen=True)
class WindowMapping(Mapping):
    """A mapping with windows: inputs that come before a row's first output, and between outputs.

    Both count the input that completes the window.
    """

    fill: int = 1
    step: int = 1


class DepthwiseWindow(WeightStationary):
    """Loops: channel tiles, groups of kernel columns, then output rows, columns and kernel rows.

    A window holds as many kernel columns as there is room for, and moves by one input column.
    Where windows do not overlap, or their columns are not neighbours, each is read on its own.
    """

    flow = Dataflow.DEPTHWISE_WINDOW

    def runs(self, layer, core):
        sums = per_channel(layer) and layer.kind != "max_pool2d"
        return sums and layer.kernel[0] <= core.engine.rows

    def map(self, tile, core, bases):
        geometry = core.engine.geometry(self.flow)
        taps, vertical, horizontal, start = window_loops(tile, core, bases.inputs)
        kernel_y, _, _ = taps
        groups, width = _groups(tile, core)
        stride, dilation = tile.layer.strides[1], tile.layer.dilation[1]
        slides = stride < width and dilation == 1
        if slides:
            columns = (horizontal("x", (tile.width - 1) * stride + width, 1),)
        else:
            columns = (horizontal("x", tile.width, stride),
                       horizontal("kernel_x", width, dilation))
        row = ("x", "kernel_x", "kernel_y")
        channels = channel_loop(tile, core)
        tiles = channels.bound * groups
        return WindowMapping(
            tile=tile, flow=self.flow,
            inputs=Nest((channels, horizontal("group", groups, width * dilation),
                         vertical("y", tile.height, tile.layer.strides[0]), *columns, kernel_y),
                        start),
            weights=Nest((Loop("tiles", tiles, {"address": geometry.stationary_beats}),
                          Loop("beats", geometry.stationary_beats, {"address": 1})),
                         {"address": bases.weights}),
            accumulate=Nest((Loop("channels", channels.bound,
                                  {"address": tile.pixels if tile.stays else 0}),
                             Loop("reduction", groups),
                             Loop("pixels", tile.pixels, {"address": 1})),
                            {"address": bases.accumulators}),
            post=post_nest(core, bases, tile, ("channels", "channels", channels.bound, 1),
                           ("y", "y", tile.height, 1), ("x", "x", tile.width, 1)),
            stationary_tiles=tiles, vectors=tile.pixels, blocks=0, final_every=groups,
            marks={"inputs.first": row, "inputs.last": ("y", *row), "inputs.final": ("group",),
                   "parameter": ("y", "x"), "tail": ("channels",)},
            beats=geometry.stationary_beats,
            fill=width * kernel_y.bound,
            step=(stride if slides else width) * kernel_y.bound)

    def weight_image(self, tile, core):
        """The newest input of a window, that of its last row and column, is in the first row."""
        rows, columns = core.input_lanes, core.output_lanes
        groups, width = _groups(tile, core)
        height, tiles = len(tile.kernel_y), ceil_div(tile.channels, columns)
        kernel = np.zeros((height, groups * width, tiles * columns), dtype=np.int64)
        kernel[:, :len(tile.kernel_x), :tile.channels] = depthwise_kernel(tile)
        places = kernel.reshape(height, groups, width, tiles, columns).transpose(3, 1, 2, 0, 4)
        image = np.zeros((tiles, groups, rows, columns), dtype=np.int64)
        image[:, :, :width * height] = places.reshape(tiles, groups, -1, columns)[:, :, ::-1]
        beats = image.reshape(tiles, groups, -1, core.weight_lanes)
        return beats[:, :, ::-1].reshape(-1, core.weight_lanes)

    def last_admission(self, mapping, geometry, interval):
        """Only inputs that complete a window wait for the pace of final vectors."""
        tile, fill, step = mapping.tile, mapping.fill, mapping.step

        def rest(pace):
            row = (tile.width - 1) * max(step, pace)
            return (tile.height - 1) * (row + max(fill, pace)) + row

        return last_of_tiles(mapping, geometry, interval, fill, rest)

    def reduction_tiles(self, tile, core):
        return _groups(tile, core)[0]

    def engine_fields(self, mapping):
        return {"engine.window": 1, "engine.window_fill": mapping.fill - 1,
                "engine.window_step": mapping.step - 1}


def _groups(tile, core):
    """Groups of kernel columns that fill windows one after the other, and columns of each."""
    columns = len(tile.kernel_x)
    groups = ceil_div(columns, core.engine.rows // len(tile.kernel_y))
    return groups, ceil_div(columns, groups)
