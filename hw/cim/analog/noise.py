"""What is not ideal, as an integer function of a seed and of indices, and never of time."""

from amaranth import Signal

from .parameters import SIGMA_BITS

__all__ = ["CELL", "GAIN", "OFFSET", "THERMAL", "deviation", "largest_deviation", "mix", "mixed",
           "noise_key"]

# What deviates: the second half of a key.
THERMAL, OFFSET, GAIN, CELL = 1, 2, 3, 4
WORD = 32
MULTIPLIERS = 0x7FEB352D, 0x846CA68B
GOLDEN_RATIO = 0x9E3779B9
FIELD = 10      # bits of each of the three uniform numbers that a deviation is made of


def mix(word):
    """Chris Wellons' ``lowbias32`` of a number: every bit depends on every bit."""
    mask = (1 << WORD) - 1
    for shift, multiplier in zip((16, 15), MULTIPLIERS, strict=True):
        word = ((word ^ (word >> shift)) * multiplier) & mask
    return word ^ (word >> 16)


def mixed(m, name, word):
    """`mix` as logic: the low 32 bits of ``word``."""
    for number, (shift, multiplier) in enumerate(zip((16, 15), MULTIPLIERS, strict=True)):
        stage = Signal(WORD, name=f"{name}_mix_{number}")
        m.d.comb += stage.eq((word ^ (word >> shift)) * multiplier)
        word = stage
    result = Signal(WORD, name=f"{name}_word")
    m.d.comb += result.eq(word ^ (word >> 16))
    return result


def noise_key(seed, what):
    """The key of one kind of deviation, as a number."""
    return mix(seed ^ mix(what))


def deviation(m, name, key, number, index, sigma, fraction_bits):
    """A bell-shaped number of mean 0, the same one for the same arguments.

    The sum of three uniform numbers of 10 bits has a standard deviation of 512.

    Parameters
    ----------
    name: str
        Prefix of signals.
    key, number, index: Value or int
        See `noise_key`; of a column or a converter; of a cell or a conversion.
    sigma: int
        Standard deviation in units of ``2**-SIGMA_BITS``.
    fraction_bits: int
        The result is in units of ``2**-fraction_bits``.

    Returns
    -------
    Signal
    """
    start = Signal(WORD, name=f"{name}_start")
    m.d.comb += start.eq(key + number * GOLDEN_RATIO + index)
    word = mixed(m, name, start)
    uniform = (word[:FIELD] + word[FIELD:2 * FIELD]) + word[2 * FIELD:3 * FIELD]
    shift = FIELD + SIGMA_BITS - fraction_bits
    most = largest_deviation(sigma, fraction_bits)
    result = Signal(range(-most, most + 1), name=f"{name}_deviation")
    centred = (uniform << 1) - 3 * ((1 << FIELD) - 1)
    m.d.comb += result.eq((centred * sigma + (1 << (shift - 1))) >> shift)
    return result


def largest_deviation(sigma, fraction_bits):
    """A bound of the magnitude of a `deviation`."""
    return (3 << FIELD) * sigma // (1 << (FIELD + SIGMA_BITS - fraction_bits)) + 1
