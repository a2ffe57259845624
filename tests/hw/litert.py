"""LiteRT's reference arithmetic in Python integers, from its published definition."""

__all__ = ["INT32_MAX", "INT32_MIN", "requantize", "rounding_divide_by_pot",
           "saturating_rounding_doubling_high_mul"]

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1


def wrap32(value):
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def truncating_divide(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def saturating_rounding_doubling_high_mul(a, b, bits=32):
    """The high half of 2ab, where b has ``bits`` bits; as defined, with its truncating division."""
    if bits == 32 and a == b == INT32_MIN:
        return INT32_MAX
    nudge = 1 << (bits - 2) if a * b >= 0 else 1 - (1 << (bits - 2))
    return truncating_divide(a * b + nudge, 1 << (bits - 1))


def rounding_divide_by_pot(x, exponent):
    """x / 2 ** exponent, rounded to nearest, halves away from zero; as defined, by remainders."""
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if (x & mask) > threshold else 0)


def requantize(total, bias, multiplier, shift, zero_point, low, high, bits=32):
    x = wrap32(wrap32(total + bias) << max(shift, 0))
    y = saturating_rounding_doubling_high_mul(x, multiplier, bits)
    y = rounding_divide_by_pot(y, max(-shift, 0))
    return min(max(y + zero_point, low), high)
