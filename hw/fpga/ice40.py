"""Lattice's iCE40: halves of DSP blocks, multipliers in rows of look-up tables with carries, SPRAM.

Cells and parameters are those of Lattice's FPGA-TN-02007 and of Yosys' models of them.
"""

from amaranth import Cat, ClockSignal, Const, Instance, Module, Signal

from ..multiplier import pipeline
from .replacement import Replacement

__all__ = ["DspMultiplier", "LogicMultiplier", "Spram", "multiplier_blocks", "multiplier_cells",
           "spram_blocks"]

HALF_BITS = 8
SPRAM_BITS, SPRAM_WORDS, MASK_BITS = 16, 1 << 14, 4


def multiplier_blocks(multiplier):
    """DSP blocks that a `Multiplier` takes."""
    return -(-multiplier.ways // 2) if _narrow(multiplier) else multiplier.ways


def _narrow(multiplier):
    """Whether a product fits into half a block."""
    return max(multiplier.a_format.bits, multiplier.b_format.bits) <= HALF_BITS


def multiplier_cells(multiplier):
    """What takes a `Multiplier`'s place, or itself where halves of a block are too small for it."""
    if not multiplier.dsp:
        return LogicMultiplier(multiplier)
    return DspMultiplier(multiplier) if _narrow(multiplier) else multiplier


class DspMultiplier(Replacement):
    """One SB_MAC16 for every two products of up to 8x8 bits.

    The first register lies at the block's inputs, the second (the only one, if there is one)
    behind its multipliers, further ones behind the block.
    """

    def elaborate(self, platform):
        m = Module()
        behind = max(0, self.of.latency - 2)
        for first in range(0, self.of.ways, 2):
            ways = range(first, min(first + 2, self.of.ways))
            product = self._block(m, f"block_{first}", [self.b[way] for way in ways])
            for way in ways:
                half = product[2 * HALF_BITS * (way - first):][:self.of.product_bits]
                m.d.comb += self.product[way].eq(pipeline(m, half, behind, f"product_{way}"))
        return m

    def _block(self, m, name, factors):
        """The 32 bits of ``a`` times one factor or two, the second one in the upper half."""
        product = Signal(4 * HALF_BITS, name=f"{name}_product")
        a, inputs, output = _half(self.a), int(self.of.latency >= 2), int(self.of.latency >= 1)
        m.submodules[name] = Instance(
            "SB_MAC16",
            p_A_REG=Const(inputs, 1), p_B_REG=Const(inputs, 1),
            p_TOP_8x8_MULT_REG=Const(output, 1), p_BOT_8x8_MULT_REG=Const(output, 1),
            p_TOPOUTPUT_SELECT=Const(2, 2), p_BOTOUTPUT_SELECT=Const(2, 2),
            p_MODE_8x8=Const(1, 1), p_A_SIGNED=Const(self.of.a_format.signed, 1),
            p_B_SIGNED=Const(self.of.b_format.signed, 1),
            i_CLK=ClockSignal(), i_CE=Const(1), i_A=Cat(a, a),
            i_B=Cat(_half(factor) for factor in factors), o_O=product,
            **{f"i_{pin}": Const(0) for pin in (
                "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
                "OLOADTOP", "OLOADBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI",
                "ACCUMCI", "SIGNEXTIN")},
            i_C=Const(0, 16), i_D=Const(0, 16))
        return product


def _half(operand):
    """An operand in the bits of half a block."""
    sign = operand[-1] if operand.shape().signed else Const(0)
    return Cat(operand, *[sign] * (HALF_BITS - len(operand)))


class LogicMultiplier(Replacement):
    """Products in logic, one look-up table for each bit and row.

    An iCE40 cell adds two nets, but has no room for the AND gates of partial products in front of
    its carry. Here every row adds the whole of ``a``, and only its sign depends on ``b``: with
    digits of +1 and -1, b = (sum of digit[n] * 2**n - 1) / 2, where digit[n] is bit n of b, 0
    meaning -1 (the other way round for the sign bit). What remains to be done is to flip signs, and
    x - a = ~(~x + a): rows hand on x or ~x, as the next digit needs it, and the fourth input of the
    table that adds flips its result. An 8x8 product takes 80 cells.

    Registers lie behind the product, in the middle of the rows, and before everything, in the
    order in which there are any.
    """

    def elaborate(self, platform):
        m = Module()
        latency = self.of.latency
        after, middle, before = int(latency >= 1), int(latency >= 2), max(0, latency - 2)
        a = pipeline(m, _signed(self.a, 2), before, "a")
        for way in range(self.of.ways):
            b = pipeline(m, _signed(self.b[way], 3), before, f"b_{way}")
            product = self._rows(m, f"way_{way}", a, b, middle)
            m.d.comb += self.product[way].eq(
                pipeline(m, product[:self.of.product_bits], after, f"product_{way}"))
        return m

    def _rows(self, m, name, a, b, middle):
        """``a * b``, with so many registers in the middle."""
        digits, width = len(b), len(a) + 2
        # Marks the digits that are -1, and those of another sign than the next one.
        minus = Cat(~b[:-1], b[-1])
        flip = minus ^ minus[1:]
        a = Cat(a, a[-1], a[-1])
        # digit[0] * a - a, halved: -a or 0. As -a = ~(a - 1), it is a plus minus ones or zeros,
        # and a table with more to do than to flip.
        row = _add(m, f"{name}_0", a, minus[0].replicate(width), minus[1].replicate(width), 0x9a6a)
        x, done = row[:-1], []
        for number in range(1, digits):
            if number == digits // 2:
                a, minus, flip = (pipeline(m, value, middle, f"{name}_{what}") for value, what
                                  in ((a, "a"), (minus, "minus"), (flip, "flip")))
                x = pipeline(m, x, middle, f"{name}_x")
                done = [pipeline(m, Cat(done), middle, f"{name}_done")] if done else []
            # The lowest bit is done: it takes the sign of its own digit.
            row = _add(m, f"{name}_{number}", a, Cat(x, x[-1]),
                       Cat(minus[number], flip[number].replicate(width - 1)), 0x6996)
            done.append(row[0])
            x = row[1:]
        return Cat(done, x)


def _signed(value, least):
    """A number as a signed one of at least so many bits."""
    sign = value[-1] if value.shape().signed else Const(0)
    bits = max(least, len(value) + (not value.shape().signed))
    return Cat(value, *[sign] * (bits - len(value))).as_signed()


def _add(m, name, a, x, flip, table):
    """``a + x``, with what a table makes of each bit of the sum and of ``flip``."""
    total = Signal(len(a), name=f"{name}_row")
    carry = Const(0)
    for bit in range(len(a)):
        carry_out = Signal(name=f"{name}_carry_{bit}")
        m.submodules[f"{name}_sum_{bit}"] = Instance(
            "SB_LUT4", p_LUT_INIT=Const(table, 16), i_I0=flip[bit], i_I1=a[bit], i_I2=x[bit],
            i_I3=carry, o_O=total[bit])
        if bit < len(a) - 1:
            m.submodules[f"{name}_carry_{bit}"] = Instance(
                "SB_CARRY", i_I0=a[bit], i_I1=x[bit], i_CI=carry, o_CO=carry_out)
        carry = carry_out
    return total


def spram_blocks(sram):
    """Blocks of SPRAM that a `SinglePortSram` takes; 0 if they cannot hold it."""
    if sram.depth > SPRAM_WORDS or (sram.granularity % MASK_BITS
                                    and sram.granularity < sram.width):
        return 0
    return -(-sram.width // SPRAM_BITS)


class Spram(Replacement):
    """A `SinglePortSram` of single-port RAM blocks, side by side.

    Unlike block RAM they hold nothing at first: only what was written may be used. What is read is
    held until the next read or write.
    """

    def elaborate(self, platform):
        m = Module()
        padding = -self.of.width % SPRAM_BITS
        grains = max(1, self.of.granularity // MASK_BITS)
        mask = Cat(enable.replicate(grains) for enable in self.write_en)
        if self.of.granularity == self.of.width:
            mask = self.write_any.replicate(self.of.width + padding)
        data = Cat(self.write_data, Const(0, padding))
        m.d.comb += self.write_any.eq(self.write_en.any())
        words = []
        for block in range(spram_blocks(self.of)):
            word = Signal(SPRAM_BITS, name=f"word_{block}")
            low, masks = block * SPRAM_BITS, SPRAM_BITS // MASK_BITS
            m.submodules[f"block_{block}"] = Instance(
                "SB_SPRAM256KA", i_ADDRESS=Cat(self.addr, Const(0, 14 - len(self.addr))),
                i_DATAIN=data[low:low + SPRAM_BITS],
                i_MASKWREN=_padded(mask[block * masks:(block + 1) * masks], masks),
                i_WREN=self.write_any, i_CHIPSELECT=self.read_en | self.write_any,
                i_CLOCK=ClockSignal(), i_STANDBY=Const(0), i_SLEEP=Const(0), i_POWEROFF=Const(1),
                o_DATAOUT=word)
            words.append(word)
        m.d.comb += self.read_data.eq(Cat(words))
        return m


def _padded(bits, width):
    return Cat(bits, Const(0, width - len(bits)))
