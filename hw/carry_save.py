"""Carry-save addition: all bits of a weight are compressed at once, level by level.

The bits of one weight (a column) are one vector, and the cells of a level work on slices of it.
A column is a pair of its vector and a constant bit beside it, 0 or 1.
"""

from typing import NamedTuple

from amaranth import Cat, Const, Signal

from .pipeline import delayed, spread

__all__ = ["compress"]


class _Cells(NamedTuple):
    """What one level does with the bits of one weight.

    A compressor takes five bits and returns one of this weight and two of the next: a fast one,
    which a compressor of the next weight may take as its fifth bit in the same level, and a slow
    one for the level after.
    """

    compressors: int
    adders: int
    half_adders: int


def _plan_level(heights):
    """The `_Cells` of each weight of a level, and the bits that it leaves of each weight.

    Half adders remove no bits: they are only used where too many would be left otherwise, and at
    the lowest weight, to make the last adder shorter.
    """
    target = 1 << ((max(heights) - 1).bit_length() - 1)
    cells, after = [], []
    fast = slow = 0
    for weight, own in enumerate(heights):
        compressors = min(own // 4, (own + fast) // 5)
        rest = own + fast - 5 * compressors
        adders = rest // 3
        left = compressors + rest - 2 * adders
        lowest = own == 2 < target and max(heights[:weight], default=0) < 2 and not fast + slow
        half_adders = max(lowest, min(left + slow - target, left // 2), 0)
        cells.append(_Cells(compressors, adders, half_adders))
        after.append(left + slow - half_adders)
        own_adders = _own_adders(own - 4 * compressors - max(0, compressors - fast), adders)
        fast, slow = compressors + own_adders, compressors + adders - own_adders + half_adders
    return cells, after


def _own_adders(own, adders):
    """How many of the adders take none of the fast bits that come after ``own`` others."""
    return max(0, min(own - 2 * adders, adders))


def _plan(heights):
    """The levels that leave at most two bits of each weight."""
    levels = []
    while max(heights) > 2:
        cells, heights = _plan_level(heights)
        levels.append(cells)
    return levels


def compress(m, terms, operand, width, registers):
    """The sum of ``terms``, modulo ``1 << width``, behind ``registers`` registers.

    A sign bit s counts -s = (1 - s) - 1: it is inverted, and the ones are taken off together, as
    constant bits. Carries out of the highest weight are multiples of the modulus and never made.

    Parameters
    ----------
    m: Module
    terms: Value
        The terms side by side, the first one in the low bits.
    operand: NumberFormat
        Format of a term.
    width, registers: int
    """
    vectors = [terms[weight::operand.bits] for weight in range(operand.bits)]
    ones = 0
    if operand.signed:
        ones = -len(vectors[-1]) << (operand.bits - 1)
        vectors[-1] = ~vectors[-1]
    vectors = [_named(m, vector, f"weight_{weight}") for weight, vector in enumerate(vectors)]
    vectors += [Const(0, 0)] * (width - operand.bits)
    columns = [(vector, ones >> weight & 1) for weight, vector in enumerate(vectors)]

    levels = _plan([len(vector) + one for vector, one in columns])
    follow = spread(registers, len(levels) + 1)
    columns = _register(m, columns, follow[0], "terms")
    for number, cells in enumerate(levels):
        columns = _add_level(m, columns, cells, f"level_{number}")
        columns = _register(m, columns, follow[number + 1], f"level_{number}")
    total = _named(m, _add_rows(columns), "total")
    return delayed(m, total, follow[-1], "total")


def _register(m, columns, registers, name):
    """The columns behind registers; constant bits need none."""
    return [(delayed(m, vector, registers, f"{name}_weight_{weight}"), one)
            for weight, (vector, one) in enumerate(columns)]


def _add_level(m, columns, plan, name):
    """The columns after a level."""
    after = []
    fast, slow = Const(0, 0), Const(0, 0)
    for weight, ((vector, one), cells) in enumerate(zip(columns, plan, strict=True)):
        if any(cells):
            # The constant bit comes first, so that a cell takes it.
            own, one = Cat(Const(one, one), vector), 0
            left, *carries = _add_cells(m, own, fast, cells, f"{name}_weight_{weight}")
            vector = Cat(left, slow)
            fast, slow = carries
        else:
            vector = Cat(vector, fast, slow)
            fast, slow = Const(0, 0), Const(0, 0)
        after.append((_named(m, vector, f"{name}_weight_{weight}"), one))
    return after


def _add_cells(m, own, fast, cells, name):
    """The cells of one weight, each kind as one vector; returns bits left, fast and slow ones."""
    k = cells.compressors
    spare = max(0, k - len(fast))
    compressed, fast_carries, slow_carries = _compressors(
        m, *_split(own[:4 * k], 4), Cat(fast[:k], own[4 * k:4 * k + spare]), name)
    own, fast = own[4 * k + spare:], fast[k:]

    adders = cells.adders
    own_adders = _own_adders(len(own), adders)
    rest = Cat(own, fast)
    added, carries = _adders(m, *_split(rest[:3 * adders], 3), name)

    halves = cells.half_adders
    left = _named(m, Cat(rest[3 * adders:], added, compressed), f"{name}_left")
    first, second = _split(left[:2 * halves], 2)
    return (Cat(first ^ second, left[2 * halves:]), Cat(fast_carries, carries[:own_adders]),
            Cat(slow_carries, carries[own_adders:], first & second))


def _compressors(m, first, second, third, fourth, fifth, name):
    """Sums, fast and slow carries; the fast ones do not depend on the fifth bits."""
    pair = _named(m, first ^ second, f"{name}_pair")
    four = _named(m, pair ^ (third ^ fourth), f"{name}_four")
    return (four ^ fifth, _named(m, first & second | pair & third, f"{name}_fast"),
            _named(m, four & fifth | ~four & fourth, f"{name}_slow"))


def _adders(m, first, second, third, name):
    """Sums and carries of full adders."""
    pair = _named(m, first ^ second, f"{name}_sum")
    return pair ^ third, _named(m, first & second | pair & third, f"{name}_carry")


def _split(vector, parts):
    """``vector`` in equal parts."""
    size = len(vector) // parts
    return [vector[part * size:(part + 1) * size] for part in range(parts)]


def _named(m, value, name):
    """A signal of ``value``: what is used twice would be computed twice without."""
    signal = Signal(len(value), name=name)
    m.d.comb += signal.eq(value)
    return signal


def _add_rows(columns):
    """The sum of columns of at most two bits each: one adder, from the first pair upwards."""
    columns = [Cat(Const(one, one), vector) for vector, one in columns]
    low = next((weight for weight, column in enumerate(columns) if len(column) > 1), len(columns))
    rows = [Cat(column[row] if row < len(column) else Const(0, 1) for column in columns[low:])
            for row in range(2)]
    single = Cat(column if len(column) else Const(0, 1) for column in columns[:low])
    return Cat(single, rows[0] + rows[1])
