"""What a component's energy is explained by: the toggles of its nets.

Nets are ports, registers and combinational nets with names of their own; and, for a multiplier,
the bits of its Booth partial products, which follow from its operands.
"""

import numpy as np

from energy.cards import LinearModel

__all__ = ["FeatureSet"]

_WIDEST = 160  # bits of a wider net share one coefficient


class FeatureSet:
    """The columns of a linear model for one component.

    Parameters
    ----------
    nets: dict of str to int
        Width of each net of the component that its energy may depend on.
    multipliers: tuple of PartialProducts
        The multipliers in it.
    """

    def __init__(self, nets, multipliers=()):
        self.nets, self.multipliers = dict(nets), tuple(multipliers)
        self.widths = self.nets | {product.name: product.bits for product in self.multipliers}
        groups, number = [], 0
        for bits in self.widths.values():
            groups += [number] * bits if bits > _WIDEST else range(number, number + bits)
            number = groups[-1] + 1
        self._groups = np.array(groups)

    def matrix(self, values):
        """``float[cycles, coefficients]``: the toggles of each group of bits.

        Parameters
        ----------
        values: dict of str to numpy.ndarray
            ``uint8[cycles + 1, bits]`` of each net; the first row is the cycle before.
        """
        bits = np.concatenate([
            *(values[net] for net in self.nets),
            *(product.values(values[product.plain], values[product.recoded])
              for product in self.multipliers)], axis=1)
        toggles = (bits[1:] != bits[:-1]).astype(float)
        starts = np.flatnonzero(np.diff(self._groups, prepend=-1))
        return np.add.reduceat(toggles, starts, axis=1)

    def model(self, clock_pj, coefficients):
        """The `LinearModel` with these coefficients, in pJ and in the order of `matrix`."""
        # Six decimals are 1e-18 J: far below what is known, and a card of readable size.
        by_bit = np.round(coefficients[self._groups], 6).tolist()
        toggles, position = {}, 0
        for net, bits in self.widths.items():
            toggles[net] = by_bit[position:position + bits]
            position += bits
        return LinearModel(clock_pj=round(float(clock_pj), 6), toggles=toggles,
                           multipliers=list(self.multipliers))
