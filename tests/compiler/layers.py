"""Small cores and layers for the tests of the compiler."""

import numpy as np

from compiler.layer import Layer, Requantization, TensorShape
from hw.parameters import Dataflow
from tests.regression.harness import Core

__all__ = ["FLOWS", "conv", "core", "gemm", "pool", "random_core", "random_layer"]

# The dataflows of systolic arrays that a job runs in.
FLOWS = (Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY, Dataflow.INPUT_STATIONARY)
KINDS = ("gemm", "conv2d", "depthwise_conv2d", "max_pool2d")


def core(dataflow="weight_stationary", *, rows=4, columns=4, lanes=None, **memories):
    """An int8 core; memories that are not given are deep."""
    depths = {"activation_words": 8192, "weight_words": 2048, "accumulator_words": 2048,
              "parameter_words": 256, "program_words": 512} | memories
    return Core.of({
        "name": "core",
        "engine": {"kind": "systolic", "dataflow": dataflow, "rows": rows, "columns": columns},
        "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
        "memories": depths,
        "post_processing": {"lanes": lanes or columns, "multiplier_bits": 32}})


def _requantization(channels, zero_point=3):
    return Requantization(np.full(channels, 1 << 30), np.full(channels, -6), 32, zero_point,
                          -128, 127)


def gemm(m, k, n, *, raw=False, name="gemm"):
    weights = np.arange(k * n).reshape(k, n) % 251 - 125
    return Layer(name=name, kind="gemm", input_shape=TensorShape(1, m, k), weights=weights,
                 bias=np.zeros(n, dtype=np.int64), input_zero_point=1,
                 requantization=None if raw else _requantization(n))


def conv(shape, channels, kernel=(3, 3), *, depth_multiplier=None, raw=False, **window):
    """A convolution of an input (height, width, channels); depthwise if it has a multiplier."""
    shape = TensorShape(*shape)
    kind = "depthwise_conv2d" if depth_multiplier else "conv2d"
    outputs = shape.channels * depth_multiplier if depth_multiplier else channels
    weights = np.ones((*kernel, shape.channels, depth_multiplier or outputs), dtype=np.int64)
    return Layer(name="conv", kind=kind, input_shape=shape, weights=weights, kernel=kernel,
                 bias=np.zeros(outputs, dtype=np.int64), input_zero_point=1,
                 requantization=None if raw else _requantization(outputs), **window)


def pool(shape, kernel=(2, 2), **window):
    shape = TensorShape(*shape)
    return Layer(name="pool", kind="max_pool2d", input_shape=shape, weights=None, kernel=kernel,
                 bias=np.zeros(shape.channels, dtype=np.int64), input_zero_point=0,
                 requantization=_requantization(shape.channels, zero_point=0), **window)


def random_core(random, dataflow):
    rows, columns = random.randint(1, 6), random.randint(1, 6)
    lanes = random.choice([n for n in range(1, columns + 1) if columns % n == 0])
    return core(dataflow, rows=rows, columns=columns, lanes=lanes)


def random_layer(random):
    """A layer with at least one output."""
    kind = random.choice(KINDS)
    channels, raw = random.randint(1, 14), random.random() < 0.3
    if kind == "gemm":
        return gemm(random.randint(1, 40), channels, random.randint(1, 20), raw=raw)
    shape = random.randint(1, 8), random.randint(1, 8), channels
    kernel = random.randint(1, 3), random.randint(1, 3)
    padding = tuple(random.randint(0, edge - 1) for edge in (*kernel, *kernel))
    window = {"padding": padding, "strides": (random.randint(1, 3), random.randint(1, 3))}
    layer = (pool(shape, kernel, **window) if kind == "max_pool2d"
             else conv(shape, random.randint(1, 14), kernel, raw=raw, **window,
                       dilation=(random.randint(1, 2), random.randint(1, 2)),
                       depth_multiplier=(random.choice([1, 2]) if kind == "depthwise_conv2d"
                                         else None)))
    return layer if min(layer.output_shape) > 0 else random_layer(random)
