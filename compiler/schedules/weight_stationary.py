"""Weight-stationary: tiles of weights stay, pixels stream past them."""

import numpy as np

from generators.derive import Dataflow

from ..images import tiled_weights
from ..nest import Loop, Nest
from ..tile import ceil_div, per_channel, used_rows
from .schedule import Mapping, Schedule, channel_loop, last_streamed, post_nest, window_loops

__all__ = ["WeightStationary"]


class WeightStationary(Schedule):
    """Loops: channel tiles, kernel, reduction blocks, then all pixels; sums in the accumulators.

    Weights lie tile by tile, the last rows of a tile first, as the array is filled.
    """

    flow = Dataflow.WEIGHT_STATIONARY

    def map(self, tile, core, bases):
        geometry = core.engine.geometry(self.flow)
        beats = _beats(tile, geometry)
        taps, vertical, horizontal, start = window_loops(tile, core, bases.inputs)
        channels = channel_loop(tile, core)
        strides = tile.layer.strides
        tiles = channels.bound * tile.reduction_tiles
        shared = tile.layer.kind == "max_pool2d"
        marks = {"inputs.last": ("y", "x"), "inputs.final": ("kernel_y", "kernel_x", "block"),
                 "parameter": ("y", "x"), "tail": ("channels",)}
        if geometry.marks_tail:
            marks["inputs.tail"] = ("channels",) if per_channel(tile.layer) else ("block",)
        return Mapping(
            tile=tile, flow=self.flow,
            inputs=Nest((channels, *taps, vertical("y", tile.height, strides[0]),
                         horizontal("x", tile.width, strides[1])), start),
            weights=Nest((Loop("tiles", tiles, {"address": 0 if shared else beats}),
                          Loop("beats", beats, {"address": 1})), {"address": bases.weights}),
            accumulate=Nest((Loop("channels", channels.bound,
                                  {"address": tile.pixels if tile.stays else 0}),
                             Loop("reduction", tile.reduction_tiles),
                             Loop("pixels", tile.pixels, {"address": 1})),
                            {"address": bases.accumulators}),
            post=post_nest(core, bases, tile, ("channels", "channels", channels.bound, 1),
                            ("y", "y", tile.height, 1), ("x", "x", tile.width, 1)),
            stationary_tiles=tiles, vectors=tile.pixels, blocks=0, final_every=tile.reduction_tiles,
            marks=marks, beats=beats,
            vector_cycles=core.engine.vector_cycles(tile.layer.input_bits(core.engine.inputs),
                                                    used_rows(tile, geometry)[0]))

    def weight_image(self, tile, core):
        geometry = core.engine.geometry(self.flow)
        image = tiled_weights(tile, core)
        if geometry.loads_used_rows:
            image = image[:, :, :used_rows(tile, geometry)[0]]
        beats = image.reshape(*image.shape[:2], -1, core.weight_lanes)
        return beats[:, :, ::-1].reshape(-1, core.weight_lanes)

    def last_admission(self, mapping, geometry, interval):
        return last_streamed(mapping, geometry, interval)

    def sum_places(self, tile, core):
        n, y, x, lane = np.ix_(range(ceil_div(tile.channels, core.output_lanes)),
                               range(tile.height), range(tile.width), range(core.output_lanes))
        return tile.output_places(y, x, n * core.output_lanes + lane)

    def pieces(self, tile, core):
        if self.reduction_tiles(tile, core) == 1 or tile.stays:
            return [tile]
        limit = core.accumulator_words
        height = max(1, min(tile.height, limit // tile.width))
        width = min(tile.width, limit)
        return [tile.part(y=y, x=x, height=min(height, tile.y + tile.height - y),
                          width=min(width, tile.x + tile.width - x))
                for y in range(tile.y, tile.y + tile.height, height)
                for x in range(tile.x, tile.x + tile.width, width)]

    def reduction_tiles(self, tile, core):
        """Tiles of weights behind every output."""
        return tile.reduction_tiles


def _beats(tile, geometry):
    """Beats that load a tile: of all rows, or of those that the layer uses."""
    return used_rows(tile, geometry)[0] if geometry.loads_used_rows else geometry.stationary_beats
