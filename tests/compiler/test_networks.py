"""Published networks, independent layers and scales: shapes, products and their errors."""

import numpy as np
import pytest

from compiler.workload import Formats, load_chains, load_workload, workload_title
from generators.errors import UserError
from hw.formats import NumberFormat

INT8 = Formats(NumberFormat.parse("int8"), NumberFormat.parse("int8"), 32)
CHAIN = """
version: 1
name: chain
input: {height: 9, width: 10, channels: 5}
layers:
  - {name: conv, kind: conv2d, channels: 6, kernel: [3, 2], strides: [2, 1]}
  - {name: depthwise, kind: depthwise_conv2d, kernel: [1, 1], depth_multiplier: 2}
  - {name: average, kind: average_pool2d, kernel: [4, 9]}
  - {name: classes, kind: linear, channels: 4}
"""
INDEPENDENT = """
version: 1
name: parts
independent: true
images: 2
layers:
  - {name: first, kind: conv2d, input: {height: 6, width: 6, channels: 2}, channels: 3,
     kernel: [3, 3], copies: 2}
  - {name: second, kind: gemm, input: {height: 1, width: 4, channels: 7}, channels: 5, raw: true}
"""


def layers(name):
    return {layer.name: layer for chain in load_chains(name, None, INT8) for layer in chain.layers}


def written(tmp_path, text):
    path = tmp_path / "workload.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("name", "macs"), [
    # Eyeriss (Chen et al., JSSC 2017), table II's shapes of AlexNet: 666 M in all.
    ("alexnet", {"conv1": 105_415_200, "conv2": 223_948_800, "conv3": 149_520_384,
                 "conv4": 112_140_288, "conv5": 74_760_192}),
    # Eyeriss, table VI: 46.04 G for a batch of three images of VGG-16's convolutions, 15.35 G each.
    ("vgg16", {"conv": 15_346_630_656}),
    # MLPerf Tiny (Banbury et al., 2021): 12.5 M, 2.7 M, 7.5 M and 0.264 M.
    ("resnet8", {"": 12_501_632}), ("ds_cnn", {"": 2_656_768}), ("mobilenet", {"": 7_489_664}),
    ("autoencoder", {"": 264_192}),
    # GPT-2 small: 768 channels, 12 heads of 64, four times as many hidden; 128 tokens.
    ("transformer_prefill", {"": 128 * (12 * 768**2 + 2 * 128 * 768)}),
    ("transformer_decode", {"": 12 * 768**2 + 2 * 128 * 768}),
])
def test_products_of_published_networks(name, macs):
    found = layers(name)
    for prefix, expected in macs.items():
        assert sum(layer.macs for layer in found.values()
                   if layer.name.startswith(prefix)) == expected
    assert sum(layer.macs for layer in found.values()) == sum(macs.values())


def test_independent_layers_are_chains_of_their_own(tmp_path):
    chains = load_chains(written(tmp_path, INDEPENDENT), 1, INT8)
    assert [chain.name for chain in chains] == ["first_0", "first_1", "second"]
    assert [[layer.name for layer in chain.layers] for chain in chains] == [
        ["first_0"], ["first_1"], ["second"]]
    assert [chain.inputs.shape for chain in chains] == [(2, 6, 6, 2), (2, 6, 6, 2), (2, 1, 4, 7)]
    assert np.any(chains[0].inputs != chains[1].inputs)
    assert np.any(chains[0].layers[0].weights != chains[1].layers[0].weights)
    assert [chain.layers[0].raw for chain in chains] == [False, False, True]


def test_shapes_alone_take_no_memory():
    for chain in load_chains("vgg16", None, INT8):
        for array in (chain.inputs, *(layer.weights for layer in chain.layers if not layer.pools)):
            assert not any(array.strides)


