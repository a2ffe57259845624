"""Requantization in small: the same arithmetic, a few bits of the product per cycle."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib.wiring import In, Out
from amaranth.utils import exact_log2

from .requantize import BIAS_BITS, channel_layout, check_lane
from .stamp import StampedComponent

__all__ = ["SERIAL_CYCLES", "SerialRequantize"]

# A product of bias and multiplier has 63 bits.
_PRODUCT_BITS = 64
_FRACTION_BITS = 31
SERIAL_CYCLES = (8, 16, 32, 64)


class SerialRequantize(StampedComponent):
    """One lane of `hw.requantize.Requantize`'s arithmetic that takes ``cycles`` per result.

    A multiplication by shifts and additions, ``64 / cycles`` bits per cycle: bits of the biased sum
    come in lowest first, for as long as bits of the product go out. All else is done to the bits
    that go out, on their way to a window of as many as the clamp lets through:

    - A left shift puts the window lower, a right shift higher. A left shift also cuts the sum to
      what 32 bits hold of it; from its last bit on, the sum is its sign, which makes the upper half
      of the product right.
    - Rounding the product adds the bit below its integer part, as a carry into the bits above.
      Rounding the right shift adds the bit below the window, unless that is all that a negative
      number loses. One of the two carries at most gets as far as the window.

    Zero point and clamp take the first three cycles of the next result, with one adder each.

    Latency ``cycles + 3`` from the first step to the result, one result every ``cycles`` cycles,
    whatever the data; nothing toggles while no step is taken.

    Parameters
    ----------
    output: NumberFormat
        Format of the result, at most 16 bits.
    multiplier_bits: int
        Width of the multiplier, 8 to 32.
    cycles: int
        8, 16, 32 or 64.

    Members
    -------
    run, step: In(1), In(range(cycles))
        A step is taken, and which: all of them in order for each result.
    sum: In(64 / cycles)
        Bits of the sum that belong to the step, lowest first, and its sign where there are no more.
    channel: In(channel_layout(multiplier_bits))
        Constant over the steps of a result; shifts from -31 to 31.
    output_zero_point, clamp_min, clamp_max: In(output.shape)
        Constant while results are under way; ``clamp_min <= clamp_max``.
    o: Out(output.shape)
        Held until ``o_changes``.
    o_changes: Out(1)
        ``o`` is for the last time in this cycle the result before.
    """

    kind = "requantize"

    def __init__(self, *, output, multiplier_bits, cycles):
        check_lane(output, multiplier_bits)
        if cycles not in SERIAL_CYCLES:
            raise ValueError(f"a serial lane takes 8, 16, 32 or 64 cycles per result, not {cycles}")
        self.output = output
        self.multiplier_bits = multiplier_bits
        self.cycles = cycles
        self.module_name = f"requantize_{output}_by_{multiplier_bits}_in_{cycles}"
        super().__init__({
            "run": In(1), "step": In(range(cycles)), "sum": In(self.bits),
            "channel": In(channel_layout(multiplier_bits)),
            "output_zero_point": In(output.shape),
            "clamp_min": In(output.shape),
            "clamp_max": In(output.shape),
            "o": Out(output.shape), "o_changes": Out(1),
        })

    def parameters(self):
        return {"output": str(self.output), "multiplier_bits": self.multiplier_bits,
                "cycles": self.cycles}

    @property
    def bits(self):
        """Bits of the sum that come in, and of the product that go out, in each step."""
        return _PRODUCT_BITS // self.cycles

    @property
    def latency(self):
        """Cycles from the first step of a result until it is at ``o``."""
        return self.cycles + 3

    def elaborate(self, platform):
        m = Module()
        first, last = Signal(), Signal()
        m.d.comb += [
            first.eq(self.run & (self.step == 0)),
            last.eq(self.run & (self.step == self.cycles - 1)),
        ]
        whole, inside = self._places(m, last)
        numbers, sign = self._biased(m, first, last, whole)
        product = self._multiply(m, numbers, last)
        rounded = self._round(m, product, numbers, whole, inside, last)
        window, beyond = self._collect(m, rounded, inside, first, last)
        self._clamp(m, window, beyond, sign, last)
        return m

    def _places(self, m, last):
        """Which of the step's bits have reached the integer part, and which of them the window.

        The window begins at the product's place ``31 - shift``, the integer part there or at place
        31, whichever is lower. Each is a list of (reached with this bit, reached before it).
        """
        fine = exact_log2(self.bits)
        window = Cat(~self.channel.shift[:-1], self.channel.shift[-1])
        half, aligned = Signal(), Signal()
        m.d.comb += [
            half.eq(self.step == _FRACTION_BITS // self.bits),
            aligned.eq(self.step == window[fine:]),
        ]
        begins = [aligned & (window[:fine] == bit) for bit in range(self.bits)]
        return (self._since(m, "whole", [*begins[:-1], begins[-1] | half], last),
                self._since(m, "inside", begins, last))

    def _since(self, m, name, events, last):
        """For each event of this step: it or an earlier one has come, an earlier one has come."""
        before = reached = Signal(name=f"{name}_before")
        found = []
        for number, event in enumerate(events):
            now = Signal(name=f"{name}_{number}")
            m.d.comb += now.eq(reached | event)
            found.append((now, reached))
            reached = now
        self._keep(m, before, reached, last)
        return found

    def _keep(self, m, register, value, last):
        """A register that takes a value in each step, and 0 behind the last one."""
        with m.If(last):
            m.d.sync += register.eq(0)
        with m.Elif(self.run):
            m.d.sync += register.eq(value)

    def _biased(self, m, first, last, whole):
        """Sum and bias, bit by bit; behind the number's last bit its sign."""
        bias = Signal(BIAS_BITS)
        left = Signal(BIAS_BITS - self.bits, reset_less=True)
        carry, sign = Signal(), Signal(reset_less=True)
        m.d.comb += bias.eq(Mux(first, self.channel.bias, left))
        with m.If(self.run):
            m.d.sync += left.eq(bias[self.bits:])
        carries, before, numbers = carry, sign, []
        for n, (_, ended) in enumerate(whole):
            total = Signal(2, name=f"biased_{n}")
            number = Signal(name=f"x_{n}")
            m.d.comb += [
                total.eq(self.sum[n] + bias[n] + carries),
                number.eq(Mux(ended, before, total[0])),
            ]
            numbers.append(number)
            carries, before = total[1], number
        self._keep(m, carry, carries, last)
        with m.If(self.run):
            m.d.sync += sign.eq(before)
        return numbers, sign

    def _multiply(self, m, numbers, last):
        """Add the multiplier where a bit is 1; returns the product's bits of this step."""
        multiplier = Cat(Const(0, 32 - self.multiplier_bits), self.channel.multiplier[:-1])
        sums = Signal(_FRACTION_BITS)
        above, product = sums, []
        for n, number in enumerate(numbers):
            total = Signal(_FRACTION_BITS + 1, name=f"total_{n}")
            m.d.comb += total.eq(Mux(number, above + multiplier, above))
            product.append(total[0])
            above = total[1:]
        self._keep(m, sums, above, last)
        return product

    def _round(self, m, product, numbers, whole, inside, last):
        """Both roundings, bit by bit."""
        carry, below, more = Signal(), Signal(), Signal()
        carries, lost, sticky, rounded = carry, below, more, []
        for n, (bit, negative) in enumerate(zip(product, numbers, strict=True)):
            (in_whole, _), (in_window, before) = whole[n], inside[n]
            up = Signal(name=f"up_{n}")
            result, carried = Signal(name=f"rounded_{n}"), Signal(name=f"carried_{n}")
            m.d.comb += [
                up.eq(carries | (in_window & ~before & lost & (~negative | sticky))),
                result.eq(bit ^ up),
                carried.eq(bit & (~in_whole | up)),
            ]
            rounded.append(result)
            sticky, lost, carries = sticky | lost, in_whole & result, carried
        self._keep(m, carry, carries, last)
        self._keep(m, below, lost, last)
        self._keep(m, more, sticky, last)
        return rounded

    def _collect(self, m, rounded, inside, first, last):
        """The window's bits, the last one again in all places above."""
        width = self.output.bits + 1
        window = Signal(signed(width), reset_less=True)
        full = Signal(width - 1)     # places above the lowest that have got their bits
        misfit = Signal()
        value, taken, differs = window, full, misfit & ~first
        for n, (bit, (_, before)) in enumerate(zip(rounded, inside, strict=True)):
            held = Cat(before, taken)
            differs |= held[-1] & (bit ^ value[-1])
            after = Signal.like(window, name=f"window_{n}")
            m.d.comb += after.eq((held & value) | (~held & bit.replicate(width)))
            value, taken = after, held[:-1]
        self._keep(m, full, taken, last)
        with m.If(self.run):
            m.d.sync += [window.eq(value), misfit.eq(differs)]
        return window, misfit

    def _clamp(self, m, window, misfit, sign, last):
        """Add the zero point, put the lower clamp in place of what is below, then the upper one."""
        add, lower, upper = Signal(), Signal(), Signal()
        y = Signal(signed(self.output.bits + 2), reset_less=True)
        beyond, negative = Signal(reset_less=True), Signal(reset_less=True)
        m.d.sync += Cat(add, lower, upper).eq(Cat(last, add, lower))
        with m.If(add):
            m.d.sync += [y.eq(window + self.output_zero_point), beyond.eq(misfit),
                         negative.eq(sign)]
        # One adder compares with both: what is equal to a clamp may be replaced by it.
        bound = Signal(signed(self.output.bits + (not self.output.signed)))
        difference = Signal(signed(len(y) + 1))
        replace = Signal()
        m.d.comb += [
            bound.eq(Mux(upper, self.clamp_max, self.clamp_min)),
            difference.eq(y + ~bound),
            replace.eq(Mux(beyond, negative, difference[-1]) ^ upper),
            self.o_changes.eq(lower),
        ]
        with m.If(lower | (upper & replace)):
            m.d.sync += self.o.eq(Mux(replace, bound, y))
