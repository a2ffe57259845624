"""The vectorised integer helpers against Python's unbounded integers and exact fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from compiler.quantization import average_multiplier, quantize_multiplier, requantize
from hw.formats import NumberFormat
from sim.golden import arithmetic

INT32_CORNERS = [-2**31, -2**31 + 1, -2**30, -3, -2, -1, 0, 1, 2, 3, 2**30, 2**31 - 2, 2**31 - 1]


def values(seed):
    random = np.random.default_rng(seed)
    magnitudes = 1 << random.integers(0, 32, 500)
    return np.array([*INT32_CORNERS, *random.integers(-magnitudes, magnitudes)], dtype=np.int64)


def half_up(fraction):
    return floor(fraction + Fraction(1, 2))


def half_away(fraction):
    return half_up(fraction) if fraction >= 0 else -half_up(-fraction)


@pytest.mark.parametrize(("bits", "signed", "low", "high"), [
    (1, True, -1, 0), (2, True, -2, 1), (8, True, -128, 127), (8, False, 0, 255),
    (32, True, -2**31, 2**31 - 1), (40, True, -2**39, 2**39 - 1)])
def test_wrap_and_saturate(bits, signed, low, high):
    numbers = np.arange(-600, 600, dtype=np.int64) * max(1, (high - low) // 400)
    wrapped = [(int(number) - low) % (1 << bits) + low for number in numbers]
    np.testing.assert_array_equal(arithmetic.wrap(numbers, bits, signed), wrapped)
    saturated = [min(max(int(number), low), high) for number in numbers]
    np.testing.assert_array_equal(arithmetic.saturate(numbers, bits, signed), saturated)


@pytest.mark.parametrize("bits", [8, 9, 16, 23, 32])
def test_high_multiplication_rounds_ties_upwards(bits):
    numbers, one = values(bits), 1 << (bits - 1)
    for multiplier in (0, 1, one // 2, one // 2 + 1, one - 1):
        expected = [half_up(Fraction(int(number) * multiplier, one)) for number in numbers]
        np.testing.assert_array_equal(
            arithmetic.saturating_rounding_doubling_high_mul(numbers, multiplier, bits), expected)


@pytest.mark.parametrize("exponent", [0, 1, 2, 7, 30, 31])
def test_division_rounds_ties_away_from_zero(exponent):
    numbers = values(exponent)
    expected = [half_away(Fraction(int(number), 1 << exponent)) for number in numbers]
    np.testing.assert_array_equal(arithmetic.rounding_divide_by_pot(numbers, exponent), expected)


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("shift", [-31, -8, -1, 0, 1, 6, 30])
def test_quantized_multiplication(shift, bits):
    numbers, one = values(100 + shift), 1 << (bits - 1)
    multiplier = one // 2 + one // 7
    expected = []
    for number in map(int, numbers):
        shifted = ((number << max(shift, 0)) + 2**31) % 2**32 - 2**31
        product = half_up(Fraction(shifted * multiplier, one))
        expected.append(half_away(Fraction(product, 1 << max(-shift, 0))))
    np.testing.assert_array_equal(
        arithmetic.multiply_by_quantized_multiplier(numbers, multiplier, shift, bits), expected)


def test_multipliers_broadcast_over_channels():
    numbers = values(1)[:510].reshape(-1, 3)
    multipliers, shifts = np.array([2**30, 2**31 - 1, 3 * 2**29]), np.array([-3, 0, 2])
    together = arithmetic.multiply_by_quantized_multiplier(numbers, multipliers, shifts)
    for channel in range(3):
        np.testing.assert_array_equal(together[:, channel],
                                      arithmetic.multiply_by_quantized_multiplier(
                                          numbers[:, channel], multipliers[channel],
                                          shifts[channel]))


@pytest.mark.parametrize("bits", [8, 12, 32])
def test_quantized_factor_is_the_nearest(bits):
    for real in (1e-12, 2**-31, 0.001, 0.1, 0.5, 0.75, 0.9999999999, 1.0, 3.7, 1000.0):
        multiplier, shift = quantize_multiplier(real, bits)
        if real < 2**-32:
            assert multiplier == 0
            continue
        assert 2**(bits - 2) <= multiplier < 2**(bits - 1)
        exact = Fraction(real) * 2**(bits - 1) / Fraction(2)**shift
        assert abs(multiplier - exact) <= Fraction(1, 2)


def test_compiler_rounds_as_the_golden_model():
    numbers = values(2) >> 7  # as small as sums are, so that no left shift overflows
    for bits, multiplier, shift in [(32, 2**31 - 5, -4), (32, 2**30, 3), (12, 1700, -9),
                                    (8, 99, 0)]:
        np.testing.assert_array_equal(
            requantize(numbers, multiplier, shift, bits),
            arithmetic.multiply_by_quantized_multiplier(numbers, multiplier, shift, bits))


@pytest.mark.parametrize("bits", [16, 24, 32])
@pytest.mark.parametrize("name", ["int8", "uint8", "int4"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9, 12, 16])
def test_average_multiplier_is_exact_for_every_sum(count, name, bits):
    inputs = NumberFormat.parse(name)
    sums = np.arange(count * inputs.min, count * inputs.max + 1, dtype=np.int64)
    multiplier, shift = average_multiplier(count, bits, inputs)
    averages = [int(abs(total) + count // 2) // count * (1 if total >= 0 else -1)
                for total in sums.tolist()]
    np.testing.assert_array_equal(
        arithmetic.multiply_by_quantized_multiplier(sums, multiplier, shift, bits), averages)
