"""Stimuli of a calibration: one layer with data of a chosen kind.

Each data set is a pair of distributions, of the inputs that stream by and of the weights, in terms
of the largest number of their formats. Those that coefficients are fitted to and those that their
error is measured on are different distributions, not only different random numbers.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from compiler.quantization import quantize_multipliers
from compiler.workload import Formats, Requantization, load_workload
from hw.formats import NumberFormat

from .golden.layers import Accumulation, run_layer

__all__ = ["HELD_OUT", "TRAINING", "DataSet", "data_set"]


@dataclass(frozen=True)
class DataSet:
    """One kind of data.

    Parameters
    ----------
    name, description: str
    inputs: function of (random, rows, columns)
        Reals from -1 to 1, one row a vector that enters the array; rows follow in time.
    weights: function of (random, rows, columns)
    """

    name: str
    description: str
    inputs: object
    weights: object


def _uniform(random, *shape):
    return random.uniform(-1, 1, shape)


def _gaussian(deviation):
    return lambda random, *shape: random.normal(0, deviation, shape)


def _laplace(scale):
    return lambda random, *shape: random.laplace(0, scale, shape)


def _rectified(deviation, zeros=0.5):
    """Positive or zero, as after a ReLU."""
    return lambda random, *shape: (np.abs(random.normal(0, deviation, shape))
                                   * (random.random(shape) >= zeros))


def _sparse(zeros):
    return lambda random, *shape: random.uniform(-1, 1, shape) * (random.random(shape) >= zeros)


def _walk(step):
    """Each lane moves a little from one vector to the next, as neighbouring pixels do."""
    def draw(random, rows, columns):
        steps = random.normal(0, step, (rows, columns))
        steps[0] = random.uniform(-0.5, 0.5, columns)
        return np.cumsum(steps, axis=0)
    return draw


def _rectified_walk(step):
    """The same after a ReLU."""
    return lambda random, *shape: np.maximum(_walk(step)(random, *shape), 0)


def _constant(random, rows, columns):
    return np.broadcast_to(random.uniform(-1, 1, columns), (rows, columns))


def _bursts(random, rows, columns):
    """Constant for a while, then random for a while."""
    data = random.uniform(-1, 1, (rows, columns))
    for start in range(0, rows, 12):
        data[start:start + 6] = data[start]
    return data


def _extremes(random, *shape):
    return random.choice([-1, 0, 1], shape)


def _few_channels(zeros, deviation):
    """Most channels are always zero: sums pass through their rows unchanged."""
    return lambda random, rows, columns: (random.normal(0, deviation, (rows, columns))
                                          * (random.random(columns) >= zeros))


def _unused_rows(unused, deviation):
    """Weights of layers with fewer channels than rows: whole rows are zero."""
    def draw(random, rows, columns):
        used = random.random((rows, 1)) >= unused
        return random.normal(0, deviation, (rows, columns)) * used
    return draw


@cache
def _digits():
    """What goes into each layer of the digits network for a few images, and its weights.

    By the layer's name: windows as rows of a matrix and weights as [terms, outputs], both as parts
    of the largest number.
    """
    int8 = NumberFormat.parse("int8")
    network = load_workload("digits", 0, Formats(int8, int8, 32), 4)
    tensors, found = network.inputs, {}
    for layer in network.layers:
        height, width = layer.kernel
        windows = np.lib.stride_tricks.sliding_window_view(tensors, (height, width), axis=(1, 2))
        terms = np.moveaxis(windows, 3, -1).reshape(-1, height * width * tensors.shape[-1])
        found[layer.name] = terms / 128, layer.weights.reshape(terms.shape[1], -1) / 128
        tensors = run_layer(layer, tensors, Accumulation(32, "error", 1)).outputs
    return found


def _network_inputs(layer):
    """Windows of a layer one after the other, channels repeated where there are too few."""
    def draw(random, rows, columns):
        windows, _ = _digits()[layer]
        start = random.integers(len(windows) - rows)
        return np.resize(windows[start:start + rows].T, (columns, rows)).T
    return draw


def _network_weights(layer):
    def draw(random, rows, columns):
        _, weights = _digits()[layer]
        return np.resize(random.permuted(weights, axis=1), (rows, columns))
    return draw


_FITTED = (
    DataSet("uniform", "inputs and weights uniform", _uniform, _uniform),
    DataSet("gaussian", "both normal, deviation 1/4", _gaussian(1 / 4), _gaussian(1 / 4)),
    DataSet("rectified", "inputs positive or zero (half), weights normal",
            _rectified(1 / 3), _gaussian(1 / 5)),
    DataSet("sparse_50", "half of the inputs and of the weights zero", _sparse(0.5), _sparse(0.5)),
    DataSet("walk", "inputs drift by 1/32 a vector, weights normal", _walk(1 / 32),
            _gaussian(1 / 4)),
    DataSet("slow_walk", "inputs drift by 1/100 a vector, weights uniform", _walk(1 / 100),
            _uniform),
    DataSet("brisk_walk", "inputs drift by 1/16 a vector, weights normal", _walk(1 / 16),
            _gaussian(1 / 6)),
    DataSet("rectified_walk", "positive or zero inputs drift by 1/20 a vector, weights normal",
            _rectified_walk(1 / 20), _gaussian(1 / 4)),
    DataSet("small_inputs", "inputs normal, deviation 1/16, weights uniform", _gaussian(1 / 16),
            _uniform),
    DataSet("signs", "inputs and weights -1, 0 or 1 of the largest number", _extremes, _extremes),
    DataSet("idle", "inputs constant, weights uniform", _constant, _uniform),
    DataSet("bursts", "inputs constant half of the time, weights small", _bursts,
            _gaussian(1 / 16)),
    DataSet("few_weights", "inputs uniform, 90 % of the weights zero", _uniform, _sparse(0.9)),
    DataSet("half_rows", "inputs positive or zero, weights of half of the rows zero",
            _rectified(1 / 3, 0.3), _unused_rows(0.5, 1 / 4)),
    DataSet("few_channels", "80 % of the channels always zero, the others and weights normal",
            _few_channels(0.8, 1 / 3), _gaussian(1 / 4)),
    DataSet("no_weights", "inputs drift by 1/8 a vector, all weights zero", _walk(1 / 8),
            _unused_rows(1, 1)),
    DataSet("digits_conv1", "images and weights of the digits network's first layer",
            _network_inputs("conv1"), _network_weights("conv1")),
)
_UNSEEN = (
    DataSet("narrow", "inputs normal, deviation 1/12, weights 1/8", _gaussian(1 / 12),
            _gaussian(1 / 8)),
    DataSet("laplace", "both Laplace", _laplace(1 / 6), _laplace(1 / 8)),
    DataSet("sparse_70", "70 % of the inputs zero, weights uniform", _sparse(0.7), _uniform),
    DataSet("rectified_70", "inputs positive or zero (70 %), weights Laplace",
            _rectified(1 / 2, 0.7), _laplace(1 / 10)),
    DataSet("fast_walk", "inputs drift by 1/10 a vector, weights normal", _walk(1 / 10),
            _gaussian(1 / 3)),
    DataSet("small_weights", "inputs uniform, weights normal, deviation 1/20", _uniform,
            _gaussian(1 / 20)),
    DataSet("one_channel", "95 % of the channels always zero, weights Laplace",
            _few_channels(0.95, 1 / 4), _laplace(1 / 6)),
    DataSet("unused_rows", "inputs normal, weights of 80 % of the rows zero", _gaussian(1 / 3),
            _unused_rows(0.8, 1 / 3)),
    DataSet("digits_conv2", "activations and weights of the digits network's second layer",
            _network_inputs("conv2"), _network_weights("conv2")),
)
TRAINING = {data.name: data for data in _FITTED}
HELD_OUT = {data.name: data for data in _UNSEEN}


def data_set(data, formats, seed, *, vectors, channels, outputs, requantized=False):
    """A workload of one matrix product with data of a kind.

    Parameters
    ----------
    data: DataSet
    formats: Formats
    seed: int
    vectors, channels, outputs: int
        The product is [vectors, channels] x [channels, outputs].
    requantized: bool
        Results are activations and not raw sums: two deviations of the sums fill their range.

    Returns
    -------
    Workload
    """
    random = np.random.default_rng([seed, *data.name.encode()])
    workload = load_workload(f"gemm:{vectors}x{channels}x{outputs}", seed, formats)
    [layer] = workload.layers
    inputs = _integers(data.inputs(random, vectors, channels), formats.inputs)
    weights = _integers(data.weights(random, channels, outputs), formats.weights)
    layer = replace(layer, weights=weights)
    if requantized:
        layer = replace(layer, requantization=_requantization(inputs @ weights, formats))
    return replace(workload, name=data.name, inputs=inputs.reshape(workload.inputs.shape),
                   layers=(layer,))


def _requantization(sums, formats):
    numbers, bits = formats.inputs, formats.multiplier_bits
    scales = (numbers.max - numbers.min) / (4 * np.maximum(sums.std(axis=0), 1))
    multiplier, shift = quantize_multipliers(scales, bits)
    return Requantization(multiplier=multiplier, shift=shift, multiplier_bits=bits,
                          output_zero_point=0, clamp_min=numbers.min, clamp_max=numbers.max)


def _integers(reals, number_format):
    """Reals from -1 to 1, clipped, in the format; an unsigned one takes their sizes."""
    scaled = np.rint((reals if number_format.min < 0 else np.abs(reals)) * number_format.max)
    return np.clip(scaled, number_format.min, number_format.max).astype(np.int64)
