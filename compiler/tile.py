"""Tiles of layers: which outputs, channels and products a job computes, and where its data lie."""

from dataclasses import dataclass, replace

import numpy as np

from .layer import Layer

__all__ = ["Placement", "Tile", "ceil_div", "per_channel", "used_rows", "whole_tile"]


def ceil_div(a, b):
    return -(-a // b)


def per_channel(layer):
    """Whether each output channel reads only the input channel of its own number."""
    return layer.pools or (layer.kind == "depthwise_conv2d" and layer.weights.shape[-1] == 1)


def used_rows(tile, geometry):
    """Reduction rows that a tile uses: in all blocks but the last, and in the last one."""
    rows, columns = geometry.input_lanes, geometry.output_lanes
    channels, step = len(tile.input_channels), columns if per_channel(tile.layer) else rows
    tail = channels - (ceil_div(channels, step) - 1) * step
    return min(rows, step, channels), min(rows, tail)


@dataclass(frozen=True)
class Placement:
    """A box of a tensor in the activation memory, pixel by pixel, channels innermost.

    Parameters
    ----------
    base: int
        Word address of the box's first pixel.
    y, x, height, width: int
        The box in the tensor's coordinates.
    channel, channels: int
        Its channels; the first one starts a word.
    word_lanes: int
    """

    base: int
    y: int
    x: int
    height: int
    width: int
    channel: int
    channels: int
    word_lanes: int

    @property
    def pixel_words(self):
        return ceil_div(self.channels, self.word_lanes)

    @property
    def words(self):
        return self.height * self.width * self.pixel_words

    def address(self, y, x, channel):
        """Word address of a channel of a pixel, also of one outside the box."""
        pixel = (y - self.y) * self.width + (x - self.x)
        return self.base + pixel * self.pixel_words + (channel - self.channel) // self.word_lanes

    def seen_as(self, shape):
        """The same words as a box of another shape, see `compiler.fit`."""
        return replace(self, height=shape.height, width=shape.width, channels=shape.channels)

    def places(self, shape):
        """[words, lanes]: place of each number of the box in the flattened tensor, or -1."""
        _, width, channels = shape
        y, x, lane = np.ix_(range(self.y, self.y + self.height),
                            range(self.x, self.x + self.width),
                            range(self.pixel_words * self.word_lanes))
        channel = self.channel + lane
        places = (y * width + x) * channels + channel
        valid = (lane < self.channels) & (channel < channels)
        return np.where(valid, places, -1).reshape(-1, self.word_lanes)


@dataclass(frozen=True)
class Tile:
    """A part of a layer: an output box, and a box of the products that its sums need.

    Parameters
    ----------
    layer: Layer
    y, x, height, width: int
        The output pixels.
    channel, channels: int
        The output channels.
    kernel_y, kernel_x: range
        Kernel rows and columns.
    blocks: range
        Reduction blocks, each of ``block_lanes`` input channels.
    block_lanes: int
    existing: bool
        Whether the accumulators hold the sums of the products before.
    complete: bool
        Whether these are the last products.
    """

    layer: Layer
    y: int
    x: int
    height: int
    width: int
    channel: int
    channels: int
    kernel_y: range
    kernel_x: range
    blocks: range
    block_lanes: int
    existing: bool
    complete: bool

    @property
    def pixels(self):
        return self.height * self.width

    @property
    def to_post(self):
        return self.complete and not self.layer.raw

    @property
    def stays(self):
        """Whether sums stay in the accumulators when the tile's jobs end."""
        return not self.to_post or self.existing

    @property
    def macs(self):
        """Useful multiply-accumulates."""
        layer = self.layer
        if layer.pools:
            return 0
        taps = len(self.kernel_y) * len(self.kernel_x)
        return self.pixels * taps * self._connections

    @property
    def _connections(self):
        """Pairs of an input channel and an output channel that reads it."""
        inputs = self.input_channels
        if self.layer.kind != "depthwise_conv2d":
            return self.channels * len(inputs)
        multiplier = self.layer.weights.shape[-1]
        return sum(channel // multiplier in inputs
                   for channel in range(self.channel, self.channel + self.channels))

    @property
    def input_channels(self):
        """The input channels that are read, as a range."""
        total = self.layer.input_shape.channels
        if per_channel(self.layer):
            return range(self.channel, self.channel + self.channels)
        return range(self.blocks.start * self.block_lanes,
                     min(total, self.blocks.stop * self.block_lanes))

    def input_rows(self):
        """Rows of the input that the tile reads, clipped to the tensor."""
        return self._reach(self.y, self.height, self.kernel_y, 0, self.layer.input_shape.height)

    def input_columns(self):
        return self._reach(self.x, self.width, self.kernel_x, 1, self.layer.input_shape.width)

    def _reach(self, start, count, taps, axis, extent):
        stride, dilation = self.layer.strides[axis], self.layer.dilation[axis]
        padding = self.layer.padding[axis]
        low = start * stride + taps[0] * dilation - padding
        high = (start + count - 1) * stride + taps[-1] * dilation - padding
        low, high = max(0, min(low, extent - 1)), max(0, min(high, extent - 1))
        return range(low, high + 1)

    @property
    def reduction_tiles(self):
        """Products of ``block_lanes`` input channels each, behind every output."""
        return len(self.kernel_y) * len(self.kernel_x) * len(self.blocks)

    def output_places(self, y, x, channel):
        """[words, lanes]: place of each of the tile's outputs in the layer's output, -1 if none.

        ``y``, ``x`` and ``channel`` count from the tile's first; they broadcast to an array whose
        last axis has the lanes.
        """
        _, width, channels = self.layer.output_shape
        place = ((self.y + y) * width + self.x + x) * channels + self.channel + channel
        valid = (y < self.height) & (x < self.width) & (channel < self.channels)
        places = np.where(valid, place, -1)
        return places.reshape(-1, places.shape[-1])

    def part(self, **changes):
        return replace(self, **changes)


def whole_tile(layer, block_lanes):
    """The tile that is the whole layer."""
    out = layer.output_shape
    blocks = 1 if per_channel(layer) else ceil_div(layer.input_shape.channels, block_lanes)
    return Tile(layer=layer, y=0, x=0, height=out.height, width=out.width, channel=0,
                channels=out.channels, kernel_y=range(layer.kernel[0]),
                kernel_x=range(layer.kernel[1]), blocks=range(blocks), block_lanes=block_lanes,
                existing=False, complete=True)
