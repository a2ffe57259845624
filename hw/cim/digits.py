"""Digits of vectors: which of them are sent, and in what order."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import Component, In, Out

from ..parameters import address_bits

__all__ = ["DigitSequence", "ZeroSkip", "thermometer"]


def thermometer(highest, bits):
    """A number of ``bits`` bits with bits 0 to ``highest`` set."""
    return ((2 << highest) - 1)[:bits]


class DigitSequence(Component):
    """Names the digits of each vector, the most significant one first.

    Parameters
    ----------
    digits: int
        Digits of an input.

    Members
    -------
    offered: In(digits), those of the vector that is offered, at least one.
    accept, step: In(1), that vector enters; a digit is taken, with ``accept`` its first one.
    only, ends: Out(1), the vector offered has one digit; the next one is the last of the vector
        inside.
    first, place: Out, from the cycle after a step on: the digit is its vector's first one; its
        number, 0 being the least significant one.
    """

    def __init__(self, digits):
        self.digits = digits
        super().__init__({
            "offered": In(digits), "accept": In(1), "step": In(1),
            "only": Out(1), "ends": Out(1), "first": Out(1), "place": Out(address_bits(digits)),
        })

    def elaborate(self, platform):
        m = Module()
        pending = Signal(self.digits)       # digits of the vector inside that are to come
        chosen = Signal(self.digits)
        top = Signal(self.digits)
        place = Signal.like(self.place)
        m.d.comb += [
            chosen.eq(Mux(self.accept, self.offered, pending)),
            top.eq(_highest(chosen)),
            self.only.eq(self.offered == _highest(self.offered)),
            self.ends.eq(pending == _highest(pending)),
        ]
        for number in range(1, self.digits):
            with m.If(top[number]):
                m.d.comb += place.eq(number)
        with m.If(self.step):
            m.d.sync += [pending.eq(chosen & ~top), self.first.eq(self.accept),
                         self.place.eq(place)]
        return m


class ZeroSkip(Component):
    """A register for the next vector, and which of its digits are not zero in all rows in use.

    Latency one cycle, one vector per cycle.

    Parameters
    ----------
    beat: Layout
        Of a beat with the mark ``tail``.
    input_bits, bits_per_cycle, digits: int

    Members
    -------
    reset: In(1), forget the vector.
    used, tail_used: In(rows), the rows in use, and those of a vector marked ``tail``.
    i, o: streams of beats.
    found: Out(digits), of the vector at ``o``. rows_used: Out(rows), its rows in use.
    """

    def __init__(self, beat, input_bits, bits_per_cycle, digits):
        self.input_bits, self.bits_per_cycle, self.digits = input_bits, bits_per_cycle, digits
        rows = beat["lanes"].shape.length
        super().__init__({
            "reset": In(1), "used": In(rows), "tail_used": In(rows),
            "i": In(stream.Signature(beat)), "o": Out(stream.Signature(beat)),
            "found": Out(digits), "rows_used": Out(rows),
        })

    def elaborate(self, platform):
        m = Module()
        rows = Signal.like(self.used)
        m.d.comb += [
            rows.eq(Mux(self.i.p.tail, self.tail_used, self.used)),
            self.i.ready.eq(~self.o.valid | self.o.ready),
        ]
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [self.o.payload.eq(self.i.payload), self.rows_used.eq(rows)]
            for place in range(self.digits):
                low = place * self.bits_per_cycle
                planes = [Cat(number[bit] for number in self.i.p.lanes) for bit in
                          range(low, min(low + self.bits_per_cycle, self.input_bits))]
                m.d.sync += self.found[place].eq((reduce(or_, planes) & rows).any())
        with m.If(self.reset):
            m.d.sync += self.o.valid.eq(0)
        return m


def _highest(bits):
    """The highest set bit alone."""
    return Cat(bit & ~bits[number + 1:].any() for number, bit in enumerate(bits))
