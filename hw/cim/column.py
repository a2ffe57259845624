"""A weight column: its cells, an adder tree per column of bits, and the shift-accumulator."""

from amaranth import Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..adder_tree import AdderTree
from ..arithmetic import balanced_sum
from ..formats import NumberFormat, range_format
from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent
from .cells import CellArray, cell_members

__all__ = ["Column", "ShiftAccumulate"]

PRODUCT = NumberFormat(1, signed=False)


class ShiftAccumulate(StampedComponent):
    """``total = (total << bits) + digit``: digits enter with their most significant bits first.

    Where digits may be missing, ``total = total + (digit << bits * place)`` instead. A vector's
    sign bits count negative. Latency one cycle.

    Parameters
    ----------
    parameters: DigitalCimParameters

    Members
    -------
    add, first: In(1)
        There is a digit; it is its vector's first one.
    negative: In(1)
        The digit's top plane holds the sign bits.
    place: In(address_bits(digits))
        The digit's number, 0 being the least significant one.
    sums: In(ArrayLayout(weight_sum, bits_per_cycle))
        For each plane of the digit, the sum of the weights of its rows.
    total: Out(partial_sum.shape)
    """

    kind = "shift_accumulate"

    def __init__(self, parameters, rows):
        self.cim, self.rows = parameters, rows
        self.module_name = f"shift_accumulate_{rows}"
        super().__init__({
            "add": In(1), "first": In(1), "negative": In(1),
            "place": In(address_bits(parameters.digits)),
            "sums": In(data.ArrayLayout(weight_sum(parameters, rows).shape,
                                        parameters.bits_per_cycle)),
            "total": Out(parameters.sum_format(rows).shape),
        })

    def parameters(self):
        return {"bits": self.cim.sum_format(self.rows).bits,
                "bits_per_cycle": self.cim.bits_per_cycle,
                "skip_zero_planes": self.cim.skip_zero_planes}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        *low, top = self.sums
        if p.inputs.signed:
            top = Mux(self.negative, -top, top)
        digit = top << len(low)
        for plane, value in enumerate(low):
            digit = digit + (value << plane)
        before = Mux(self.first, 0, self.total)
        if p.skip_zero_planes:
            placed = Signal(self.total.shape())
            with m.Switch(self.place):
                for place in range(p.digits):
                    with m.Case(place):
                        m.d.comb += placed.eq(digit << (place * p.bits_per_cycle))
            after = before + placed
        else:
            after = (before << p.bits_per_cycle) + digit
        with m.If(self.add):
            m.d.sync += self.total.eq(after)
        return m


def weight_sum(parameters, rows):
    """`NumberFormat` of the sum of any of ``rows`` weights."""
    weights = parameters.weights
    return range_format(min(0, rows * weights.min), rows * weights.max)


class Column(StampedComponent):
    """A weight column of a macro.

    Latency from ``planes`` to ``total``: ``tree_registers`` + 3 cycles.

    Parameters
    ----------
    parameters: DigitalCimParameters

    Members
    -------
    write_rows, write_banks, write_data, bank, planes: see `hw.cim.cells.cell_members`.
    add, first, negative, place: see `ShiftAccumulate`; in the cycle in which it adds.
    total: Out, the sum of a macro's rows.
    """

    kind = "cim_column"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.rows = p.rows_per_macro
        self.module_name = f"cim_column_{self.rows}x{p.weights.bits}"
        members = cell_members(self.rows, p.weights.bits, p.bits_per_cycle, p.banks)
        del members["products"]
        super().__init__(members | {
            "add": In(1), "first": In(1), "negative": In(1), "place": In(address_bits(p.digits)),
            "total": Out(p.sum_format(self.rows).shape)})

    def parameters(self):
        return {"rows": self.rows, "weights": str(self.cim.weights), "tree": self.cim.tree.value}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        cells = CellArray(p)
        accumulate = ShiftAccumulate(p, self.rows)
        m.submodules.cells = Stamped(cells)
        m.submodules.accumulate = Stamped(accumulate)
        m.d.comb += [getattr(cells, name).eq(getattr(self, name)) for name in (
            "write_rows", "write_banks", "write_data", "bank", "planes")]
        for plane in range(p.bits_per_cycle):
            counts = []
            for bit in range(p.weights.bits):
                tree = AdderTree(self.rows, PRODUCT, p.tree, p.tree_registers)
                m.submodules[f"tree_{plane}_{bit}"] = Stamped(tree)
                m.d.comb += tree.terms.as_value().eq(cells.products[plane][bit])
                count = Signal(tree.sum.shape(), name=f"count_{plane}_{bit}")
                m.d.sync += count.eq(tree.sum)
                counts.append(count)
            m.d.sync += accumulate.sums[plane].eq(_weigh(counts, p.weights.signed))
        m.d.comb += [getattr(accumulate, name).eq(getattr(self, name)) for name in (
            "add", "first", "negative", "place")]
        m.d.comb += self.total.eq(accumulate.total)
        return m


def _weigh(counts, is_signed):
    """The sum of the weights whose bits were counted; a sign bit counts negative."""
    terms = [count << bit for bit, count in enumerate(counts)]
    if is_signed:
        terms[-1] = -terms[-1]
    return balanced_sum(terms)
