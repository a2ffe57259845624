"""Small pieces of combinational logic that several components share."""

from operator import add

from amaranth import Mux

from .parameters import Overflow

__all__ = ["balanced", "balanced_sum", "cut", "rotate"]


def balanced(combine, terms):
    """All terms combined in a tree. A chain of hundreds is more than Amaranth can convert."""
    while len(terms) > 1:
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [combine(a, b) for a, b in pairs] + list(terms[len(terms) & ~1:])
    return terms[0]


def balanced_sum(terms):
    """The exact sum of signed or unsigned values as a tree, each adder as wide as it has to be."""
    return balanced(add, terms)


def cut(value, target, overflow):
    """``value`` brought into the `NumberFormat` ``target``: saturated, or its low bits."""
    if overflow is Overflow.SATURATE:
        return Mux(value < target.min, target.min, Mux(value > target.max, target.max, value))
    return value[:target.bits].as_signed() if target.signed else value[:target.bits]


def rotate(items, amount):
    """The list of ``items[(i + amount) % len(items)]``, for an ``amount`` below the length."""
    for bit in range((len(items) - 1).bit_length()):
        step = 1 << bit
        items = [Mux(amount[bit], items[(i + step) % len(items)], item)
                 for i, item in enumerate(items)]
    return items
