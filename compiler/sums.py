"""Where a tile's sums lie in the accumulators, for jobs that leave them there."""

import numpy as np

from generators.derive import Dataflow

from .images import streamed_channels
from .schedules import pixel_block
from .tile import ceil_div

__all__ = ["accumulator_words", "sum_places"]


def accumulator_words(tile, core, flow):
    """Words of accumulators that a tile's sums take where they stay."""
    return len(sum_places(tile, core, flow))


def sum_places(tile, core, flow):
    """[words, columns]: place of each accumulator of a tile in the layer's output, -1 if none."""
    columns = core.output_lanes
    channel_tiles = ceil_div(tile.channels, columns)
    if flow is Dataflow.WEIGHT_STATIONARY:
        n, y, x, lane = np.ix_(range(channel_tiles), range(tile.height), range(tile.width),
                               range(columns))
        channel = n * columns + lane
    else:
        by_input = flow is Dataflow.INPUT_STATIONARY
        ry, rx = pixel_block(tile, columns if by_input else core.input_lanes, whole=by_input)
        across = range(ceil_div(tile.height, ry)), range(ceil_div(tile.width, rx))
        if by_input:
            by, bx, channel, py, px = np.ix_(*across, range(streamed_channels(tile, core)),
                                             range(ry), range(rx))
        else:
            n, by, bx, py, px, lane = np.ix_(range(channel_tiles), *across, range(ry), range(rx),
                                             range(columns))
            channel = n * columns + lane
        y, x = by * ry + py, bx * rx + px
    _, width, channels = tile.layer.output_shape
    place = ((tile.y + y) * width + tile.x + x) * channels + tile.channel + channel
    valid = (y < tile.height) & (x < tile.width) & (channel < tile.channels)
    return np.where(valid, place, -1).reshape(-1, columns)