@pytest.mark.parametrize(("scale", "shapes"), [
    (1, ["9x10x5", "4x9x6", "4x9x12", "1x1x12", "1x1x4"]),
    # Channels and the first extents are divided and rounded up; 3x2 windows and strides stay, and
    # the average is over what there is.
    (2, ["5x5x3", "2x4x3", "2x4x6", "1x1x6", "1x1x2"]),
    (3, ["3x4x2", "1x3x2", "1x3x4", "1x1x4", "1x1x2"]),
])
def test_scale(tmp_path, scale, shapes):
    path = written(tmp_path, CHAIN)
    in_file = tmp_path / "scaled.yaml"
    in_file.write_text(CHAIN.replace("name: chain\n", f"name: chain\nscale: {scale}\n"))
    for name in (f"{path}@{scale}", in_file):
        chain = load_workload(name, None, INT8)
        assert [str(chain.layers[0].input_shape),
                *(str(layer.output_shape) for layer in chain.layers)] == shapes
        assert [layer.kernel for layer in chain.layers[:2]] == [(3, 2), (1, 1)]
    assert workload_title(path) == workload_title(in_file) == "chain"
    assert workload_title(f"{path}@{scale}") == f"chain_scale{scale}"


def test_scale_of_independent_layers(tmp_path):
    first, _, second = load_chains(f"{written(tmp_path, INDEPENDENT)}@2", None, INT8)
    assert (str(first.layers[0].input_shape), str(first.layers[0].output_shape)) == (
        "3x3x1", "1x1x2")
    assert (second.inputs.shape, str(second.layers[0].output_shape)) == ((2, 1, 2, 4), "1x2x3")


@pytest.mark.parametrize(("text", "old", "new", "messages"), [
    (CHAIN, "input: {height: 9, width: 10, channels: 5}\n", "",
     ["input: is missing; add the shape that the first layer reads"]),
    (CHAIN, "channels: 4}", "channels: 4, copies: 2}",
     ["layers[3].copies: has no meaning in a chain; remove it, or make all layers independent"]),
    (CHAIN, "channels: 4}", "channels: 4, input: {height: 1, width: 1, channels: 12}}",
     ["layers[3].input: has no meaning in a chain; remove it, or make all layers independent"]),
    (CHAIN, "name: chain\n", "name: chain\nscale: 10\n",
     ["layers[0].kernel: reaches over 3x2 pixels, the padded input of 1x1x1 is smaller; use a "
      "smaller kernel or more padding"]),
    (CHAIN, "name: chain\n", "name: chain\nscale: 0\n",
     ["scale: 0 is not positive; use 1 or more (line 4)"]),
    (CHAIN, "name: chain\n", "name: chain\nnetwork: net.npz\nscale: 2\n",
     ["scale: has no meaning with a network, whose arrays decide the shapes; remove it"]),
    (CHAIN, "height: 9", "hight: 9",
     ["input.height: is missing; add it (line 4)",
      "input.hight: unknown key; did you mean height? (line 4)"]),
    (INDEPENDENT, "input: {height: 1, width: 4, channels: 7}, ", "",
     ["layers[1].input: is missing; add it, as layers are independent"]),
    (INDEPENDENT, "images: 2", "network: net.npz\ninput: {height: 1, width: 4, channels: 7}",
     ["input: has no meaning where layers are independent; remove it",
      "network: has no meaning where layers are independent; remove it"]),
    (INDEPENDENT, "name: second", "name: first_1",
     ["layers[1].name: 'first_1' is the name of an earlier layer; choose another"]),
    (INDEPENDENT, "[3, 3]", "[7, 7]",
     ["layers[0].kernel: reaches over 7x7 pixels, the padded input of 6x6x2 is smaller; use a "
      "smaller kernel or more padding"]),
])
def test_bad_files(tmp_path, text, old, new, messages):
    assert old in text
    with pytest.raises(UserError) as error:
        load_chains(written(tmp_path, text.replace(old, new)), 1, INT8)
    assert error.value.messages == messages
