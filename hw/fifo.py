"""A queue between two streams, in a memory."""

from amaranth import Module, Mux, Shape, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from .parameters import address_bits
from .sram import TwoPortSram
from .stamp import Stamped, StampedComponent

__all__ = ["Fifo"]


class Fifo(StampedComponent):
    """A queue of beats: all but the one at the front lie in a memory with a synchronous read.

    The memory's output is the front, like in a streamer. Latency two cycles, one beat per cycle.

    Parameters
    ----------
    name: str
        Module name: one set of parameters per name.
    shape: Shape
        Of one beat.
    depth: int
        Beats that it holds, the one at the front included; 3 or more, so that one can be written
        while the one before it moves to the front.

    Members
    -------
    clear: In(1)
        Drops all beats, the one that comes in this cycle as well.
    i, o: streams of ``shape``.
    level: Out(range(depth + 1))
        Beats inside.
    """

    kind = "fifo"

    def __init__(self, name, shape, depth):
        if depth < 3:
            raise ValueError(f"a FIFO needs a depth of 3 or more, not {depth}")
        self.module_name = name
        self.shape, self.depth = shape, depth
        super().__init__({
            "clear": In(1),
            "i": In(stream.Signature(shape)),
            "o": Out(stream.Signature(shape)),
            "level": Out(range(depth + 1)),
        })

    def parameters(self):
        return {"depth": self.depth, "width": Shape.cast(self.shape).width}

    def elaborate(self, platform):
        m = Module()
        words = self.depth - 1
        m.submodules.memory = Stamped(memory := TwoPortSram(words, Shape.cast(self.shape).width))
        waiting = Signal(range(words + 1))      # beats in the memory
        write_addr = Signal(address_bits(words))
        read_addr = Signal.like(write_addr)
        m.d.comb += [
            self.i.ready.eq(waiting != words),
            memory.write_en.eq(self.i.valid & self.i.ready),
            memory.write_addr.eq(write_addr),
            memory.write_data.eq(self.i.payload),
            memory.read_en.eq(waiting.any() & (~self.o.valid | self.o.ready)),
            memory.read_addr.eq(read_addr),
            self.o.payload.eq(memory.read_data),
            self.level.eq(waiting + self.o.valid),
        ]
        m.d.sync += waiting.eq(waiting + memory.write_any - memory.read_en)
        for enable, addr in ((memory.write_any, write_addr), (memory.read_en, read_addr)):
            with m.If(enable):
                m.d.sync += addr.eq(Mux(addr == words - 1, 0, addr + 1))
        with m.If(~self.o.valid | self.o.ready):
            m.d.sync += self.o.valid.eq(memory.read_en)
        with m.If(self.clear):
            m.d.sync += [waiting.eq(0), write_addr.eq(0), read_addr.eq(0), self.o.valid.eq(0)]
        return m
