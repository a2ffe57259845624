"""Requantization: from an accumulator to a number of the next layer, as LiteRT's kernels do it."""

from amaranth import Cat, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .stamp import StampedComponent

__all__ = ["BIAS_BITS", "SHIFT_BITS", "Requantize", "channel_layout", "check_lane"]

BIAS_BITS = 32
SHIFT_BITS = 6


def channel_layout(multiplier_bits):
    """Parameters of one channel: ``bias``, ``multiplier`` and ``shift`` (left if positive).

    The multiplier is a fixed-point number in [0, 1) with ``multiplier_bits - 1`` fractional bits.
    As in LiteRT's int32, the top bit would be a sign: it is 0, and the hardware ignores it.
    """
    return data.StructLayout({"bias": signed(BIAS_BITS), "multiplier": unsigned(multiplier_bits),
                              "shift": signed(SHIFT_BITS)})


def check_lane(output, multiplier_bits):
    """Raise `ValueError` for what no lane computes."""
    if not 8 <= multiplier_bits <= 32:
        raise ValueError(f"a multiplier has 8 to 32 bits, not {multiplier_bits}")
    if output.bits > BIAS_BITS // 2:
        raise ValueError(f"output={output} has more than {BIAS_BITS // 2} bits")


class Requantize(StampedComponent):
    """One lane: bias, multiplication by a quantized multiplier, zero point, clamp.

    With n multiplier bits, and the first line wrapping in 32 bits::

        x = (sum + bias) << max(shift, 0)
        p = floor((x * multiplier + 2 ** (n - 2)) / 2 ** (n - 1))
        y = p / 2 ** max(-shift, 0), rounded to nearest, halves away from zero
        o = min(max(y + output_zero_point, clamp_min), clamp_max)

    n = 32 is LiteRT's reference with its two roundings, bit for bit: the nudge and the truncating
    division of SaturatingRoundingDoublingHighMul are the floor above for either sign, and its
    saturation needs a negative multiplier.

    Latency four cycles, one result per cycle; nothing toggles while the inputs stand still.

    Parameters
    ----------
    accumulator, output: NumberFormat
        Formats of the sum and of the result; the result has at most 16 bits.
    multiplier_bits: int
        Width of the multiplier, 8 to 32.

    Members
    -------
    sum: In(accumulator.shape)
    channel: In(channel_layout(multiplier_bits))
        Belongs to ``sum``, in the same cycle; shifts from -31 to 31.
    output_zero_point, clamp_min, clamp_max: In(output.shape)
        Constant while results are under way; ``clamp_min <= clamp_max``.
    o: Out(output.shape)
    """

    kind = "requantize"
    latency = 4

    def __init__(self, *, accumulator, output, multiplier_bits):
        check_lane(output, multiplier_bits)
        self.accumulator = accumulator
        self.output = output
        self.multiplier_bits = multiplier_bits
        self.module_name = f"requantize_{accumulator}_{output}_by_{multiplier_bits}"
        super().__init__({
            "sum": In(accumulator.shape),
            "channel": In(channel_layout(multiplier_bits)),
            "output_zero_point": In(output.shape),
            "clamp_min": In(output.shape),
            "clamp_max": In(output.shape),
            "o": Out(output.shape),
        })

    def parameters(self):
        return {"accumulator": str(self.accumulator), "output": str(self.output),
                "multiplier_bits": self.multiplier_bits}

    def elaborate(self, platform):
        m = Module()
        fraction_bits = self.multiplier_bits - 1
        shift = self.channel.shift
        to_right = shift < 0
        amount_bits = SHIFT_BITS - 1

        # Cycle 1: bias and left shift. Right shifts travel along to cycle 4.
        x = Signal(signed(BIAS_BITS), reset_less=True)
        multiplier = Signal(fraction_bits, reset_less=True)
        rights = [Signal(amount_bits, name=f"right_{cycle}", reset_less=True)
                  for cycle in range(1, 4)]
        biased = (self.sum + self.channel.bias)[:BIAS_BITS]
        m.d.sync += [
            x.eq(biased << Mux(to_right, 0, shift[:amount_bits])),
            multiplier.eq(self.channel.multiplier),
            rights[0].eq(Mux(to_right, -shift, 0)),
            Cat(rights[1:]).eq(Cat(rights)),
        ]

        # Cycle 2: multiply; keep the integer part and the bit that rounds it.
        half = Signal(reset_less=True)
        high = Signal(signed(BIAS_BITS), reset_less=True)
        m.d.sync += Cat(half, high).eq((x * multiplier) >> (fraction_bits - 1))

        # Cycle 3: round to nearest, halves up. A right shift that rounds halves away from zero is
        # one that rounds halves up after taking 1 off the negative numbers; that 1 comes off here.
        # (It also comes off a -0.5 that rounds to 0, which changes nothing: -1 becomes 0 again.)
        one_off = Signal()
        rounded = Signal(signed(BIAS_BITS), reset_less=True)
        m.d.comb += one_off.eq(high[-1] & rights[1].any())
        m.d.sync += rounded.eq(high + Mux(half, ~one_off, one_off.as_signed()))

        # Cycle 4: right shift, zero point, clamp.
        shifted, half_up, beyond = self._shift_right(m, rounded, rights[2])
        low, high = self.clamp_min, self.clamp_max
        negative = rounded[-1]
        y = Signal(signed(self.output.bits + 3))
        m.d.comb += y.eq(shifted + self.output_zero_point + half_up)
        m.d.sync += self.o.eq(Mux(Mux(beyond, negative, y < low), low,
                                  Mux(Mux(beyond, ~negative, y > high), high, y)))
        return m

    def _shift_right(self, m, value, amount):
        """Shift right, computing no more than the low bits that the clamp lets through.

        Returns the shifted value in one bit more than the output has (a zero point is no larger
        than that), the last bit shifted out, and whether the value does not fit: then it is beyond
        any clamp, on the side of its sign.
        """
        sign = value[-1]
        bits = Cat(0, value[:-1])
        misfits = []
        for step in (1 << n for n in reversed(range(len(amount)))):
            shifts = amount[step.bit_length() - 1]
            moved = Cat(bits[step:], sign.replicate(step))
            stage = Signal(self.output.bits + step, name=f"shifted_{step}")
            m.d.comb += stage.eq(Mux(shifts, moved[:len(stage)], bits[:len(stage)]))
            # If the stage does not shift, its upper input bits must be copies of the sign.
            upper = bits[len(stage):]
            misfits.append(~shifts & (upper ^ sign.replicate(len(upper))).any())
            bits = stage
        beyond = Signal()
        m.d.comb += beyond.eq(Cat(misfits).any())
        return Cat(bits[1:], sign).as_signed(), bits[0], beyond
