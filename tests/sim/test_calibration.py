"""Calibration of converters: the best of all settings, from data, and the network that it saves."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from compiler.converters import Converter, never_clips, with_converters
from compiler.workload import Formats, load_workload
from sim.calibration import best_converter, calibrate, sum_histogram
from sim.golden import Accumulation, run_workload
from sim.golden.analog_layers import run_analog_workload
from tests.sim.test_golden_analog import array

TRAINING, HELD_OUT = 200, 0    # where 100 images start


@cache
def digits(start):
    engine = wide()
    workload = load_workload("digits", 0, Formats(engine.inputs, engine.weights, 32), 300)
    part = slice(start, start + 100)
    return replace(workload, inputs=workload.inputs[part], labels=workload.labels[part])


def wide(**changes):
    """An array with room for sums that a small converter cannot hold."""
    return array(64, 16, rows_active=64, **({"dac_bits": 4, "cell_bits": 4, "adc_bits": 6}
                                            | changes))


def error(histogram, converter, adc_bits):
    """The definition, sum by sum."""
    total = 0
    for number, count in enumerate(histogram.tolist()):
        code = (2 * (number - converter.low) + converter.step) // (2 * converter.step)
        code = min(max(code, 0), (1 << adc_bits) - 1)
        total += count * (number - converter.low - code * converter.step) ** 2
    return total


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("adc_bits", [2, 3])
def test_no_setting_is_better(seed, adc_bits):
    rng = np.random.default_rng(seed)
    histogram = rng.integers(0, 9, int(rng.integers(1, 40))) * rng.integers(0, 2)
    histogram[rng.integers(len(histogram))] += 30
    found = error(histogram, best_converter(histogram, adc_bits), adc_bits)
    assert found == min(error(histogram, Converter(low, step), adc_bits)
                        for low in range(len(histogram))
                        for step in range(1, max(2, -(-(len(histogram) - 1) // (2**adc_bits - 1))
                                                 + 1)))


def test_no_sums_at_all():
    assert best_converter(np.zeros(5), 4) == Converter(0, 1)


def test_sums_are_counted_by_what_their_errors_add():
    # Two rows, digits and slices of one bit: results count by place and by slice.
    engine = array(2, 1, "uint2", "uint2", rows_active=2)
    layer = load_workload("gemm:1x2x1", 0, Formats(engine.inputs, engine.weights, 32)).layers[0]
    layer = replace(layer, weights=np.array([[3], [1]]))
    inputs = np.array([[[[1, 2]]]])
    # First digits 0, 1 by slices (1, 1), (1, 0); second digits 1, 0.
    expected = np.zeros(3)
    for total, place, low in ((1, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)):
        expected[total] += (1 << place + low) ** 2
    np.testing.assert_array_equal(sum_histogram(layer, inputs, engine), expected)


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_settings_suit_the_engine_and_the_data(bits):
    engine = wide(adc_bits=bits)
    converters = calibrate(digits(TRAINING), engine)
    assert converters == calibrate(digits(TRAINING), engine)
    assert list(converters) == [layer.name for layer in digits(TRAINING).layers]
    with_converters(digits(HELD_OUT), engine, converters)      # all of them possible
    # Less is lost on other images, layer by layer.
    tensors = digits(HELD_OUT).inputs
    for layer in digits(HELD_OUT).layers:
        histogram = sum_histogram(layer, tensors, engine)
        assert (error(histogram, converters[layer.name], bits)
                <= error(histogram, never_clips(engine, layer.reduction), bits))
        tensors = run_workload(replace(digits(HELD_OUT), layers=(layer,), inputs=tensors),
                               Accumulation()).outputs


def test_accuracy_of_the_digits():
    """What is lost at low resolution, and that calibration wins most of it back."""
    test, exact = digits(HELD_OUT), run_workload(digits(HELD_OUT), Accumulation())
    lossless = run_analog_workload(test, array(16, 16, rows_active=16))
    np.testing.assert_array_equal(lossless.outputs, exact.outputs)
    engine = wide(dac_bits=1, cell_bits=1, adc_bits=2)
    calibrated = with_converters(test, engine, calibrate(digits(TRAINING), engine))
    before = run_analog_workload(test, engine).accuracy(test.labels)
    after = run_analog_workload(calibrated, engine).accuracy(test.labels)
    assert before < 0.75
    assert after > exact.accuracy(test.labels) - 0.05


def test_clipping_pays_where_large_sums_are_rare():
    engine = array(256, 1, rows_active=256, adc_bits=4, dac_bits=4, cell_bits=4)
    highest = engine.highest_sum
    sums = np.random.default_rng(2).binomial(highest, 0.05, 5000)
    histogram = np.bincount(sums, minlength=highest + 1)
    converter, widest = best_converter(histogram, 4), never_clips(engine)
    assert converter.step < widest.step / 20
    assert error(histogram, converter, 4) < error(histogram, widest, 4) / 100
