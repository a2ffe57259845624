"""Adder trees: the exact sum of many equal operands, by plain adders or by compressors."""

from enum import Enum

from amaranth import Module, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .carry_save import compress
from .formats import NumberFormat, range_format
from .pipeline import delayed, spread
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
        Pipeline registers between the terms and the sum, spread evenly over the levels. They have
        no reset.

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
            _add_halves(m, self, spread(self.registers, _levels(self.count)))
        else:
            m.d.comb += self.sum.eq(compress(m, self.terms.as_value(), self.operand,
                                             len(self.sum), self.registers))
        return m


def _members(count, operand):
    return {"terms": In(data.ArrayLayout(operand.shape, count)),
            "sum": Out(AdderTree.sum_format(count, operand).shape)}


def _levels(count):
    """Levels of a balanced tree."""
    return (count - 1).bit_length()


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
            halves.append(delayed(m, half, sum(follow[done:-1]), name))
        m.d.comb += total.eq(halves[0] + halves[1])
    m.d.comb += tree.sum.eq(delayed(m, total, follow[-1], "total"))
