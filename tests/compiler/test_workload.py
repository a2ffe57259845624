"""Workload files: what they become, and what is said about bad ones."""

from dataclasses import replace

import numpy as np
import pytest

from compiler.workload import (
    WORKLOADS,
    Formats,
    load_chains,
    load_workload,
    workload_names,
)
from generators.errors import UserError
from hw.formats import NumberFormat
from sim.golden import Accumulation, run_layer

GOOD = """
version: 1
name: good
input: {height: 6, width: 6, channels: 2}
layers:
  - {name: first, kind: conv2d, channels: 3, kernel: [3, 3]}
  - {name: second, kind: linear, channels: 4}
"""
RANDOM = sorted({*workload_names()} - {"digits"})
SMALL = {"conv3x3", "depthwise", "linear", "pooling", "tinyconv"}
FIRST = "{name: first, kind: conv2d, channels: 3, kernel: [3, 3]}"


def formats(inputs="int8", weights="int8", multiplier_bits=32):
    return Formats(NumberFormat.parse(inputs), NumberFormat.parse(weights), multiplier_bits)


def fits(numbers, number_format):
    return np.array_equal(numbers, np.clip(numbers, number_format.min, number_format.max))


@pytest.mark.parametrize("core", [("int8", "int8", 32), ("uint4", "int2", 18),
                                  ("int2", "uint16", 14), ("int16", "int16", 32),
                                  ("uint1", "uint1", 32), ("int1", "uint4", 16)])
@pytest.mark.parametrize("name", ["gemm:7x13x5", *(f"{name}@{1 if name in SMALL else 4}"
                                                   for name in RANDOM)])
@pytest.mark.parametrize("seed", [3, None])
def test_data_fits_the_formats(name, core, seed):
    numbers, weights = NumberFormat.parse(core[0]), NumberFormat.parse(core[1])
    for workload in load_chains(name, seed, formats(*core)):
        assert fits(workload.inputs, numbers)
        shape = workload.layers[0].input_shape
        assert workload.inputs.shape == (workload.images, *shape)
        for layer in workload.layers:
            assert layer.input_shape == shape
            shape = layer.output_shape
            if not layer.pools:
                assert fits(layer.weights, weights)
                assert fits(layer.input_zero_point, numbers)
            if not layer.raw:
                constants = layer.requantization
                assert numbers.min <= constants.clamp_min < constants.clamp_max == numbers.max
                assert np.all(constants.multiplier >= 0)
                assert np.all(constants.multiplier < 1 << (core[2] - 1))
                assert len(constants.multiplier) == len(constants.shift) == len(layer.bias)


NARROW = """
version: 1
name: narrow
input: {height: 6, width: 5, channels: 3}
images: 3
layers:
  - {name: first, kind: conv2d, channels: 6, kernel: [3, 3], padding: same, input_bits: 3}
  - {name: largest, kind: max_pool2d, kernel: [2, 2], strides: [1, 1]}
  - {name: second, kind: depthwise_conv2d, kernel: [2, 2], activation: relu, input_bits: 1}
  - {name: wide, kind: conv2d, channels: 5, kernel: [1, 1]}
  - {name: padded, kind: max_pool2d, kernel: [3, 3], padding: [1, 0, 0, 0], input_bits: 2}
  - {name: classes, kind: linear, channels: 4}
"""


@pytest.mark.parametrize("core", [("int8", "int8", 32), ("uint8", "int4", 24),
                                  ("int3", "uint1", 32), ("uint3", "int2", 16)])
def test_every_input_lies_in_its_layer_s_range(tmp_path, core):
    path = tmp_path / "narrow.yaml"
    path.write_text(NARROW)
    for seed in range(5):
        workload = load_workload(path, seed, formats(*core))
        tensors = workload.inputs
        for layer in workload.layers:
            low, high = layer.input_range
            assert low <= tensors.min()
            assert tensors.max() <= high
            if any(layer.padding) and not layer.pools:
                assert low <= layer.input_zero_point <= high
            tensors = run_layer(layer, tensors, Accumulation()).outputs


@pytest.mark.parametrize(("name", "needed"), [
    # The padding of the last maximum is the least number of the whole format.
    ("int8", [3, 1, 1, 8, 8, 2]), ("uint8", [3, 1, 1, 8, 2, 2]), ("int3", [3, 1, 1, 3, 3, 2])])
def test_input_bits(tmp_path, name, needed):
    path = tmp_path / "narrow.yaml"
    path.write_text(NARROW)
    workload = load_workload(path, 1, formats(name))
    inputs = NumberFormat.parse(name)
    assert [layer.input_bits(inputs) for layer in workload.layers] == needed
    tensors = workload.inputs
    for layer in workload.layers[:-1]:
        tensors = run_layer(layer, tensors, Accumulation()).outputs
        assert len(np.unique(tensors)) > 1


