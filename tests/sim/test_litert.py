"""The golden model equals LiteRT's int8 reference kernels, bit for bit.

Their rounding is the double one: the high half of the doubled product is rounded, then the shift.
Models of one layer with random scales, zero points and data are written as .tflite files and run
by ai-edge-litert with its reference kernels.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from compiler.quantization import quantize_multipliers
from compiler.workload import Layer, Requantization, TensorShape
from compiler.workload_file import LayerEntry
from sim.golden import Accumulation, run_layer
from tests.sim.litert_models import interpret, write_model

KINDS = ["linear", "conv2d", "depthwise_conv2d", "average_pool2d", "max_pool2d"]


def draw(random, limit, shape):
    """Numbers from ``-limit - 1`` to ``limit``."""
    return random.integers(-limit - 1, limit, size=shape, endpoint=True, dtype=np.int64)


def random_entry(random, kind):
    """A layer as a workload file has it, with random geometry."""
    keys = {"name": "layer", "kind": kind}
    if kind in ("linear", "conv2d"):
        keys["channels"] = int(random.integers(2, 9))
    if kind == "depthwise_conv2d":
        keys["depth_multiplier"] = int(random.integers(1, 4))
    if kind != "linear":
        keys["kernel"] = random.integers(1, 4, 2).tolist()
        keys["padding"] = str(random.choice(["same", "valid"]))
        # LiteRT pads an average without counting the padding: a division of its own per pixel.
        if kind == "average_pool2d":
            keys["padding"] = "valid"
        keys["strides"] = random.integers(1, 4, 2).tolist()
    if kind in ("conv2d", "depthwise_conv2d") and random.integers(2):
        keys |= {"dilation": random.integers(1, 4, 2).tolist(), "strides": [1, 1]}
    return LayerEntry(**keys)


def random_geometry(random, kind):
    """A `Layer` without numbers, except the shape of its weights, and LiteRT's padding."""
    entry = random_entry(random, kind)
    shape = TensorShape(*random.integers((7, 7, 1), (12, 12, 9)).tolist())
    window = entry.window(shape, scale=1)
    weights = {
        "linear": (shape.size, entry.channels),
        "conv2d": (*window["kernel"], shape.channels, entry.channels),
        "depthwise_conv2d": (*window["kernel"], shape.channels, entry.depth_multiplier),
    }.get(kind)
    outputs = entry.channels or shape.channels * entry.depth_multiplier
    layer = Layer(name=kind, kind=kind, input_shape=shape, requantization=None, input_zero_point=0,
                  weights=None if weights is None else np.zeros(weights, dtype=np.int64),
                  bias=np.zeros(outputs, dtype=np.int64), **window)
    return layer, "SAME" if entry.padding == "same" else "VALID"


def clamp_range(activation, scale, zero_point):
    """Outputs that an activation function leaves, as LiteRT quantizes its bounds."""
    low = -128 if activation == "NONE" else zero_point
    high = zero_point + math.floor(6 / float(scale) + 0.5) if activation == "RELU6" else 127
    return low, min(high, 127)


def random_layer(random, kind):
    """A layer, and the scales, zero points, padding and activation of its model."""
    layer, padding = random_geometry(random, kind)
    activation = str(random.choice(["NONE", "RELU", "RELU6"]))
    outputs = len(layer.bias)
    input_scale = np.float32(random.uniform(0.02, 0.1))
    zero_points = draw(random, 127, 2).tolist()
    if layer.pools:  # a pooled tensor keeps its scale and zero point
        zero_points[1] = zero_points[0]
        clamps = clamp_range(activation, input_scale, zero_points[1])
        constants = Requantization(None, None, 32, 0, *clamps)
        scales = input_scale, np.ones(outputs, np.float32), input_scale
        return replace(layer, requantization=constants), (scales, zero_points, padding, activation)

    # Small weights make factors above one, which shift to the left.
    limit = int(random.choice([1, 126]))
    weight_scales = random.uniform(0.0002, 0.002, outputs).astype(np.float32)
    typical_sum = np.sqrt(layer.reduction) * 74 * limit
    spread = random.choice([40, 40, 400])  # of the outputs; the last is mostly clamped
    output_scale = np.float32(input_scale * weight_scales.mean() * typical_sum / spread)
    factors = input_scale.astype(float) * weight_scales.astype(float) / output_scale.astype(float)
    layer = replace(
        layer, weights=draw(random, limit, layer.weights.shape),
        bias=draw(random, int(typical_sum), outputs), input_zero_point=zero_points[0],
        requantization=Requantization(*quantize_multipliers(factors, 32), 32, zero_points[1],
                                      *clamp_range(activation, output_scale, zero_points[1])))
    scales = input_scale, weight_scales, output_scale
    return layer, (scales, zero_points, padding, activation)


def random_case(kind, seed):
    """A layer, what its model is written with, and an image."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    layer, quantization = random_layer(random, kind)
    return layer, quantization, draw(random, 127, tuple(layer.input_shape))


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("kind", KINDS)
def test_equals_litert(kind, seed):
    layer, quantization, image = random_case(kind, seed)
    outputs = run_layer(layer, image, Accumulation()).outputs
    # LiteRT's integer form of a fully connected layer is a convolution with one large window.
    if kind == "linear":
        layer = replace(layer, kind="conv2d", weights=layer.kernel_weights)
    np.testing.assert_array_equal(outputs, interpret(write_model(layer, *quantization), image))


@pytest.mark.parametrize("seed", range(32))
def test_fully_connected_equals_litert_before_rounding(seed):
    """LiteRT's reference kernel of FULLY_CONNECTED requantizes in double precision, and thus
    rounds once where its integer kernels round twice. Its sums must be equal; its outputs are
    equal but for the sums that the two roundings treat differently.
    """
    layer, quantization, image = random_case("linear", seed)
    (input_scale, weight_scales, output_scale), (_, zero_point), _, _ = quantization
    result = run_layer(layer, image, Accumulation())
    expected = interpret(write_model(layer, *quantization), image)

    constants = layer.requantization
    sums = (result.accumulators.ravel() + layer.bias
            - layer.input_zero_point * layer.weights.sum(axis=0))
    scaled = sums * (input_scale.astype(float) * weight_scales.astype(float) / float(output_scale))
    rounded = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
    clamped = np.clip(rounded + zero_point, constants.clamp_min, constants.clamp_max)
    np.testing.assert_array_equal(clamped, expected)
    assert np.abs(result.outputs.ravel() - expected).max() <= 1
