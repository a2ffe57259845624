"""Layers on an analog engine, in whole and in tiles: exact where nothing is lost, else by tile."""

from dataclasses import replace

import numpy as np
import pytest

from compiler.compile import compile_workload
from compiler.converters import Converter
from compiler.workload import load_workload
from sim.golden import Accumulation, run_layer
from sim.golden.analog import analog_product
from sim.golden.analog_layers import jobs_of, run_analog_layer, run_analog_workload, whole_layer
from tests.hw.cim.analog.test_core import ROOMY, TIGHT, core, workload

KINDS = [{"kind": "conv2d", "channels": 9, "kernel": [3, 2], "strides": [2, 1], "padding": "same"},
         {"kind": "conv2d", "channels": 3, "kernel": [2, 2], "dilation": [2, 1]},
         {"kind": "depthwise_conv2d", "kernel": [2, 3], "padding": "same"},
         {"kind": "depthwise_conv2d", "kernel": [2, 2], "depth_multiplier": 3},
         {"kind": "average_pool2d", "kernel": [2, 2]}, {"kind": "max_pool2d", "kernel": [3, 2]},
         {"kind": "linear", "channels": 7}, {"kind": "linear", "channels": 7, "raw": True}]
ACCUMULATION = Accumulation()


def layer_of(target, entry, folder, channels=11):
    document = {"name": "one", "input": {"height": 5, "width": 6, "channels": channels},
                "images": 2, "layers": [{"name": "layer"} | entry]}
    return workload(target, document, seed=2, folder=folder)


@pytest.mark.parametrize("entry", KINDS, ids=lambda entry: entry["kind"])
@pytest.mark.parametrize("memories", [None, ROOMY, TIGHT], ids=["whole", "roomy", "tight"])
def test_layers_of_which_nothing_is_lost(entry, memories, tmp_path):
    target = core(memories or ROOMY, adc_bits=8, dac_bits=2, cell_bits=2)
    data, engine = layer_of(target, entry, tmp_path), target.parameters.engine
    [layer] = data.layers
    jobs = whole_layer(layer, engine)
    if memories:
        program = compile_workload(target.parameters, target.encoding, data)
        jobs = jobs_of(program, layer)
        assert len(jobs) > 1 or memories is ROOMY
    found = run_analog_layer(layer, data.inputs, ACCUMULATION, engine, jobs)
    expected = run_layer(layer, data.inputs, ACCUMULATION)
    np.testing.assert_array_equal(found.accumulators, expected.accumulators)
    np.testing.assert_array_equal(found.outputs, expected.outputs)


def test_conversions_are_counted_through_a_job(tmp_path):
    """A product of two blocks of rows and two tiles of channels, put together by hand."""
    target = core(noise={"thermal": 0.8, "cell": 0.1}, columns_per_adc=2, banks=4)
    engine = target.parameters.engine
    data = load_workload("gemm:3x13x6", 1, target.formats)
    [layer], [job] = data.layers, whole_layer(data.layers[0], target.parameters.engine)
    x = data.inputs[0, 0]
    x, w = np.pad(x, [(0, 0), (0, 3)]), np.pad(layer.weights, [(0, 3), (0, 0)])
    conversions = 3 * 8 * 1 * 2
    parts = [[analog_product(x[:, rows], w[rows, columns], engine, job.converter,
                             noise_seed=job.noise_seed, bank=number, first=number * conversions)
              for number, rows in ((tile, slice(0, 8)), (tile + 1, slice(8, 16)))]
             for tile, columns in ((0, slice(0, 4)), (2, slice(4, 6)))]
    expected = np.concatenate([a + b for a, b in parts], axis=1)
    found = run_analog_layer(layer, data.inputs, ACCUMULATION, engine, [job])
    np.testing.assert_array_equal(found.outputs[0, 0], expected)
    assert np.any(expected != data.inputs[0, 0] @ layer.weights)


def test_images_see_the_same_noise(tmp_path):
    target = core(noise={"thermal": 0.8})
    data = layer_of(target, KINDS[0], tmp_path)
    twice = replace(data, inputs=np.stack([data.inputs[0], data.inputs[0]]))
    outputs = run_analog_workload(twice, target.parameters.engine).outputs
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_settings_of_a_layer_count(tmp_path):
    target = core(adc_bits=2)
    data = layer_of(target, KINDS[0], tmp_path)
    settings = {"layer": Converter(1, 1)}
    program = compile_workload(target.parameters, target.encoding, data, converters=settings)
    [layer] = data.layers
    jobs = jobs_of(program, layer)
    assert {job.converter for job in jobs} == {Converter(1, 1)}
    engine = target.parameters.engine
    calibrated = run_analog_layer(layer, data.inputs, ACCUMULATION, engine, jobs)
    default = run_analog_layer(layer, data.inputs, ACCUMULATION, engine,
                               whole_layer(layer, engine))
    assert np.any(calibrated.accumulators != default.accumulators)


@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
def test_sums_outside_the_accumulator(overflow, tmp_path):
    """Each tile's products meet the accumulator's range as those of exact engines do."""
    target = core(adc_bits=8)
    data = layer_of(target, KINDS[0], tmp_path)
    [layer] = data.layers
    accumulation = Accumulation(12, overflow, 8)
    engine = target.parameters.engine
    found = run_analog_layer(layer, data.inputs, accumulation, engine, whole_layer(layer, engine))
    expected = run_layer(layer, data.inputs, accumulation)
    np.testing.assert_array_equal(found.accumulators, expected.accumulators)
    assert np.any(expected.accumulators != run_layer(layer, data.inputs, ACCUMULATION).accumulators)