def test_inputs_have_all_bits_unless_a_clamp_says_otherwise():
    int8, uint8 = NumberFormat.parse("int8"), NumberFormat.parse("uint8")
    first, second = load_workload("linear", 1, formats()).layers
    assert first.input_range == (-128, 127)
    assert second.input_range == (first.requantization.clamp_min, 127)
    assert (first.input_bits(int8), second.input_bits(int8)) == (8, 8)
    assert replace(first, input_range=None).input_bits(int8) == 8
    assert [replace(first, input_range=limits).input_bits(int8) for limits in (
        (0, 0), (-1, 0), (0, 1), (-2, 1), (-3, 0), (-128, 0), (0, 127))] == [1, 1, 2, 2, 3, 8, 8]
    assert [replace(first, input_range=limits).input_bits(uint8) for limits in (
        (0, 0), (0, 1), (1, 2), (7, 127))] == [1, 1, 2, 7]


def test_a_network_s_arrays_say_the_ranges():
    conv1, conv2, classes = load_workload("digits", 0, formats(), images=1).layers
    with np.load(WORKLOADS / "digits.npz") as arrays:
        pixels, zero_point = arrays["inputs"], arrays["conv1.zero_points"][0]
        assert conv1.input_range == (min(pixels.min(), zero_point), pixels.max())
        assert conv2.input_range == classes.input_range == tuple(arrays["conv1.clamp"])


@pytest.mark.parametrize(("name", "inputs"), [("int1", "int1"), ("int1", "int8")])
def test_weights_of_one_signed_bit(name, inputs):
    for workload in ("conv3x3", "depthwise", "linear"):
        for layer in load_workload(workload, 2, formats(inputs, name)).layers:
            assert set(np.unique(layer.weights)) == {-1, 0}
    with pytest.raises(UserError) as error:
        load_workload("pooling", 1, formats(inputs, name))
    assert error.value.messages == [
        f"layers[{index}].kind: {kind}_pool2d multiplies by 1, which int1 weights cannot be; use a "
        "core with uint1 or wider weights" for index, kind in enumerate(("max", "average"))]


def test_same_seed_same_data():
    first, again, other = (load_workload("conv3x3", seed, formats()) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.inputs, again.inputs)
    np.testing.assert_array_equal(first.layers[0].weights, again.layers[0].weights)
    assert np.any(first.layers[0].weights != other.layers[0].weights)


def test_gemm_by_its_sizes():
    workload = load_workload("gemm:7x13x5", 1, formats())
    layer, = workload.layers
    assert (layer.kind, layer.raw, layer.macs) == ("gemm", True, 7 * 13 * 5)
    assert (str(layer.input_shape), str(layer.output_shape)) == ("1x7x13", "1x7x5")


def test_a_layer_reads_what_the_one_before_wrote():
    layers = load_workload("tinyconv", 1, formats()).layers
    conv, depthwise = layers[:2]
    assert depthwise.input_zero_point == conv.requantization.output_zero_point
    average, linear = layers[4:]
    assert average.requantization.output_zero_point == average.input_zero_point == 0
    # Pooling keeps the tensor's zero point, which the layer after it takes off.
    assert linear.input_zero_point == layers[2].requantization.output_zero_point


