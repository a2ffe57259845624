"""The memories of an element: the place to put register files instead."""

from amaranth import Module, unsigned
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from ..parameters import address_bits
from ..stamp import StampedComponent

__all__ = ["Scratchpad"]


class Scratchpad(StampedComponent):
    """A small memory that reads one word and writes one word per cycle.

    What is read of a word in the cycle in which it is written is undefined, unless reads are
    asynchronous. All words are zero at first.

    Parameters
    ----------
    depth, width: int
        Words, and bits of a word.
    asynchronous: bool
        Whether ``read_data`` is that of ``read_addr`` in the same cycle; otherwise it follows one
        cycle after ``read_en`` and holds until the next.

    Members
    -------
    read_en, write_en: In(1)
        The word at ``read_addr`` is used; the one at ``write_addr`` is replaced.
    read_addr, write_addr: In(address_bits(depth))
    write_data: In(width)
    read_data: Out(width)
    """

    kind = "scratchpad"

    def __init__(self, depth, width, *, asynchronous=False):
        self.depth, self.width, self.asynchronous = depth, width, asynchronous
        self.module_name = f"scratchpad_{depth}x{width}{'_asynchronous' if asynchronous else ''}"
        super().__init__({
            "read_en": In(1), "read_addr": In(address_bits(depth)), "read_data": Out(width),
            "write_en": In(1), "write_addr": In(address_bits(depth)), "write_data": In(width),
        })

    def parameters(self):
        return {"depth": self.depth, "width": self.width, "asynchronous": self.asynchronous}

    def elaborate(self, platform):
        m = Module()
        # See `hw.sram`; an asynchronous read has the old word until the clock's edge.
        attributes = {} if self.asynchronous else {"no_rw_check": 1}
        m.submodules.array = array = Memory(shape=unsigned(self.width), depth=self.depth, init=[],
                                            attrs=attributes)
        if self.asynchronous:
            read = array.read_port(domain="comb")
        else:
            read = array.read_port()
            m.d.comb += read.en.eq(self.read_en)
        write = array.write_port()
        m.d.comb += [
            read.addr.eq(self.read_addr), self.read_data.eq(read.data),
            write.en.eq(self.write_en), write.addr.eq(self.write_addr),
            write.data.eq(self.write_data),
        ]
        return m
