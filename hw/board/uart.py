"""Both halves of a serial line: 8 data bits, no parity, one stop bit."""

import operator

from amaranth import Cat, Module, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ..stamp import StampedComponent
from .protocol import SILENCE

__all__ = ["DIVISOR_LEAST", "UartReceiver", "UartTransmitter"]

DIVISOR_LEAST = 4  # a bit is looked at in its middle, which needs a few cycles around it


class _UartHalf(StampedComponent):
    """What both halves share: the length of a bit."""

    kind = "uart"

    def __init__(self, divisor, members):
        divisor = operator.index(divisor)
        if divisor < DIVISOR_LEAST:
            raise ValueError(f"a UART needs {DIVISOR_LEAST} or more clock cycles per bit, "
                             f"not divisor={divisor}")
        self.divisor = divisor
        super().__init__(members)

    def parameters(self):
        return {"divisor": self.divisor}


class UartReceiver(_UartHalf):
    """Bytes from a serial line.

    Each bit is sampled once, in its middle. A start bit that is over by then was a glitch. A byte
    is offered from the middle of its stop bit to the beginning of the next start bit: the line
    does not wait, and a byte that nobody took is lost.

    Parameters
    ----------
    divisor: int
        Clock cycles per bit, 4 or more.

    Members
    -------
    rx: In(1)
        The line, of any phase.
    o: Out(stream of 8 bits)
    framing_error: Out(1)
        The byte on offer had no stop bit.
    silent: Out(1)
        High for a cycle, again and again, while no byte has come for `SILENCE` bits.

    Raises
    ------
    ValueError
        If the divisor is too small.
    """

    module_name = "uart_receiver"

    def __init__(self, divisor):
        super().__init__(divisor, {
            "rx": In(1, init=1),
            "o": Out(stream.Signature(8)),
            "framing_error": Out(1),
            "silent": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        line = Signal(3, init=0b111)  # two registers against metastability, and the value before
        m.d.sync += line.eq(Cat(self.rx, line[:2]))
        timer = Signal(range(self.divisor))
        receiving = Signal()
        starting = Signal()
        # Ones, until the zero of the start bit has arrived in the lowest place.
        bits = Signal(9, reset_less=True)
        m.d.comb += self.o.payload.eq(bits[1:])
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        bit_ends = timer == self.divisor - 1
        m.d.sync += timer.eq(timer + 1)
        with m.If(bit_ends):
            m.d.sync += timer.eq(0)
        with m.If(~receiving):
            with m.If(line[2] & ~line[1]):
                m.d.sync += [receiving.eq(1), starting.eq(1), self.o.valid.eq(0), timer.eq(0)]
        with m.Elif(timer == self.divisor // 2 - 1):
            m.d.sync += starting.eq(0)
            with m.If(starting):
                m.d.sync += [receiving.eq(~line[1]), bits.eq(0x0FF)]
            with m.Elif(bits[0]):
                m.d.sync += bits.eq(Cat(bits[1:], line[1]))
            with m.Else():
                m.d.sync += [receiving.eq(0), self.o.valid.eq(1),
                             self.framing_error.eq(~line[1])]
        silence = Signal(range(SILENCE + 1))
        m.d.comb += self.silent.eq(silence[-1])
        with m.If(receiving | self.silent):
            m.d.sync += silence.eq(0)
        with m.Elif(bit_ends):
            m.d.sync += silence.eq(silence + 1)
        return m


class UartTransmitter(_UartHalf):
    """Bytes onto a serial line, one in ten bits.

    Parameters
    ----------
    divisor: int
        Clock cycles per bit, 4 or more.

    Members
    -------
    i: In(stream of 8 bits)
    tx: Out(1)
        The line.

    Raises
    ------
    ValueError
        If the divisor is too small.
    """

    module_name = "uart_transmitter"

    def __init__(self, divisor):
        super().__init__(divisor, {"i": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        timer = Signal(range(self.divisor))
        # Zeros come in from above, so that the stop bit alone is left in the end.
        bits = Signal(10, init=1)
        over = timer == 0
        m.d.comb += [
            self.tx.eq(bits[0]),
            self.i.ready.eq(over & ~bits[1:].any()),
        ]
        with m.If(~over):
            m.d.sync += timer.eq(timer - 1)
        with m.Elif(bits[1:].any()):
            m.d.sync += [timer.eq(self.divisor - 1), bits.eq(bits[1:])]
        with m.Elif(self.i.valid):
            m.d.sync += [timer.eq(self.divisor - 1), bits.eq(Cat(0, self.i.payload, 1))]
        return m
