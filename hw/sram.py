"""Synchronous memories, the only ones in a core: the place to put a macro instead."""

from amaranth import Module, unsigned
from amaranth.lib import data
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from .parameters import address_bits
from .stamp import StampedComponent

__all__ = ["SinglePortSram", "TwoPortSram"]


class _Sram(StampedComponent):
    """What both memories share: shape, checks, names."""

    kind = "sram"
    ports = ""

    def __init__(self, depth, width, granularity, addresses):
        granularity = granularity or width
        if depth < 1 or width < 1 or width % granularity:
            raise ValueError(f"an SRAM needs a depth and a width of 1 or more and a width that is "
                             f"a multiple of the granularity, not depth={depth}, width={width}, "
                             f"granularity={granularity}")
        self.depth = depth
        self.width = width
        self.granularity = granularity
        grains = f"g{granularity}" if granularity < width else ""
        self.module_name = f"sram_{self.ports}_{depth}x{width}{grains}"
        super().__init__({
            "read_en": In(1),
            "write_en": In(width // granularity),
            **{name: In(address_bits(depth)) for name in addresses},
            "write_data": In(width),
            "read_data": Out(width),
            "write_any": Out(1),
        })

    def parameters(self):
        return {"ports": self.ports, "depth": self.depth, "width": self.width,
                "granularity": self.granularity}

    def _memory(self, m, read_en, read_addr, write_addr):
        """Place the memory array and wire its two ports."""
        grains = data.ArrayLayout(unsigned(self.granularity), self.width // self.granularity)
        # Without the attribute, Yosys adds registers and multiplexers to block RAMs, so that a word
        # that is read while it is written is the old one.
        m.submodules.array = array = Memory(shape=grains, depth=self.depth, init=[],
                                            attrs={"no_rw_check": 1})
        read = array.read_port()
        write = array.write_port(granularity=1)
        m.d.comb += [
            self.write_any.eq(self.write_en.any()),
            read.en.eq(read_en),
            read.addr.eq(read_addr),
            self.read_data.eq(read.data.as_value()),
            write.en.eq(self.write_en),
            write.addr.eq(write_addr),
            write.data.as_value().eq(self.write_data),
        ]


class SinglePortSram(_Sram):
    """A memory that reads or writes one word per cycle.

    A write wins over a read in the same cycle. Latency of a read is one cycle; ``read_data`` then
    holds until the next read, across writes as well. All words are zero at first.

    Parameters
    ----------
    depth, width: int
        Words, and bits of a word.
    granularity: int or None
        Bits that are written together; the whole word if None.

    Members
    -------
    read_en: In(1)
        Read the word at ``addr``.
    write_en: In(width // granularity)
        Write these parts of the word at ``addr``.
    addr: In(address_bits(depth))
    write_data: In(width)
    read_data: Out(width)
    write_any: Out(1)
        A part of a word is written: the net that stands for a write access.
    """

    ports = "1rw"

    def __init__(self, depth, width, granularity=None):
        super().__init__(depth, width, granularity, ["addr"])

    def elaborate(self, platform):
        m = Module()
        self._memory(m, self.read_en & ~self.write_any, self.addr, self.addr)
        return m


class TwoPortSram(_Sram):
    """A memory that reads one word and writes one word per cycle.

    Latency of a read is one cycle; ``read_data`` then holds until the next read. What is read of a
    word in the cycle in which it is written is undefined: forward such data around the memory.
    All words are zero at first.

    Parameters
    ----------
    depth, width: int
        Words, and bits of a word.
    granularity: int or None
        Bits that are written together; the whole word if None.

    Members
    -------
    read_en: In(1)
        Read the word at ``read_addr``.
    write_en: In(width // granularity)
        Write these parts of the word at ``write_addr``.
    read_addr, write_addr: In(address_bits(depth))
    write_data: In(width)
    read_data: Out(width)
    write_any: Out(1)
        A part of a word is written: the net that stands for a write access.
    """

    ports = "1r1w"

    def __init__(self, depth, width, granularity=None):
        super().__init__(depth, width, granularity, ["read_addr", "write_addr"])

    def elaborate(self, platform):
        m = Module()
        self._memory(m, self.read_en, self.read_addr, self.write_addr)
        return m
