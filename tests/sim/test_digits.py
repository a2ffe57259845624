"""The digits network on the golden model, and the training that made it."""

import numpy as np
import pytest

from compiler.workload import WORKLOADS, Formats, load_workload
from hw.formats import NumberFormat
from sim.golden import Accumulation, run_workload
from sim.training.network import Convolution, cross_entropy_gradient

HELD_OUT = 449


def load_digits(multiplier_bits, images=None):
    int8 = NumberFormat.parse("int8")
    return load_workload("digits", 0, Formats(int8, int8, multiplier_bits), images)


@pytest.mark.parametrize(("multiplier_bits", "least"), [(32, 0.96), (16, 0.96), (8, 0.95)])
def test_accuracy_on_the_held_out_digits(multiplier_bits, least):
    workload = load_digits(multiplier_bits, HELD_OUT)
    accuracy = run_workload(workload, Accumulation()).accuracy(workload.labels)
    print(f"{multiplier_bits}-bit multipliers: {accuracy:.2%}")
    assert accuracy >= least


def test_network_has_the_layers_that_it_should():
    kinds = [(layer.kind, layer.strides) for layer in load_digits(32).layers]
    assert kinds == [("conv2d", (1, 1)), ("conv2d", (2, 2)), ("linear", (1, 1))]


def test_multipliers_of_32_bits_are_the_file_s():
    workload = load_digits(32)
    with np.load(WORKLOADS / "digits.npz") as arrays:
        for layer in workload.layers:
            np.testing.assert_array_equal(layer.requantization.multiplier,
                                          arrays[f"{layer.name}.multiplier"])
            np.testing.assert_array_equal(layer.requantization.shift,
                                          arrays[f"{layer.name}.shift"])


@pytest.mark.parametrize(("stride", "padded", "relu"),
                         [(1, True, True), (2, True, False), (1, False, True)])
def test_backward_pass_is_the_derivative(stride, padded, relu):
    random = np.random.default_rng(5)
    layer = Convolution(random, extent=5, inputs=2, outputs=3, kernel=3, stride=stride,
                        padded=padded, relu=relu)
    images = random.normal(size=(2, 5, 5, 2))
    direction = random.normal(size=layer.forward(images).shape)
    gradients = layer.backward(direction)
    for array, gradient in zip((layer.weights, layer.bias, images), gradients, strict=True):
        index = tuple(random.integers(array.shape))
        losses = []
        for nudge in (1e-6, -2e-6):
            array[index] += nudge
            losses.append((layer.forward(images) * direction).sum())
        array[index] += 1e-6
        assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(gradient[index], abs=1e-6)


def test_cross_entropy_gradient_pulls_towards_the_label():
    gradient = cross_entropy_gradient(np.zeros((1, 1, 1, 4)), np.array([2]))
    np.testing.assert_allclose(gradient.ravel(), [0.25, 0.25, -0.75, 0.25])
