"""The golden model of analog compute-in-memory: exact where nothing is lost, and as stated else."""

from dataclasses import replace
from math import ceil

import numpy as np
import pytest

from compiler.converters import Converter, never_clips
from hw.cim.analog.parameters import AnalogCimParameters, AnalogNoise
from hw.formats import NumberFormat
from hw.parameters import Overflow
from sim.golden.analog import (
    CELL,
    GAIN,
    OFFSET,
    THERMAL,
    analog_product,
    column_sums,
    conversion_codes,
    deviations,
    mix,
    noise_key,
)

QUIET = AnalogNoise(seed=1, thermal=0, offset=0, gain=0, cell=0)
LOSSLESS = Converter(low=0, step=1)
ONE = 1 << 16   # a standard deviation of 1


def array(rows=7, columns=3, inputs="int8", weights="int8", noise=QUIET, **changes):
    settings = {"banks": 2, "dac_bits": 1, "cell_bits": 1, "rows_active": 7, "columns_per_adc": 1,
                "adc_bits": 12} | changes
    return AnalogCimParameters(
        rows=rows, columns=columns, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat(32, True),
        overflow=Overflow.ERROR, noise=noise, **settings)


def numbers(rng, number, shape):
    values = rng.integers(number.min, number.max + 1, shape)
    corners = rng.choice([number.min, number.max, 0, max(-1, number.min)], shape)
    return np.where(rng.random(shape) < 0.3, corners, values)


def operands(rng, p, vectors, rows=None):
    return (numbers(rng, p.inputs, (vectors, rows or p.rows)),
            numbers(rng, p.weights, (rows or p.rows, p.columns)))


@pytest.mark.parametrize("seed", range(60))
def test_a_converter_that_loses_nothing_gives_the_product(seed):
    rng = np.random.default_rng(seed)
    p = array(rows=int(rng.integers(1, 21)), columns=int(rng.integers(1, 6)),
              inputs=f"{rng.choice(['int', 'uint'])}{rng.integers(2, 17)}",
              weights=f"{rng.choice(['int', 'uint'])}{rng.integers(2, 17)}",
              dac_bits=int(rng.integers(1, 5)), cell_bits=int(rng.integers(1, 5)),
              rows_active=int(rng.integers(1, 18)), columns_per_adc=int(rng.integers(1, 9)))
    assert p.highest_step == 1
    x, w = operands(rng, p, 9, rows=int(rng.integers(1, p.rows + 1)))
    np.testing.assert_array_equal(analog_product(x, w, p, LOSSLESS), x @ w)


@pytest.mark.parametrize("inputs", ["int8", "uint8"])
def test_inputs_of_fewer_digits(inputs):
    p = array(inputs=inputs, dac_bits=2)
    rng = np.random.default_rng(1)
    x = numbers(rng, NumberFormat.parse(inputs.replace("8", "4")), (20, 7))
    _, w = operands(rng, p, 1)
    np.testing.assert_array_equal(analog_product(x, w, p, LOSSLESS, digits=2), x @ w)


