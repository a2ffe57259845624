"""Golden layers against loops over single numbers."""

import itertools

import numpy as np
import pytest

from compiler.workload import Formats, load_workload
from hw.formats import NumberFormat
from sim.golden import Accumulation, run_layer, run_workload
from sim.golden.arithmetic import requantize

WORKLOAD = """
version: 1
name: one_layer
input: {{height: {height}, width: {width}, channels: {channels}}}
layers:
  - {{name: layer, {layer}}}
"""
LAYERS = [
    (5, 4, 3, "kind: linear, channels: 4"),
    (1, 6, 5, "kind: gemm, channels: 3"),
    (5, 7, 3, "kind: conv2d, channels: 4, kernel: [3, 2], padding: same"),
    (8, 7, 2, "kind: conv2d, channels: 3, kernel: [3, 3], strides: [2, 3], padding: [2, 0, 1, 2]"),
    (7, 8, 2, "kind: conv2d, channels: 2, kernel: [2, 3], dilation: [3, 2], padding: same"),
    (6, 5, 3, "kind: depthwise_conv2d, kernel: [3, 3], strides: [2, 1], padding: same"),
    (6, 5, 2, "kind: depthwise_conv2d, kernel: [2, 2], depth_multiplier: 3, activation: relu"),
    (6, 7, 3, "kind: average_pool2d, kernel: [2, 3], strides: [2, 2]"),
    (6, 7, 3, "kind: max_pool2d, kernel: [3, 3], strides: [2, 1], padding: same"),
]
CASES = [(*layer, formats) for layer, formats in itertools.product(
    LAYERS, [("int8", "int8", 32), ("uint4", "int3", 20), ("int16", "uint16", 32)])]


def load_layer(tmp_path, height, width, channels, layer, formats=("int8", "int8", 32)):
    path = tmp_path / "layer.yaml"
    path.write_text(WORKLOAD.format(height=height, width=width, channels=channels, layer=layer))
    inputs, weights, multiplier_bits = formats
    return load_workload(path, 7, Formats(NumberFormat.parse(inputs), NumberFormat.parse(weights),
                                          multiplier_bits))


def window(layer, image, y, x):
    """(ky, kx, channel, number) of one output's window; padding has None as its number."""
    top, left, _, _ = layer.padding
    for ky, kx, channel in np.ndindex(*layer.kernel, image.shape[2]):
        row = y * layer.strides[0] + ky * layer.dilation[0] - top
        column = x * layer.strides[1] + kx * layer.dilation[1] - left
        inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
        yield ky, kx, channel, int(image[row, column, channel]) if inside else None


def products(layer, image, y, x, channel, zero_point=0):
    """The terms of one output's sum, each with its kernel position and channel."""
    depth = layer.weights.shape[-1] if layer.kind == "depthwise_conv2d" else None
    for ky, kx, source, number in window(layer, image, y, x):
        if (layer.pools or depth) and source != channel // (depth or 1):
            continue
        number = layer.input_zero_point if number is None else number
        weight = 1 if layer.pools else layer.kernel_weights[
            ky, kx, source, channel % depth if depth else channel]
        yield ky, kx, source, (number - zero_point) * int(weight)


def naive_outputs(layer, image):
    """Outputs of the loops, from the definition ``sum((x - zero point) * w) + bias``."""
    outputs = np.zeros(tuple(layer.output_shape), dtype=np.int64)
    constants = layer.requantization
    for y, x, channel in np.ndindex(*outputs.shape):
        if layer.pools:
            numbers = [number for _, _, source, number in window(layer, image, y, x)
                       if source == channel and number is not None]
            total, count = sum(numbers), len(numbers)
            average = (abs(total) + count // 2) // count * (1 if total > 0 else -1)
            value = max(numbers) if layer.kind == "max_pool2d" else average
            outputs[y, x, channel] = min(max(value, constants.clamp_min), constants.clamp_max)
            continue
        outputs[y, x, channel] = sum(term for *_, term in products(
            layer, image, y, x, channel, layer.input_zero_point))
    return outputs if layer.pools else requantize(outputs, layer.bias, constants)


@pytest.mark.parametrize(("height", "width", "channels", "layer", "formats"), CASES)
def test_layer_equals_loops(tmp_path, height, width, channels, layer, formats):
    workload = load_layer(tmp_path, height, width, channels, layer, formats)
    layer, image = workload.layers[0], workload.inputs[0]
    result = run_layer(layer, image, Accumulation(bits=44))
    np.testing.assert_array_equal(result.outputs, naive_outputs(layer, image))
    assert result.outputs.shape == tuple(layer.output_shape)


@pytest.mark.parametrize("step", [1, 2, 3, 8])
@pytest.mark.parametrize("index", [0, 2, 3, 5, 7])
def test_saturation_follows_the_order_of_the_sum(tmp_path, index, step):
    workload = load_layer(tmp_path, *LAYERS[index])
    layer, image = workload.layers[0], workload.inputs[0]
    bits = 9 if layer.pools else 15
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    accumulators = run_layer(layer, image, Accumulation(bits, "saturate", step)).accumulators
    for y, x, channel in np.ndindex(*accumulators.shape):
        total = 0
        for _, block in itertools.groupby(products(layer, image, y, x, channel),
                                          lambda term: (*term[:2], term[2] // step)):
            total = min(max(total + sum(term for *_, term in block), low), high)
        assert accumulators[y, x, channel] == total
    assert {low, high} & set(accumulators.flat)


def test_wrapping_keeps_the_low_bits(tmp_path):
    workload = load_layer(tmp_path, *LAYERS[2])
    exact, wrapped = (run_layer(workload.layers[0], workload.inputs[0], policy).accumulators
                      for policy in (Accumulation(32), Accumulation(14, "wrap")))
    assert np.any(exact != wrapped)
    np.testing.assert_array_equal((exact - wrapped) % (1 << 14), 0)
    np.testing.assert_array_equal(wrapped, np.clip(wrapped, -(1 << 13), (1 << 13) - 1))


def test_overflow_is_an_error_unless_chosen(tmp_path):
    workload = load_layer(tmp_path, *LAYERS[2])
    with pytest.raises(OverflowError, match=r"^sums from -\d+ to \d+ do not fit 14 bits$"):
        run_layer(workload.layers[0], workload.inputs[0], Accumulation(14))


def test_images_are_independent():
    workload = load_workload("tinyconv", 3, Formats(NumberFormat.parse("int8"),
                                                    NumberFormat.parse("int8"), 32), images=3)
    together = run_workload(workload, Accumulation())
    tensor = workload.inputs[2]
    for layer, result in zip(workload.layers, together.layers, strict=True):
        tensor = run_layer(layer, tensor, Accumulation()).outputs
        np.testing.assert_array_equal(result.outputs[2], tensor)
    assert len(np.unique(together.outputs)) > 10
