"""Small pieces of combinational logic that several components share."""

from amaranth import Mux

from .parameters import Overflow

__all__ = ["cut", "rotate"]


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
