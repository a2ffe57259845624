"""Requantization constants: from real scales, for narrow multipliers, and for average pooling.

The one place where floats become the integers of the core; no other module computes with floats.
"""

import math

import numpy as np

from generators.errors import UserError

__all__ = ["average_multiplier", "quantize_multiplier", "quantize_multipliers", "requantize"]


def requantize(values, multiplier, shift, multiplier_bits):
    """``values * multiplier / 2**(multiplier_bits - 1) * 2**shift``, rounded as the core does.

    A left shift comes first, then the product is rounded half up; a right shift follows and
    rounds half away from zero.
    """
    half = 1 << (multiplier_bits - 2)
    product = ((values << max(shift, 0)) * multiplier + half) >> (multiplier_bits - 1)
    if shift >= 0:
        return product
    magnitude = (np.abs(product) + (1 << (-shift - 1))) >> -shift
    return np.where(product < 0, -magnitude, magnitude)


def quantize_multiplier(real, multiplier_bits):
    """Multiplier and shift nearest to a positive real factor, as LiteRT's ``QuantizeMultiplier``.

    The multiplier is at least ``2**(multiplier_bits - 2)``, or zero for factors that round every
    number away.
    """
    one = 1 << (multiplier_bits - 1)
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * one + 0.5)
    if multiplier == one:
        multiplier, shift = one // 2, shift + 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        return one - 1, 30
    return multiplier, shift


def quantize_multipliers(reals, multiplier_bits):
    """`quantize_multiplier` of each factor: two ``int64`` arrays."""
    pairs = [quantize_multiplier(float(real), multiplier_bits) for real in reals]
    return tuple(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)


def average_multiplier(count, multiplier_bits, inputs):
    """Multiplier and shift whose rounding is exactly LiteRT's average of ``count`` numbers.

    LiteRT divides the sum by ``count`` and rounds half away from zero. A multiplier must do the
    same for every sum that ``count`` numbers of format ``inputs`` can have. Both only ever rise
    with the sum, so they agree everywhere if they agree on both sides of each step and at the ends.

    Raises
    ------
    UserError
        No multiplier of that width does.
    """
    low, high = count * inputs.min, count * inputs.max
    steps = np.arange(1, max(-inputs.min, inputs.max) + 1) * count - count // 2
    sums = np.concatenate([steps, steps - 1, -steps, 1 - steps, [low, high]])
    sums = sums[(low <= sums) & (sums <= high)]
    averages = (np.abs(sums) + count // 2) // count * np.sign(sums)
    one = 1 << (multiplier_bits - 1)
    for shift in range(1 if count == 1 else 0, -count.bit_length() - 1, -1):
        nearest = (one << max(-shift, 0)) // (count << max(shift, 0))
        for multiplier in range(nearest, min(nearest + 3, one)):
            if np.array_equal(requantize(sums, multiplier, shift, multiplier_bits), averages):
                return multiplier, shift
    raise UserError([f"no multiplier of {multiplier_bits} bits averages {count} numbers of "
                     f"{inputs} exactly; pool a smaller window or use wider multipliers"])
