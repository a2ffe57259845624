"""Input-stationary: tiles of pixels stay, channels stream past them; outputs are transposed."""

import numpy as np

from generators.derive import Dataflow

from ..images import reduction_weights
from ..nest import Loop, Nest
from ..tile import ceil_div, per_channel
from .schedule import Mapping, Schedule, last_streamed, pixel_block, post_nest, window_loops

__all__ = ["InputStationary"]


class InputStationary(Schedule):
    """Loops: blocks of pixels, kernel, reduction blocks, then all channels.

    A weight word has the weights of one channel; words lie by reduction blocks, then channels.
    """

    flow = Dataflow.INPUT_STATIONARY

    def map(self, tile, core, bases):
        columns = core.output_lanes
        taps, vertical, horizontal, start = window_loops(tile, core, bases.inputs)
        strides = tile.layer.strides
        ry, rx = pixel_block(tile, columns, whole=True)
        across_y, across_x = ceil_div(tile.height, ry), ceil_div(tile.width, rx)
        spots = across_y * across_x
        streamed = streamed_channels(tile, core)
        shared = tile.layer.kind == "max_pool2d"
        # The last column is loaded first: the pixels of a block are walked backwards.
        y, x = vertical("y", ry, -strides[0]), horizontal("x", rx, -strides[1])
        last = {key: value - y.strides.get(key, 0) * (ry - 1)
                - x.strides.get(key, 0) * (rx - 1) for key, value in start.items()}
        reused = 0 if shared else streamed
        return Mapping(
            tile=tile, flow=self.flow,
            inputs=Nest((vertical("across_y", across_y, ry * strides[0]),
                         horizontal("across_x", across_x, rx * strides[1]), *taps, y, x), last),
            weights=Nest((Loop("pixels", spots),
                          Loop("reduction", tile.reduction_tiles, {"address": reused}),
                          Loop("channels", streamed, {"address": 1})), {"address": bases.weights}),
            accumulate=Nest((Loop("pixels", spots, {"address": streamed if tile.stays else 0}),
                             Loop("reduction", tile.reduction_tiles),
                             Loop("channels", streamed, {"address": 1})),
                            {"address": bases.accumulators}),
            post=post_nest(core, bases, tile, ("across_y", "y", across_y, ry),
                            ("across_x", "x", across_x, rx),
                            ("channels", "channels", ceil_div(streamed, columns), 1),
                            ("y", "y", ry, 1), ("x", "x", rx, 1)),
            stationary_tiles=spots * tile.reduction_tiles, vectors=streamed, blocks=0,
            final_every=tile.reduction_tiles,
            marks={"weights.last": ("channels",), "weights.final": ("reduction",),
                   "parameter": ("y", "x"), "tail": ("channels",)},
            beats=core.engine.geometry(self.flow).stationary_beats)

    def weight_image(self, tile, core):
        weights = reduction_weights(tile, core.input_lanes, core.input_lanes)
        image = np.zeros((len(weights), streamed_channels(tile, core), core.input_lanes),
                         dtype=np.int64)
        image[:, :tile.channels] = weights.transpose(0, 2, 1)
        return image.reshape(-1, core.input_lanes)

    def last_admission(self, mapping, geometry, interval):
        return last_streamed(mapping, geometry, interval)

    def sum_places(self, tile, core):
        ry, rx = pixel_block(tile, core.output_lanes, whole=True)
        across_y, across_x, channel, y, x = np.ix_(
            range(ceil_div(tile.height, ry)), range(ceil_div(tile.width, rx)),
            range(streamed_channels(tile, core)), range(ry), range(rx))
        places = tile.output_places(across_y * ry + y, across_x * rx + x, channel)
        return places.reshape(-1, core.output_lanes)

    def channel_step(self, tile, core):
        step = core.input_lanes if per_channel(tile.layer) else tile.channels
        if tile.stays:
            return step
        return min(step, core.accumulator_words // core.output_lanes * core.output_lanes)

    def sums_under_way(self, tile, core):
        return streamed_channels(tile, core) if tile.reduction_tiles > 1 else 0


def streamed_channels(tile, core):
    """Channels that stream past a tile: whole squares where outputs are transposed.

    All parts of a sum have as many, so that their places in the accumulators are the same.
    """
    if tile.layer.raw:
        return tile.channels
    return ceil_div(tile.channels, core.output_lanes) * core.output_lanes
