"""Adder trees: the exact sum of many equal operands, by plain adders or by compressors.

Registers inside a tree are spread evenly over its levels: with ``n`` of them, about one in
``n + 1`` parts of the levels lies in front of the first and one behind the last.
"""

from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from amaranth import Cat, Const, Module, Shape, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .formats import NumberFormat, range_format
from .stamp import Stamped, StampedComponent

__all__ = ["AdderTree", "Subtree", "TreeStyle"]


class TreeStyle(str, Enum):
    """How a tree adds: in pairs, or with carries that are kept as numbers up to the last level."""

    RIPPLE = "ripple"
    CARRY_SAVE = "carry_save"


class AdderTree(StampedComponent):
    """``sum = terms[0] + terms[1] + ...``, exact.

    Latency ``registers`` cycles, one sum per cycle.

    Parameters
    ----------
    count: int
        Operands, at least one.
    operand: NumberFormat
        Format of each.
    style: TreeStyle
        ``RIPPLE`` is a balanced tree of adders of two numbers, each as wide as its own sum.
        ``CARRY_SAVE`` first compresses all bits of a weight at once until two are left of each
        weight; only these are added with carries that propagate.
    registers: int
        Pipeline registers between the terms and the sum; they have no reset.

    Members
    -------
    terms: In(ArrayLayout(operand.shape, count))
    sum: Out(sum_format(count, operand).shape)
    """

    kind = "adder_tree"
    opaque = True       # of thousands of equal adders

    def __init__(self, count, operand, style, registers):
        if count < 1:
            raise ValueError(f"a tree adds at least 1 term, not {count}")
        self.count, self.operand, self.style, self.registers = count, operand, style, registers
        self.latency = registers
        self.module_name = f"adder_tree_{style.value}_{count}x{operand}_{registers}"
        super().__init__(_members(count, operand))

    @staticmethod
    def sum_format(count, operand):
        """The narrowest `NumberFormat` of any sum: unsigned if the operands are."""
        if operand.signed:
            return range_format(count * operand.min, count * operand.max)
        return NumberFormat((count * operand.max).bit_length(), signed=False)

    def parameters(self):
        return {"terms": self.count, "operand": str(self.operand), "style": self.style.value,
                "registers": self.registers}

    def elaborate(self, platform):
        m = Module()
        if self.style is TreeStyle.RIPPLE:
            _add_halves(m, self, _spread(self.registers, _levels(self.count)))
        else:
            _compress(m, self)
        return m


def _members(count, operand):
    return {"terms": In(data.ArrayLayout(operand.shape, count)),
            "sum": Out(AdderTree.sum_format(count, operand).shape)}


def _levels(count):
    """Levels of a balanced tree."""
    return (count - 1).bit_length()


