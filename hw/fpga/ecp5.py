"""Multipliers of Lattice's ECP5: DSP blocks with their own registers, and rows of carry cells.

Yosys infers neither: it leaves the registers inside MULT18X18D unused, and spends a LUT on each
partial product in front of an adder that has room for two. Cells and parameters are those of
Lattice's FPGA-TN-02205 and of Yosys' models of them.
"""

from amaranth import Cat, ClockSignal, Const, Instance, Module, Signal, signed

from ..multiplier import pipeline
from .replacement import Replacement

__all__ = ["DspMultiplier", "LogicMultiplier", "multiplier_blocks", "multiplier_cells"]

DSP_BITS = 18


def multiplier_blocks(multiplier):
    """DSP blocks that a `Multiplier` takes."""
    return 1 if _shares(multiplier) else multiplier.ways


def _shares(multiplier):
    """Whether two products fit into one block."""
    return (multiplier.ways == 2
            and multiplier.product_bits + multiplier.b_format.bits < DSP_BITS)


def multiplier_cells(multiplier):
    """What takes a `Multiplier`'s place, or itself where the block is too small for it."""
    a, b = multiplier.a_format, multiplier.b_format
    if not multiplier.dsp:
        return LogicMultiplier(multiplier)
    # An unsigned operand of the full width would need a sign bit.
    return DspMultiplier(multiplier) if max(a.bits, b.bits) < DSP_BITS else multiplier


class DspMultiplier(Replacement):
    """One MULT18X18D for each product, or for two if both fit: ``a * ((b[1] << k) + b[0])``.

    The first register lies at the block's inputs, the second (the only one, if there is one) at
    its output, further ones behind it. Blocks have no enable and no reset: neighbours share these
    nets. Two products fit if ``k``, the bits of one, leaves room for ``b[1]`` and the 1 that a
    negative ``b[0]`` takes off it. A negative lower product takes 1 off the upper one, which is
    added back.
    """

    def elaborate(self, platform):
        m = Module()
        a, bits = self.a, self.of.product_bits
        behind = max(0, self.of.latency - 2)
        if _shares(self.of):
            low, high = self.b[0], self.b[1]
            both = Signal(signed(DSP_BITS))
            m.d.comb += both.eq((high << bits) + low)
            product = self._block(m, "block", a, both)
            negative = product[bits - 1] if self._signed else Const(0, 1)
            products = [product[:bits], product[bits:2 * bits] + negative]
        else:
            products = [self._block(m, f"block_{way}", a, self.b[way])
                        for way in range(self.of.ways)]
        for way, product in enumerate(products):
            m.d.comb += self.product[way].eq(
                pipeline(m, product[:bits], behind, f"product_{way}"))
        return m

    @property
    def _signed(self):
        return self.of.a_format.signed or self.of.b_format.signed

    def _block(self, m, name, a, b):
        """The 36 bits of ``a * b``."""
        product = Signal(2 * DSP_BITS, name=f"{name}_product")
        operands = {"A": Cat(a, *[a[-1] if a.shape().signed else Const(0)] * DSP_BITS),
                    "B": Cat(b, *[b[-1] if b.shape().signed else Const(0)] * DSP_BITS)}
        registers = {"INPUTA": self.of.latency >= 2, "INPUTB": self.of.latency >= 2,
                     "OUTPUT": self.of.latency >= 1}
        m.submodules[name] = Instance(
            "MULT18X18D",
            *(("p", f"REG_{place}_CLK", "CLK0" if used else "NONE")
              for place, used in registers.items()),
            *(("i", f"{port}{bit}", value[bit]) for port, value in operands.items()
              for bit in range(DSP_BITS)),
            *(("o", f"P{bit}", product[bit]) for bit in range(2 * DSP_BITS)),
            i_CLK0=ClockSignal(), i_CE0=Const(1), i_RST0=Const(0),
            i_SIGNEDA=Const(1), i_SIGNEDB=Const(1), i_SOURCEA=Const(0), i_SOURCEB=Const(0))
        return product


