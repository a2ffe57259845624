"""Layer shapes of published networks, for the cost model.

MLPerf Tiny's four networks, and ResNet-18 on 224x224 pixels. Branches stand in a row: the cost of
a layer does not depend on where its input comes from.
"""

import math
from dataclasses import dataclass

import numpy as np

from compiler.layer import Layer, Requantization, TensorShape

__all__ = ["NETWORKS", "LayerShape", "gemm_form", "make_layer"]


@dataclass(frozen=True)
class LayerShape:
    """A layer without its data, with TensorFlow's "same" padding.

    Parameters
    ----------
    kind: str
        ``conv2d``, ``depthwise_conv2d`` or ``linear``.
    height, width, inputs, outputs: int
        The input's extents and channels, and the output's channels.
    kernel: tuple of int
        (vertical, horizontal).
    stride: int
    """

    kind: str
    height: int
    width: int
    inputs: int
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1

    @property
    def padding(self):
        """(top, left, bottom, right)."""
        totals = [max(0, (math.ceil(extent / self.stride) - 1) * self.stride + kernel - extent)
                  for extent, kernel in zip((self.height, self.width), self.kernel, strict=True)]
        return (*(total // 2 for total in totals), *(total - total // 2 for total in totals))

    @property
    def weights_shape(self):
        if self.kind == "linear":
            return self.inputs, self.outputs
        outputs = 1 if self.kind == "depthwise_conv2d" else self.outputs
        return *self.kernel, self.inputs, outputs


def make_layer(name, shape, *, seed=1, multiplier_bits=32):
    """A `Layer` of a shape, with random int8 weights."""
    random = np.random.default_rng(seed)
    constants = np.full(shape.outputs, 1 << (multiplier_bits - 2)), np.full(shape.outputs, -6)
    return Layer(
        name=name, kind=shape.kind,
        input_shape=TensorShape(shape.height, shape.width, shape.inputs),
        weights=random.integers(-128, 128, size=shape.weights_shape),
        bias=np.zeros(shape.outputs, dtype=np.int64),
        requantization=Requantization(*constants, multiplier_bits, 0, -128, 127),
        input_zero_point=0, kernel=shape.kernel, strides=(shape.stride,) * 2,
        padding=shape.padding)


def gemm_form(layer):
    """(M, K, N, count): the products that a layer is to tools which know only these.

    Depthwise convolutions are one product per channel.
    """
    pixels, channels = layer.output_shape.pixels, layer.output_shape.channels
    if layer.kind == "depthwise_conv2d":
        inputs = layer.input_shape.channels
        return pixels, layer.reduction, channels // inputs, inputs
    return pixels, layer.reduction, channels, 1


def _conv(extent, inputs, outputs, kernel=3, stride=1):
    return LayerShape("conv2d", extent, extent, inputs, outputs, (kernel, kernel), stride)


def _separable(extent, inputs, outputs, stride=1):
    """A depthwise convolution, then one of a single pixel."""
    return (LayerShape("depthwise_conv2d", extent, extent, inputs, inputs, (3, 3), stride),
            _conv(math.ceil(extent / stride), inputs, outputs, 1))


def _linear(inputs, outputs):
    return LayerShape("linear", 1, 1, inputs, outputs)


def _resnet_stage(extent, inputs, outputs):
    """Two blocks of ResNet-18 that halve the extent and have a shortcut of their own."""
    half = extent // 2
    return (_conv(extent, inputs, outputs, 3, 2), _conv(half, outputs, outputs),
            _conv(extent, inputs, outputs, 1, 2), *[_conv(half, outputs, outputs)] * 2)


def _mobilenet(extent, widths):
    """Separable convolutions: (outputs, stride) of each after the first width."""
    inputs, *blocks = widths
    for outputs, stride in blocks:
        yield from _separable(extent, inputs, outputs, stride)
        inputs, extent = outputs, math.ceil(extent / stride)


NETWORKS = {
    "resnet8": (_conv(32, 3, 16), *[_conv(32, 16, 16)] * 2, _conv(32, 16, 32, 3, 2),
                _conv(16, 32, 32), _conv(32, 16, 32, 1, 2), _conv(16, 32, 64, 3, 2),
                _conv(8, 64, 64), _conv(16, 32, 64, 1, 2), _linear(64, 10)),
    "ds_cnn": (LayerShape("conv2d", 49, 10, 1, 64, (10, 4), 2),
               *(LayerShape("depthwise_conv2d", 25, 5, 64, 64, (3, 3)),
                 LayerShape("conv2d", 25, 5, 64, 64)) * 4, _linear(64, 12)),
    "mobilenet_96": (_conv(96, 3, 8, 3, 2),
                     *_mobilenet(48, (8, (16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2),
                                      *((128, 1),) * 5, (256, 2), (256, 1))), _linear(256, 2)),
    "autoencoder": (_linear(640, 128), *[_linear(128, 128)] * 3, _linear(128, 8), _linear(8, 128),
                    *[_linear(128, 128)] * 3, _linear(128, 640)),
    "resnet18": (_conv(224, 3, 64, 7, 2), *[_conv(56, 64, 64)] * 4, *_resnet_stage(56, 64, 128),
                 *_resnet_stage(28, 128, 256), *_resnet_stage(14, 256, 512), _linear(512, 1000)),
}
