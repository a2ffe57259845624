"""Memory images: the numbers of weights and parameters of a tile."""

import numpy as np

from .tile import ceil_div, per_channel

__all__ = ["depthwise_kernel", "parameter_image", "reduction_weights", "tiled_weights"]


def tiled_weights(tile, core):
    """[channel tiles, reduction tiles, rows, columns] of a tile's weights.

    Max-pooling has one tile, the identity, that is read again and again.
    """
    rows, columns = core.input_lanes, core.output_lanes
    weights = reduction_weights(tile, rows, min(rows, columns))
    tiles = ceil_div(tile.channels, columns)
    image = np.zeros((len(weights), rows, tiles * columns), dtype=np.int64)
    image[:, :, :tile.channels] = weights
    image = image.reshape(-1, rows, tiles, columns).transpose(2, 0, 1, 3)
    return image[:1, :1] if tile.layer.kind == "max_pool2d" else image


def reduction_weights(tile, rows, block):
    """[reduction tiles, rows, channels] of a tile; zeros where a row has no input channel.

    Where each channel reads only its own input, channel n is in row n modulo ``block``.
    """
    layer = tile.layer
    channels = slice(tile.channel, tile.channel + tile.channels)
    taps = len(tile.kernel_y) * len(tile.kernel_x)
    if per_channel(layer):
        values = depthwise_kernel(tile).reshape(taps, tile.channels)
        weights = np.zeros((taps, rows, tile.channels), dtype=np.int64)
        number = np.arange(tile.channels)
        weights[:, number % block, number] = values
        return weights[:1] if layer.kind == "max_pool2d" else weights
    kernel = _dense_weights(layer)[tile.kernel_y.start:tile.kernel_y.stop,
                                   tile.kernel_x.start:tile.kernel_x.stop]
    part = kernel[:, :, tile.input_channels.start:tile.input_channels.stop, channels]
    padded = np.zeros((*part.shape[:2], len(tile.blocks) * rows, tile.channels), dtype=np.int64)
    padded[:, :, :part.shape[2]] = part
    return padded.reshape(-1, rows, tile.channels)


def depthwise_kernel(tile):
    """[kernel rows, kernel columns, channels]; each channel reads only its own input."""
    layer, rows, columns = tile.layer, tile.kernel_y, tile.kernel_x
    if layer.pools:
        return np.ones((len(rows), len(columns), tile.channels), dtype=np.int64)
    return layer.kernel_weights[rows.start:rows.stop, columns.start:columns.stop,
                                tile.channel:tile.channel + tile.channels, 0]


def _dense_weights(layer):
    """[kernel_h, kernel_w, in, out] of any layer that is not `per_channel`."""
    kernel = layer.kernel_weights
    if layer.kind != "depthwise_conv2d":
        return kernel
    height, width, inputs, multiplier = kernel.shape
    dense = np.zeros((height, width, inputs, inputs, multiplier), dtype=np.int64)
    number = np.arange(inputs)
    dense[:, :, number, number] = kernel
    return dense.reshape(height, width, inputs, inputs * multiplier)


def parameter_image(tile, core):
    """[words, lanes * 4] of the parameter memory: bias, multiplier, shift and a reserved container.

    The bias has the input zero point folded in: sum((x - z) w) = sum(x w) - z sum(w).
    """
    layer, requantization = tile.layer, tile.layer.requantization
    bias = layer.bias
    if not layer.pools:
        # [terms, channels]: depthwise weights have their output channels in the last two axes.
        terms = layer.weights.reshape(layer.reduction, len(bias))
        bias = bias - layer.input_zero_point * terms.sum(axis=0)
    bias = (bias + 2**31) % 2**32 - 2**31
    part = slice(tile.channel, tile.channel + tile.channels)
    numbers = np.stack([bias[part], requantization.multiplier[part], requantization.shift[part],
                        np.zeros(tile.channels, dtype=np.int64)], axis=1)
    padded = np.zeros((ceil_div(tile.channels, core.output_lanes) * core.output_lanes, 4),
                      dtype=np.int64)
    padded[:tile.channels] = numbers
    return padded.reshape(-1, core.post_lanes * 4)