class LogicMultiplier(Replacement):
    """Products in look-up tables: a row of carry cells for every two bits of ``b``.

    An ECP5 carry cell has four-input tables in front of its carry: enough for two partial product
    bits, ``a[i] & b[n]`` and ``a[i - 1] & b[n + 1]``. A row is thus as wide as its result, and
    what remains is a tree of half as many adders as there are bits in ``b``. An 8x8 product takes
    80 LUTs. Registers lie behind the rows, behind the product, behind the tree's first adders, and
    before everything, in the order in which there are any.
    """

    def elaborate(self, platform):
        m = Module()
        latency = self.of.latency
        before, rows, middle, after = (int(latency >= least) for least in (4, 2, 3, 1))
        a = pipeline(m, self.a, before, "a")
        for way in range(self.of.ways):
            b = pipeline(m, self.b[way], before, f"b_{way}")
            terms = [pipeline(m, term, rows, f"way_{way}_row_{number}")
                     for number, term in enumerate(self._rows(m, f"way_{way}", a, b))]
            product = self._add(m, terms, middle, f"way_{way}_sum")
            m.d.comb += self.product[way].eq(
                pipeline(m, product[:self.of.product_bits], after, f"product_{way}"))
        return m

    def _rows(self, m, name, a, b):
        """``a`` times each two bits of ``b``, the last two with their sign."""
        count = -(-b.shape().width // 2)
        digits = Cat(b, b[-1] if b.shape().signed else Const(0))
        for number in range(count):
            low, high = digits[2 * number], digits[2 * number + 1]
            yield _two_bit_row(m, f"{name}_{number}", a, low, high,
                               negative=b.shape().signed and number == count - 1)

    def _add(self, m, terms, middle, name):
        """The sum of terms that lie two bits apart; ``middle`` registers behind the first adders.
        """
        step, level = 2, 0
        while len(terms) > 1:
            sums = [_joined(low, high, step)
                    for low, high in zip(terms[::2], terms[1::2], strict=False)]
            terms = [*sums, *terms[len(terms) & ~1:]]
            if level == 0:
                terms = [pipeline(m, term, middle, f"{name}_{number}")
                         for number, term in enumerate(terms)]
            step, level = 2 * step, level + 1
        return terms[0]


def _joined(low, high, step):
    """``low + (high << step)``; the lowest bits need no adder."""
    upper = (low >> step) + high
    total = Cat(low[:step], upper)
    return total.as_signed()


def _two_bit_row(m, name, a, low, high, *, negative):
    """``a * (low + 2 * high)``, or ``a * (low - 2 * high)``, in one row of carry cells.

    To subtract is to add the complement and 1; the 1 enters with the carry, from a cell that takes
    the place of the lowest bit, which is ``a[0] & low`` in either case.
    """
    width = len(a) + (2 if a.shape().signed else 3)
    extended = Cat(a, *[a[-1] if a.shape().signed else Const(0)] * 3)
    row = Signal(signed(width), name=f"{name}_row")
    bits = [(extended[place], extended[place - 1] if place else Const(0))
            for place in range(width)]
    # Inputs A and B alone decide on the carry where the bits to be added are equal.
    table = _table(lambda a, b, c, d: int(negative) ^ (a & b) ^ (c & d))
    start = 0x000F  # carries a 1 on, whatever came in
    carry = Const(0)
    for place in range(0, width, 2):
        pins, tables = {}, []
        for half in range(2):
            index = place + half
            own, shifted = bits[index] if index < width else (Const(0), Const(0))
            pair = (shifted, high, own, low) if negative else (own, low, shifted, high)
            first = negative and index == 0
            if first:
                pair = (Const(0), Const(0), Const(0), Const(1))
            tables.append(start if first else table)
            pins |= {f"i_{pin}{half}": bit for pin, bit in zip("ABCD", pair, strict=True)}
        sums = Signal(2, name=f"{name}_sums_{place}")
        carry_out = Signal(name=f"{name}_carry_{place}")
        m.submodules[f"{name}_{place}"] = Instance(
            "CCU2C", p_INIT0=Const(tables[0], 16), p_INIT1=Const(tables[1], 16),
            p_INJECT1_0="NO", p_INJECT1_1="NO", **pins, i_CIN=carry,
            o_S0=sums[0], o_S1=sums[1], o_COUT=carry_out)
        m.d.comb += row[place:place + 2].eq(sums)
        carry = carry_out
    if negative:
        m.d.comb += row[0].eq(a[0] & low)
    return row


def _table(function):
    """The contents of a four-input table, as CCU2C has it: input A is the lowest address bit."""
    return sum(function(address & 1, address >> 1 & 1, address >> 2 & 1, address >> 3 & 1)
               << address for address in range(16))
