"""Booth partial products: what toggles inside a multiplier, from its operands alone.

Radix-4 recoding, A. D. Booth, Quarterly Journal of Mechanics and Applied Mathematics 4, 1951, as
modified by O. L. MacSorley, Proceedings of the IRE 49, 1961: three neighbouring bits of the recoded
operand choose 0, +-1 or +-2 times the other one, and minus is its complement, to which the adders
add 1. Synthesis builds multipliers from these rows, so their toggles say what a product's own bits
do not.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["PartialProducts"]


@dataclass(frozen=True)
class PartialProducts:
    """The partial products of two nets of a component.

    Parameters
    ----------
    plain, recoded: str
        The operands' nets.
    plain_bits, recoded_bits: int
    plain_signed, recoded_signed: bool
    """

    plain: str
    recoded: str
    plain_bits: int
    recoded_bits: int
    plain_signed: bool
    recoded_signed: bool

    @property
    def name(self):
        """The net that the partial products go by, such as ``booth_current_x_moving_i``."""
        return f"booth_{self.recoded}_x_{self.plain}"

    @property
    def digits(self):
        """Rows: one for every two bits, the sign of an unsigned operand being one more."""
        return (self.recoded_bits + (not self.recoded_signed) + 1) // 2

    @property
    def row_bits(self):
        """Bits of a row: the plain operand doubled, and the sign of an unsigned one."""
        return self.plain_bits + 1 + (not self.plain_signed)

    @property
    def bits(self):
        return self.digits * self.row_bits

    def values(self, plain, recoded):
        """The rows, lowest first, each with its lowest bit first.

        Parameters
        ----------
        plain, recoded: numpy.ndarray
            ``uint8[n, bits]``, lowest bit first.

        Returns
        -------
        numpy.ndarray
            ``uint8[n, bits]``.
        """
        single = _extended(plain, self.row_bits, self.plain_signed)
        double = np.roll(single, 1, axis=1)
        double[:, 0] = 0
        digits = np.pad(_extended(recoded, 2 * self.digits, self.recoded_signed), ((0, 0), (1, 0)))
        rows = []
        for digit in range(self.digits):
            low, middle, high = (digits[:, [2 * digit + place]] for place in range(3))
            one = low ^ middle
            two = (high ^ middle) & (1 - one)
            rows.append(((one & single) | (two & double)) ^ high)
        return np.concatenate(rows, axis=1)


def _extended(bits, width, signed):
    """Bits widened with the sign, or with zeros."""
    fill = bits[:, -1:] if signed else np.zeros((len(bits), 1), bits.dtype)
    return np.concatenate([bits, np.repeat(fill, max(0, width - bits.shape[1]), axis=1)], axis=1)
