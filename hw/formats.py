"""Number formats: one small object for RTL shapes, golden models and configs."""

import re
from dataclasses import dataclass

from amaranth import Shape

__all__ = ["NumberFormat", "range_bits", "range_format"]


@dataclass(frozen=True)
class NumberFormat:
    """An integer format such as ``int8`` or ``uint4``.

    Parameters
    ----------
    bits: int
        Width in bits, the sign bit included.
    signed: bool
        Two's complement if set, plain binary otherwise.
    """

    bits: int
    signed: bool

    @classmethod
    def parse(cls, name):
        """Read ``int<bits>`` or ``uint<bits>``; raises `ValueError` with a sentence otherwise."""
        match = re.fullmatch(r"(u?)int([1-9][0-9]*)", name) if isinstance(name, str) else None
        if match is None:
            raise ValueError(f"{name!r} is not a number format; write int<bits> or uint<bits>")
        return cls(bits=int(match[2]), signed=not match[1])

    def __str__(self):
        return f"{'' if self.signed else 'u'}int{self.bits}"

    @property
    def min(self):
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def max(self):
        return (1 << (self.bits - self.signed)) - 1

    @property
    def shape(self):
        """The Amaranth shape of one number."""
        return Shape(self.bits, signed=self.signed)


def range_bits(low, high):
    """Width of the narrowest two's complement number that holds ``low`` to ``high``."""
    return max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0) + 1


def range_format(low, high):
    """The narrowest signed `NumberFormat` that holds ``low`` to ``high``."""
    return NumberFormat(range_bits(low, high), signed=True)
