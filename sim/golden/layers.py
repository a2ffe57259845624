"""Layers, one function per kind: ``(layer, inputs, accumulation) -> LayerResult``.

``inputs`` are [..., height, width, channels]; leading axes are images. Accumulators are sums of
the *stored* numbers, ``sum(x * w)``: the zero point is taken off by the bias,
``bias - input_zero_point * sum(w)``, as TensorFlow Lite's quantization paper (Jacob et al., 2018,
equation 7) has it. A window's taps are summed in the order kernel row, kernel column, block of
channels.
"""

from dataclasses import dataclass

import numpy as np

from .arithmetic import requantize, saturate, truncating_divide, wrap

__all__ = ["Accumulation", "LayerResult", "average_pool2d", "conv2d", "depthwise_conv2d", "finish",
           "gemm", "linear", "max_pool2d", "run_layer", "taps"]


@dataclass(frozen=True)
class Accumulation:
    """How sums are kept.

    Parameters
    ----------
    bits: int
        Width of the accumulator.
    overflow: str
        ``error``: a sum that does not fit raises `OverflowError`; ``wrap``: modulo ``2**bits``;
        ``saturate``: after each addition.
    step: int
        Input channels that are summed exactly before they are added: the rows of a weight- or
        input-stationary array, 1 for an output-stationary one. Matters for ``saturate`` only.
    """

    bits: int = 32
    overflow: str = "error"
    step: int = 1

    def cut(self, sums):
        """Fit exact sums into the accumulator."""
        if self.overflow == "saturate":
            return saturate(sums, self.bits)
        wrapped = wrap(sums, self.bits)
        if self.overflow == "error" and not np.array_equal(wrapped, sums):
            raise OverflowError(f"sums from {np.min(sums)} to {np.max(sums)} "
                                f"do not fit {self.bits} bits")
        return wrapped

    def add(self, blocks):
        """The sum of an iterable of exact partial sums, in their order."""
        if self.overflow != "saturate":
            return self.cut(sum(blocks))
        total = 0
        for block in blocks:
            total = self.cut(total + block)
        return total

    def channel_blocks(self, channels):
        """Slices of the channels that are summed exactly."""
        step = self.step if self.overflow == "saturate" else channels
        return [slice(start, start + step) for start in range(0, channels, step)]


@dataclass(frozen=True, eq=False)
class LayerResult:
    """Accumulators before the bias, and outputs (raw layers: the accumulators), both
    [..., height, width, channels].
    """

    accumulators: np.ndarray
    outputs: np.ndarray


def taps(layer, inputs, pad):
    """For each kernel position: its row, its column and the inputs under it in every window."""
    top, left, bottom, right = layer.padding
    images = [(0, 0)] * (inputs.ndim - 3)
    padded = np.pad(inputs, [*images, (top, bottom), (left, right), (0, 0)], constant_values=pad)
    height, width, _ = layer.output_shape
    for ky in range(layer.kernel[0]):
        for kx in range(layer.kernel[1]):
            y, x = ky * layer.dilation[0], kx * layer.dilation[1]
            yield ky, kx, padded[..., y:y + (height - 1) * layer.strides[0] + 1:layer.strides[0],
                                 x:x + (width - 1) * layer.strides[1] + 1:layer.strides[1], :]


def finish(layer, accumulators):
    """The `LayerResult` of a layer's accumulators."""
    requantization = layer.requantization
    if layer.raw:
        outputs = accumulators
    elif layer.kind == "max_pool2d":
        outputs = np.clip(accumulators, requantization.clamp_min, requantization.clamp_max)
    elif layer.kind == "average_pool2d":
        outputs = np.clip(_average(accumulators, layer.kernel[0] * layer.kernel[1]),
                          requantization.clamp_min, requantization.clamp_max)
    else:
        # [terms, channels]: depthwise weights have their output channels in the last two axes.
        weight_sums = layer.weights.reshape(layer.reduction, -1).sum(axis=0)
        bias = layer.bias - layer.input_zero_point * weight_sums
        outputs = requantize(accumulators, bias, requantization)
    return LayerResult(accumulators, outputs)


def _average(sums, count):
    """LiteRT's rounding: the sum plus or minus half the count, divided as in C.

    The layer's multiplier and shift are not used: they are the core's way to the same numbers.
    """
    half = np.where(sums > 0, count // 2, -(count // 2))
    return truncating_divide(sums + half, count)


def _dense(layer, inputs, accumulation):
    weights = layer.kernel_weights
    sums = accumulation.add(
        tap[..., block] @ weights[ky, kx, block]
        for ky, kx, tap in taps(layer, inputs, layer.input_zero_point)
        for block in accumulation.channel_blocks(inputs.shape[-1]))
    return finish(layer, sums)


def conv2d(layer, inputs, accumulation):
    """Convolution; weights [kernel_h, kernel_w, in, out], padded with the input zero point."""
    return _dense(layer, inputs, accumulation)


def linear(layer, inputs, accumulation):
    """Fully connected: the flattened input by weights [in, out]; a window of the whole input."""
    return _dense(layer, inputs, accumulation)


def gemm(layer, inputs, accumulation):
    """``Y[M, N] = X[M, K] W[K, N]``, the pixels being the rows: a window of one pixel."""
    return _dense(layer, inputs, accumulation)


def depthwise_conv2d(layer, inputs, accumulation):
    """Output channel ``c * depth_multiplier + d`` convolves input channel ``c`` alone."""
    depth = layer.kernel_weights.shape[-1]
    weights = layer.kernel_weights.reshape(*layer.kernel, -1)
    sums = accumulation.add(
        np.repeat(tap, depth, axis=-1) * weights[ky, kx]
        for ky, kx, tap in taps(layer, inputs, layer.input_zero_point))
    return finish(layer, sums)


def average_pool2d(layer, inputs, accumulation):
    """The mean of each window, rounded as LiteRT does it and clamped."""
    return finish(layer, accumulation.add(tap for _, _, tap in taps(layer, inputs, 0)))


def max_pool2d(layer, inputs, accumulation):
    """The largest number of each window, clamped; padding never wins."""
    lowest = np.iinfo(np.int64).min
    largest = np.max([tap for _, _, tap in taps(layer, inputs, lowest)], axis=0)
    return finish(layer, accumulation.cut(largest))


KIND_FUNCTIONS = {function.__name__: function for function in (
    average_pool2d, conv2d, depthwise_conv2d, gemm, linear, max_pool2d)}


def run_layer(layer, inputs, accumulation):
    """The `LayerResult` of a layer of any kind on ``inputs`` [..., height, width, channels]."""
    return KIND_FUNCTIONS[layer.kind](layer, inputs, accumulation)
