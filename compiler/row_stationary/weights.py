"""Weights in the order in which the elements of a row-stationary array take and use them."""

import numpy as np

from ..images import reduction_weights

__all__ = ["weight_image"]


def weight_image(tile, plan):
    """[words, weights of a beat]: by rounds of filters, passes and tags, then in the order of use.

    What fills up kernels, channels and filters is 0. All passes of a maximum have the same ones.
    """
    mapping, engine, filters = plan.mapping, plan.task.engine, plan.rounds * plan.filters
    weights = _weights(tile, plan)
    folds = (1, 1) if plan.task.maximum else plan.folds
    weights = _padded(weights, (folds[0] * mapping.kernel_rows, folds[1] * mapping.kernel_columns,
                                weights.shape[2], filters))
    weights = weights.reshape(
        folds[0], mapping.kernel_rows, folds[1], mapping.kernel_columns,
        plan.blocks, mapping.channel_groups, plan.parts, engine.macs_per_pe,
        plan.rounds, mapping.filter_groups, mapping.filters)
    # Round, pass (kernel rows, kernel columns, block of channels), tag (filter group, channel
    # group, kernel row), and in an element tap, part of the channels, filter, channel.
    weights = weights.transpose(8, 0, 2, 4, 9, 5, 1, 3, 6, 10, 7)
    tags = weights.reshape(-1, plan.turns * engine.macs_per_pe)
    beats = _padded(tags, (len(tags), plan.filter_beats * engine.weights_per_beat))
    image = beats.reshape(-1, engine.weights_per_beat)
    return image[:plan.weight_beats] if plan.task.maximum else image


def _weights(tile, plan):
    """[kernel rows, kernel columns, channels of a chain, filters]."""
    kernel = (len(tile.kernel_y), len(tile.kernel_x))
    depth = plan.blocks * plan.mapping.channel_groups * plan.channel_step
    if plan.task.alone:
        # Each filter has its own channel, one after the other in each element.
        own = np.arange(depth)[:, None] == np.arange(tile.channels) % plan.mapping.filters
        weights = reduction_weights(tile, 1, 1) * own
        kernel = (1, 1) if plan.task.maximum else kernel
    else:
        lanes = tile.block_lanes
        weights = reduction_weights(tile, lanes, lanes)
        weights = weights.reshape(*kernel, -1, tile.channels)[:, :, :len(tile.input_channels)]
        weights = _padded(weights, (*kernel, depth, tile.channels))
    return weights.reshape(*kernel, depth, tile.channels)


def _padded(array, shape):
    return np.pad(array, [(0, size - had) for size, had in zip(shape, array.shape, strict=True)])
