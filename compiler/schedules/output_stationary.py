"""Output-stationary: sums stay in the array, reduction steps stream past them."""

import numpy as np

from generators.derive import Dataflow

from ..images import tiled_weights
from ..nest import Loop, Nest
from ..tile import ceil_div
from .schedule import (
    FIRST_BEAT,
    Mapping,
    Schedule,
    channel_loop,
    pixel_block,
    post_nest,
    window_loops,
)

__all__ = ["OutputStationary"]


class OutputStationary(Schedule):
    """Loops: channel tiles, blocks of pixels, kernel, reduction blocks, then a block's pixels.

    Weights lie step by step and are read again for every block of pixels.
    """

    flow = Dataflow.OUTPUT_STATIONARY

    def map(self, tile, core, bases):
        rows = core.input_lanes
        taps, vertical, horizontal, start = window_loops(tile, core, bases.inputs)
        channels = channel_loop(tile, core)
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
            tile=tile, flow=self.flow,
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
            post=post_nest(core, bases, tile, ("channels", "channels", channels.bound, 1),
                            ("across_y", "y", across_y, ry), ("across_x", "x", across_x, rx),
                            ("y", "y", ry, 1), ("x", "x", rx, 1)),
            stationary_tiles=channels.bound * spots * rounds, vectors=tile_rows,
            blocks=tile.reduction_tiles // rounds, final_every=rounds,
            marks={"inputs.first": summed, "inputs.last": summed,
                   "inputs.final": ("kernel_y", "kernel_x"),
                   "parameter": ("across_y", "across_x", "y", "x"), "tail": ("channels",)})

    def weight_image(self, tile, core):
        return tiled_weights(tile, core).reshape(-1, core.output_lanes)

    def last_admission(self, mapping, geometry, interval):
        """The last step of the last tile, plus the wait of that tile's last row.

        A block of steps takes ``rows`` cycles, and blocks follow each other, but a tile's last
        block waits until the consumer can take its rows after those of the last final tile.
        """
        rows = geometry.input_lanes
        block = FIRST_BEAT + (mapping.blocks - 1) * rows  # start of the first tile's last block
        tile, every = mapping.blocks * rows, mapping.final_every
        groups = mapping.stationary_tiles // every
        drain = mapping.vectors * interval
        # From one final tile to the next; only the first tile after a final one can have to wait.
        period = max(tile, drain) + (every - 1) * tile
        block += (every - 1) * tile + (groups - 1) * period
        return block + rows - 1 + (mapping.vectors - 1) * interval

    def sum_places(self, tile, core):
        ry, rx = pixel_block(tile, core.input_lanes, whole=False)
        n, across_y, across_x, y, x, lane = np.ix_(
            range(ceil_div(tile.channels, core.output_lanes)), range(ceil_div(tile.height, ry)),
            range(ceil_div(tile.width, rx)), range(ry), range(rx), range(core.output_lanes))
        return tile.output_places(across_y * ry + y, across_x * rx + x,
                                  n * core.output_lanes + lane)

    def outputs_per_admission(self, mapping):
        return mapping.vectors
