"""Integer helpers with the names that the RTL and the published definitions give them.

The requantization is that of LiteRT's int8 reference kernels, which took it from gemmlowp's
``fixedpoint.h``: a saturating, rounding, doubling high multiplication and a rounding division by
a power of two. Where LiteRT has 32 bits, the width of the multiplier is a parameter here.
All functions work on ``int64`` arrays, element by element.
"""

import numpy as np

__all__ = ["multiply_by_quantized_multiplier", "requantize", "rounding_divide_by_pot", "saturate",
           "saturating_rounding_doubling_high_mul", "truncating_divide", "wrap"]


def wrap(values, bits, signed=True):
    """Keep the low ``bits`` bits, read as two's complement (or as plain binary)."""
    half = 1 << (bits - 1) if signed else 0
    return ((values + half) & ((1 << bits) - 1)) - half


def saturate(values, bits, signed=True):
    """Replace what does not fit by the nearest number that does."""
    high = (1 << (bits - signed)) - 1
    return np.clip(values, -high - 1 if signed else 0, high)


def truncating_divide(values, divisor):
    """Division that drops the fraction, as C's; ``divisor`` is positive."""
    return np.sign(values) * (np.abs(values) // divisor)


def saturating_rounding_doubling_high_mul(values, multiplier, multiplier_bits=32):
    """The high half of ``2 * values * multiplier``, rounded to the nearest, ties upwards.

    gemmlowp: ``(ab + nudge) / 2**31`` in C's division, where nudge is ``2**30`` for a product
    of zero or more, else ``1 - 2**30``. It saturates for one pair of arguments only, two times
    ``-2**31``, which a multiplier from zero up excludes.
    """
    half = 1 << (multiplier_bits - 2)
    product = values * multiplier
    return truncating_divide(product + np.where(product >= 0, half, 1 - half), 2 * half)


def rounding_divide_by_pot(values, exponent):
    """``values / 2**exponent``, rounded to the nearest, ties away from zero."""
    mask = (np.int64(1) << exponent) - 1
    remainder = values & mask
    threshold = (mask >> 1) + (values < 0)
    return (values >> exponent) + (remainder > threshold)


def multiply_by_quantized_multiplier(values, multiplier, shift, multiplier_bits=32):
    """``values * multiplier / 2**(multiplier_bits - 1) * 2**shift`` in 32 bits.

    Parameters
    ----------
    values: numpy.ndarray
        int32 values, any shape.
    multiplier, shift: numpy.ndarray or int
        Broadcast against ``values``: ``0 <= multiplier < 2**(multiplier_bits - 1)``; a positive
        shift is to the left and comes before the multiplication, a negative one after it.
    """
    shifted = wrap(values << np.maximum(shift, 0), 32)
    product = saturating_rounding_doubling_high_mul(shifted, multiplier, multiplier_bits)
    return rounding_divide_by_pot(product, np.maximum(-np.asarray(shift), 0))


def requantize(accumulators, bias, requantization):
    """Activations from int32 accumulators [..., channels], as `Requantization` defines it.

    ``bias`` [channels] is added first; an int32 sum that overflows wraps.
    """
    values = multiply_by_quantized_multiplier(
        wrap(accumulators + bias, 32), requantization.multiplier, requantization.shift,
        requantization.multiplier_bits)
    return np.clip(values + requantization.output_zero_point,
                   requantization.clamp_min, requantization.clamp_max)