def by_definition(x, w, p, converter):
    """One number of the result from the definitions, conversion by conversion, with fractions."""
    step, top = converter.step, (1 << p.adc_bits) - 1
    digits = ceil(p.inputs.bits / p.dac_bits)
    signed = p.inputs.signed
    offset = 1 << (digits * p.dac_bits - 1) if signed else 0
    total = -offset * sum(w)
    low_bits = p.weights.bits - p.weights.signed
    for place in range(digits):
        for start in range(0, len(x), p.rows_active):
            group = range(start, min(start + p.rows_active, len(x)))
            lines = {r: ((x[r] + offset) >> (place * p.dac_bits)) % (1 << p.dac_bits)
                     for r in group}
            pieces = [(low, (1 << min(p.cell_bits, low_bits - low)) - 1, 1)
                      for low in range(0, low_bits, p.cell_bits)]
            if p.weights.signed:
                pieces.append((low_bits, 1, -1))
            for low, mask, sign in pieces:
                exact = sum(lines[r] * ((w[r] >> low) & mask) for r in group)
                code = min(max((2 * (exact - converter.low) + step) // (2 * step), 0), top)
                total += sign * (converter.low + code * step) << (place * p.dac_bits + low)
    return total


@pytest.mark.parametrize(("inputs", "weights", "dac_bits", "cell_bits", "low", "step"), [
    ("int8", "int8", 1, 1, 0, 2), ("int8", "int8", 2, 3, 5, 4), ("uint4", "int3", 4, 2, 1, 2),
    ("int5", "uint6", 3, 4, 9, 7), ("uint3", "uint2", 1, 2, 2, 1)])
def test_clipping_and_steps(inputs, weights, dac_bits, cell_bits, low, step):
    p = array(11, 2, inputs, weights, dac_bits=dac_bits, cell_bits=cell_bits, adc_bits=2,
              rows_active=6)
    converter = Converter(low, step)
    x, w = operands(np.random.default_rng(3), p, 6)
    expected = [[by_definition(row.tolist(), column.tolist(), p, converter) for column in w.T]
                for row in x]
    found = analog_product(x, w, p, converter)
    assert found.tolist() == expected
    assert np.any(found != x @ w)


def test_codes():
    values = np.array([-3, 0, 4, 5, 6, 9, 100]) << 8
    assert conversion_codes(values, Converter(5, 2), 3).tolist() == [0, 0, 0, 0, 1, 2, 7]
    assert conversion_codes(np.array([127, 128, 383, 384]), LOSSLESS, 2).tolist() == [0, 1, 1, 2]


def test_results_stay_in_the_partial_sum():
    """Also where every conversion yields the largest number there is."""
    for inputs, weights in (("int8", "int8"), ("uint8", "int4"), ("int3", "uint5")):
        p = array(9, 1, inputs, weights, adc_bits=2, rows_active=4, dac_bits=2, cell_bits=2,
                  noise=replace(QUIET, offset=50 * ONE))
        converter = Converter(p.highest_sum, p.highest_step)
        for x in (p.inputs.min, p.inputs.max):
            for w in (p.weights.min, p.weights.max):
                for seed in range(20):
                    loud = replace(p, noise=replace(p.noise, seed=seed))
                    [[result]] = analog_product(np.full((1, 9), x), np.full((9, 1), w), loud,
                                                converter)
                    assert p.partial_sum.min <= result <= p.partial_sum.max


def test_packed_column_sums():
    rng = np.random.default_rng(5)
    x, cells = rng.integers(0, 16, (5, 256)), rng.integers(0, 2000, (256, 37))
    np.testing.assert_array_equal(column_sums(x, cells), x @ cells)
    np.testing.assert_array_equal(column_sums(x * 0, cells), 0 * x @ cells)


def test_mixing_is_the_published_function():
    def lowbias32(x):
        x = (x ^ (x >> 16)) * 0x7FEB352D % 2**32
        x = (x ^ (x >> 15)) * 0x846CA68B % 2**32
        return x ^ (x >> 16)

    words = [0, 1, 2, 0x12345678, 0xFFFFFFFF]
    assert mix(words).tolist() == [lowbias32(word) for word in words]


@pytest.mark.parametrize("what", [THERMAL, OFFSET, GAIN, CELL])
def test_deviations_have_the_stated_distribution(what):
    number, index = np.ogrid[:16, :10_000]
    values = deviations(noise_key(7, what), number, index, 2 * ONE, 8)
    assert abs(values.mean()) < 0.01 * 512
    assert abs(values.std() - 512) < 0.01 * 512
    # Neighbours, and the same index of two columns, have nothing to do with each other.
    for a, b in ((values[:, :-1], values[:, 1:]), (values[:-1], values[1:])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.01
    assert np.array_equal(values, deviations(noise_key(7, what), number, index, 2 * ONE, 8))
    assert not np.array_equal(values, deviations(noise_key(8, what), number, index, 2 * ONE, 8))


def test_thermal_noise_belongs_to_the_conversion():
    p = array(columns_per_adc=2, noise=replace(QUIET, thermal=ONE))
    rng = np.random.default_rng(2)
    x, w = operands(rng, p, 6)
    whole = analog_product(x, w, p, LOSSLESS, noise_seed=3)
    assert np.any(whole != x @ w)
    # The second half of the vectors alone, at the number that its first conversion has.
    conversions = p.vector_cycles(p.inputs.bits, p.rows)
    np.testing.assert_array_equal(
        analog_product(x[3:], w, p, LOSSLESS, noise_seed=3, first=3 * conversions), whole[3:])
    assert np.any(analog_product(x[3:], w, p, LOSSLESS, noise_seed=3) != whole[3:])
    assert np.any(analog_product(x, w, p, LOSSLESS, noise_seed=4) != whole)


@pytest.mark.parametrize("kind", ["offset", "gain", "cell"])
def test_mismatch_stays_the_same(kind):
    p = array(noise=replace(QUIET, **{kind: ONE // 2}), dac_bits=4, cell_bits=4)
    x, w = operands(np.random.default_rng(4), p, 30)
    found = analog_product(x, w, p, LOSSLESS)
    assert np.any(found != x @ w)
    np.testing.assert_array_equal(analog_product(x, w, p, LOSSLESS, noise_seed=9, first=5), found)
    in_other_bank = analog_product(x, w, p, LOSSLESS, bank=1)
    assert np.array_equal(in_other_bank, found) == (kind != "cell")


def test_cells_that_store_nothing_have_no_variation():
    p = array(noise=replace(QUIET, cell=ONE // 5))
    x, w = operands(np.random.default_rng(6), p, 10)
    np.testing.assert_array_equal(analog_product(x, 0 * w, p, LOSSLESS), 0 * (x @ w))


@pytest.mark.parametrize(("changes", "message"), [
    ({"digits": 0}, "0 digits: inputs have 1 to 8"),
    ({"digits": 9}, "9 digits: inputs have 1 to 8"),
    ({"digits": 4}, r"inputs from -?\d+ to \d+: they go from -8 to 7"),
    ({"x": np.zeros((1, 8), dtype=int)}, r"\(1, 8\) by \(7, 3\) does not fit 7 rows and 3 columns"),
    ({"w": np.zeros((7, 4), dtype=int)}, r"\(3, 7\) by \(7, 4\) does not fit 7 rows and 3 columns"),
    ({"w": np.full((7, 1), 128)}, "weights from 128 to 128: they go from -128 to 127"),
    ({"converter": Converter(8, 1)},
     r"Converter\(low=8, step=1\): low goes from 0 to 7, step from 1 to 1"),
    ({"converter": Converter(0, 2)},
     r"Converter\(low=0, step=2\): low goes from 0 to 7, step from 1 to 1"),
])
def test_impossible_arguments(changes, message):
    p = array()
    x, w = operands(np.random.default_rng(8), p, 3)
    arguments = {"x": x, "w": w, "converter": never_clips(p)} | changes
    with pytest.raises(ValueError, match=f"^{message}$"):
        analog_product(parameters=p, **arguments)