@pytest.mark.parametrize(("old", "new", "message"), [
    ("first, kind: conv2d", "first, kind: conv3d",
     "layers[0].kind: 'conv3d' is not one of the choices; use linear, conv2d, depthwise_conv2d, "
     "average_pool2d, max_pool2d or gemm (line 6)"),
    ("layers:\n", "layers: []\nlayer:\n", None),
    (", kernel: [3, 3]", "", "layers[0]: conv2d without kernel; add it (line 6)"),
    ("linear, channels: 4", "linear, channels: 4, padding: same",
     "layers[1]: linear has no padding; remove it (line 7)"),
    ("kernel: [3, 3]", "kernel: 3",
     "layers[0].kernel: 3 is not a pair; write [vertical, horizontal], each 1 or more (line 6)"),
    ("kernel: [3, 3]", "kernel: [3, 3], padding: [1, 1]",
     "layers[0].padding: [1, 1] is not a padding; write same, valid or "
     "[top, left, bottom, right] (line 6)"),
    ("channels: 4", "channels: 0", "layers[1].channels: 0 is not positive; use 1 or more (line 7)"),
    ("version: 1", "version: 2", "version: 2 is not a known version; use 1 (line 2)"),
    ("kernel: [3, 3]", "kernel: [7, 3]",
     "layers[0].kernel: reaches over 7x3 pixels, the padded input of 6x6x2 is smaller; "
     "use a smaller kernel or more padding"),
    ("kernel: [3, 3]", "kernel: [3, 3], padding: [3, 0, 0, 0]",
     "layers[0].padding: [3, 0, 0, 0] leaves windows with nothing but padding, since the kernel "
     "reaches over 3x3 pixels; use less padding"),
    ("kernel: [3, 3]", "kernel: [3, 3], input_bits: 9",
     "layers[0].input_bits: 9 is more than the bits of int8 inputs; use 1 to 8"),
    ("kernel: [3, 3]", "kernel: [3, 3], input_bits: 0",
     "layers[0].input_bits: 0 is not positive; use 1 or more (line 6)"),
    (FIRST, "{name: first, kind: average_pool2d, kernel: [3, 3], padding: same}",
     "layers[0].padding: [1, 1, 1, 1] makes averages of different numbers of pixels; use valid "
     "padding, or a kernel and strides that fill the input"),
    ("name: second", "name: first",
     "layers[1].name: 'first' is the name of an earlier layer; choose another"),
    ("kernel: [3, 3]", "kernel: [3, 3], raw: true",
     "layers[0].raw: no layer can read raw accumulators; remove it, or make this layer the last"),
    ("channels: 2}", "channels: 2}\nnetwork: none.npz", None),
])
def test_bad_files(tmp_path, old, new, message):
    assert old in GOOD
    path = tmp_path / "bad.yaml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(UserError) as error:
        load_workload(path, 1, formats())
    if message:
        assert error.value.messages == [message]


def test_all_problems_at_once(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(GOOD.replace("name: second", "name: first")
                    .replace("kernel: [3, 3]", "kernel: [3, 3], raw: true"))
    with pytest.raises(UserError) as error:
        load_workload(path, 1, formats())
    assert [message.split(":")[0] for message in error.value.messages] == [
        "layers[0].raw", "layers[1].name"]


@pytest.mark.parametrize(("name", "message"), [
    ("gemm:4x4", "gemm:4x4: is not a GEMM; write gemm:MxKxN with three sizes from 1 to 65536, "
                 "as in gemm:64x64x64"),
    ("gemm:0x4x4", "gemm:0x4x4: is not a GEMM; write gemm:MxKxN with three sizes from 1 to 65536, "
                   "as in gemm:64x64x64"),
    ("gemm:65536x65536x1", "layers[0].channels: 4294967296 numbers of input are too many; "
                           "use layers of at most 67108864"),
    ("nothing", f"nothing: no such workload; use {', '.join(workload_names())}, gemm:MxKxN or "
                "the path of a .yaml file"),
])
def test_bad_names(name, message):
    with pytest.raises(UserError) as error:
        load_workload(name, 1, formats())
    assert error.value.messages == [message]


def test_a_network_needs_formats_that_hold_it():
    with pytest.raises(UserError, match=r"conv1\.weights has values from -127 to 127, which do not "
                                        r"fit int4 weights; use a core with a wider format$"):
        load_workload("digits", 0, formats("int8", "int4"))
    with pytest.raises(UserError, match=r"digits\.npz: 450 images wanted, 449 are there"):
        load_workload("digits", 0, formats(), images=450)


def test_a_network_s_arrays_decide(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(GOOD.replace("channels: 2}", "channels: 2}\nnetwork: net.npz")
                    .replace("kernel: [3, 3]", "kernel: [3, 3], input_bits: 4"))
    with pytest.raises(UserError) as error:
        load_workload(path, 1, formats())
    assert error.value.messages == [
        "layers[0].input_bits: has no meaning with a network, whose arrays decide it; remove it"]


def test_a_network_file_that_is_none(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(GOOD.replace("channels: 2}", "channels: 2}\nnetwork: net.npz"))
    (tmp_path / "net.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(UserError, match=r"net\.npz: is not an \.npz of integers .*; write it"):
        load_workload(path, 1, formats())
    np.savez(tmp_path / "net.npz", inputs=np.zeros((1, 6, 6, 2), int), labels=np.zeros(1, int))
    with pytest.raises(UserError, match=r"net\.npz: first\.weights is missing; add this array$"):
        load_workload(path, 1, formats())


def test_a_multiplier_too_narrow_to_average(tmp_path):
    path = tmp_path / "pool.yaml"
    path.write_text(GOOD.replace(FIRST, "{name: first, kind: average_pool2d, kernel: [3, 3]}"))
    with pytest.raises(UserError) as error:
        load_workload(path, 1, formats(multiplier_bits=8))
    assert error.value.messages == [
        "first: no multiplier of 8 bits averages 9 numbers of int8 exactly; pool a smaller window "
        "or use wider multipliers"]