def _spread(registers, levels):
    """How many registers follow each level; number 0 are the operands."""
    places = [-(-number * levels // (registers + 1)) for number in range(1, registers + 1)]
    return [places.count(level) for level in range(levels + 1)]


def _delayed(m, value, registers, name):
    """``value`` behind ``registers`` registers."""
    for number in range(registers):
        register = Signal(value.shape(), name=f"{name}_register_{number}", reset_less=True)
        m.d.sync += register.eq(value)
        value = register
    return value


class Subtree(StampedComponent):
    """Part of an `AdderTree` of adders; ``follow`` has the registers behind each of its levels."""

    kind = "adder_subtree"

    def __init__(self, count, operand, follow):
        self.count, self.operand, self.follow = count, operand, tuple(follow)
        registers = "".join(f"_{level}" for level, registers in enumerate(follow)
                            for _ in range(registers))
        self.module_name = f"adder_subtree_{count}x{operand}{registers}"
        super().__init__(_members(count, operand))

    def parameters(self):
        return {"terms": self.count, "operand": str(self.operand), "registers": sum(self.follow)}

    def elaborate(self, platform):
        m = Module()
        _add_halves(m, self, self.follow)
        return m


def _add_halves(m, tree, follow):
    """A tree of adders: two smaller ones and an adder."""
    total = Signal(tree.sum.shape(), name="total")
    if tree.count == 1:
        m.d.comb += total.eq(tree.terms[0])
    else:
        middle = (tree.count + 1) // 2
        halves = []
        for name, start, stop in (("low", 0, middle), ("high", middle, tree.count)):
            half, done = tree.terms[start], 0
            if stop - start > 1:
                done = _levels(stop - start) + 1
                part = Subtree(stop - start, tree.operand, follow[:done])
                m.submodules[name] = Stamped(part)
                m.d.comb += part.terms.eq(tree.terms[start:stop])
                half = part.sum
            halves.append(_delayed(m, half, sum(follow[done:-1]), name))
        m.d.comb += total.eq(halves[0] + halves[1])
    m.d.comb += tree.sum.eq(_delayed(m, total, follow[-1], "total"))


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


def _compress(m, tree):
    """A carry-save tree: the bits of each weight are one vector.

    A sign bit s counts -s = (1 - s) - 1: it is inverted, and the ones are taken off together, as
    constant bits. What is carried out of the highest weight is not computed: modulo the range of
    the sum, it is nothing.
    """
    bits, count = tree.operand.bits, tree.count
    vectors = [tree.terms.as_value()[weight::bits] for weight in range(bits)]
    ones = 0
    if tree.operand.signed:
        vectors[-1] = ~vectors[-1]
        ones = -count << (bits - 1)
    width = len(tree.sum)
    columns = [(vectors[weight] if weight < bits else Const(0, 0), ones >> weight & 1)
               for weight in range(width)]

    levels = _plan([len(vector) + one for vector, one in columns])
    follow = _spread(tree.registers, len(levels) + 1)
    columns = _register(m, columns, follow[0], "terms")
    for number, cells in enumerate(levels):
        columns = _add_level(m, columns, cells, f"level_{number}")
        columns = _register(m, columns, follow[number + 1], f"level_{number}")
    total = Signal(width)
    m.d.comb += total.eq(_add_rows(columns))
    m.d.comb += tree.sum.eq(_delayed(m, total, follow[-1], "total"))


def _register(m, columns, registers, name):
    """The columns behind registers; constant bits need none."""
    return [(_delayed(m, vector, registers, f"{name}_weight_{weight}"), one)
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
    """Sum, fast and slow carries: all but the fifth bits pass three gates at most."""
    pair = _named(m, first ^ second, f"{name}_pair")
    four = _named(m, pair ^ (third ^ fourth), f"{name}_four")
    return (four ^ fifth, _named(m, _choose(pair, third, first), f"{name}_fast"),
            _named(m, _choose(four, fifth, fourth), f"{name}_slow"))


def _adders(m, first, second, third, name):
    """Sum and carries of full adders."""
    pair = _named(m, first ^ second, f"{name}_sum")
    return pair ^ third, _named(m, _choose(pair, third, first), f"{name}_carry")


def _split(vector, parts):
    """``vector`` in equal parts."""
    size = len(vector) // parts
    return [vector[part * size:(part + 1) * size] for part in range(parts)]


def _choose(select, one, zero):
    """Bit by bit, ``one`` where ``select`` is set and ``zero`` elsewhere."""
    return select & one | ~select & zero


def _named(m, value, name):
    signal = Signal(len(value), name=name)
    m.d.comb += signal.eq(value)
    return signal


def _add_rows(columns):
    """The sum of columns of at most two bits each, by an adder from the first of two upwards."""
    columns = [Cat(Const(one, one), vector) for vector, one in columns]
    low = next((weight for weight, column in enumerate(columns) if len(column) > 1), len(columns))
    rows = [Cat(column[row] if row < len(column) else Const(0, 1) for column in columns[low:])
            for row in range(2)]
    single = Cat(column if len(column) else Const(0, 1) for column in columns[:low])
    return Cat(single, rows[0] + rows[1])
