"""What a workload is made of: tensor shapes, layers and their integer data.

Tensors lie as height, width, channels (channels innermost). Every array is ``int64``, whatever
the format of its numbers: the values fit the format, and numpy never wraps.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["KINDS", "POOLING", "Formats", "Layer", "Requantization", "TensorShape", "Workload",
           "output_extent"]

POOLING = ("average_pool2d", "max_pool2d")
KINDS = ("linear", "conv2d", "depthwise_conv2d", *POOLING, "gemm")


def output_extent(extent, kernel, stride, dilation, padding):
    """Rows or columns of an output; ``padding`` counts both sides. May be zero or negative."""
    return (extent + padding - (kernel - 1) * dilation - 1) // stride + 1


@dataclass(frozen=True)
class Formats:
    """What a core computes with.

    Parameters
    ----------
    inputs, weights: NumberFormat
        Activations (inputs and outputs of every layer alike), and weights.
    multiplier_bits: int
        Width of the requantization multiplier, 8 to 32; 32 is LiteRT's.
    """

    inputs: object
    weights: object
    multiplier_bits: int


@dataclass(frozen=True)
class TensorShape:
    """Height, width and channels of one image."""

    height: int
    width: int
    channels: int

    def __iter__(self):
        return iter((self.height, self.width, self.channels))

    def __str__(self):
        return f"{self.height}x{self.width}x{self.channels}"

    @property
    def pixels(self):
        return self.height * self.width

    @property
    def size(self):
        return self.pixels * self.channels


@dataclass(frozen=True, eq=False)
class Requantization:
    """From an accumulator to an activation, by the arithmetic of LiteRT's int8 reference kernels.

    ``clamp(requantize(accumulator + bias) + output_zero_point, clamp_min, clamp_max)``, where
    requantize multiplies by ``multiplier / 2**(multiplier_bits - 1) * 2**shift`` and rounds.

    Parameters
    ----------
    multiplier, shift: numpy.ndarray
        One per output channel; ``0 <= multiplier < 2**(multiplier_bits - 1)``.
    multiplier_bits: int
        Width of the multiplier.
    output_zero_point: int
        Added after rounding. Zero for pooling, which works on the stored numbers.
    clamp_min, clamp_max: int
        Bounds of the output; an activation function is a narrower range.
    """

    multiplier: np.ndarray
    shift: np.ndarray
    multiplier_bits: int
    output_zero_point: int
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer with its data.

    Every kind is a window that slides over the input: ``linear`` has one window, the whole input
    (flattened with channels innermost); ``gemm`` (``Y[M,N] = X[M,K] W[K,N]``) takes its rows as
    M pixels of one image row, each with K channels, and has a window of one pixel.

    Parameters
    ----------
    name, kind: str
        A name of its own, and one of `KINDS`.
    input_shape: TensorShape
        What the layer reads.
    weights: numpy.ndarray or None
        ``linear`` and ``gemm``: [in, out]. ``conv2d``: [kernel_h, kernel_w, in, out].
        ``depthwise_conv2d``: [kernel_h, kernel_w, in, depth_multiplier]; output channel
        ``c * depth_multiplier + d`` reads input channel ``c``. Pooling: None.
    bias: numpy.ndarray
        int32, one per output channel: LiteRT's bias, of ``sum((x - input_zero_point) * w)``.
        Zeros for pooling and raw layers.
    requantization: Requantization or None
        None: the layer's results are its raw accumulators, ``sum(x * w)`` of the stored numbers.
    input_zero_point: int
        The stored number that means zero, also in the padding of a convolution. Zero for pooling.
    kernel, strides, dilation: tuple of int
        (vertical, horizontal).
    padding: tuple of int
        (top, left, bottom, right).
    input_range: tuple of int or None
        Least and largest number that the engine may be given, those of the padding included.
        None: all of the core's input format.
    converter: compiler.converters.Converter or None
        How an analog engine's converters are set. None: the finest setting that never clips.
    mapping: dict of str to int, or None
        What is set by hand of its mapping on a row-stationary array, see `RowMapping`. Parts of the
        layer that are too small for all of it keep what they can.
    """

    name: str
    kind: str
    input_shape: TensorShape
    weights: np.ndarray | None
    bias: np.ndarray
    requantization: Requantization | None
    input_zero_point: int
    kernel: tuple[int, int] = (1, 1)
    strides: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    input_range: tuple[int, int] | None = None
    converter: object = None
    mapping: dict | None = None

    def input_bits(self, inputs):
        """The low bits of the core's input format that hold all of the layer's inputs."""
        if self.input_range is None:
            return inputs.bits
        magnitude = max((number ^ (number >> 63)).bit_length() for number in self.input_range)
        return magnitude + 1 if inputs.signed else max(magnitude, 1)

    @property
    def raw(self):
        """Whether the results are accumulators and not activations."""
        return self.requantization is None

    @property
    def pools(self):
        return self.kind in POOLING

    @property
    def output_shape(self):
        top, left, bottom, right = self.padding
        extents = [output_extent(*axis) for axis in zip(
            (self.input_shape.height, self.input_shape.width), self.kernel, self.strides,
            self.dilation, (top + bottom, left + right), strict=True)]
        return TensorShape(*extents, len(self.bias))

    @property
    def kernel_weights(self):
        """Weights as [kernel_h, kernel_w, in, out] (depthwise: [.., in, depth_multiplier])."""
        return self.weights.reshape(*self.kernel, self.input_shape.channels, -1)

    @property
    def reduction(self):
        """Products (or pooled numbers) in one output."""
        channels = 1 if self.pools or self.kind == "depthwise_conv2d" else self.input_shape.channels
        return self.kernel[0] * self.kernel[1] * channels

    @property
    def macs(self):
        """Useful multiply-accumulates for one image; pooling multiplies nothing."""
        return 0 if self.pools else self.output_shape.size * self.reduction


@dataclass(frozen=True, eq=False)
class Workload:
    """Layers in the order of their execution, each reading what the one before it wrote.

    Parameters
    ----------
    name, description: str
        For reports.
    layers: tuple of Layer
        At least one; only the last may be raw.
    inputs: numpy.ndarray
        [images, height, width, channels]: what the first layer reads, image by image.
    labels: numpy.ndarray or None
        [images]: the right class of each image, where the workload is a classifier.
    """

    name: str
    description: str
    layers: tuple[Layer, ...]
    inputs: np.ndarray
    labels: np.ndarray | None

    @property
    def images(self):
        return len(self.inputs)

    @property
    def macs(self):
        """Useful multiply-accumulates for all images."""
        return self.images * sum(layer.macs for layer in self.layers)
