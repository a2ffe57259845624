"""Memories that the host fills and the core only reads: weights, parameters, the program."""

from amaranth import Cat, Module, Mux, Shape, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .host_port import HostPort, lane_fields
from .parameters import address_bits
from .sram import SinglePortSram
from .stamp import Stamped, StampedComponent

__all__ = ["ReadMemory"]


class ReadMemory(StampedComponent):
    """A single-port memory behind a multiplexer of the host's port and the core's.

    Lanes that are structs lie in one SRAM per field, so that each SRAM is written in whole lanes.
    Reads have a latency of one cycle and hold their data until the next.

    Parameters
    ----------
    name: str
        Verilog module name and kind.
    words, lanes: int
    lane_shape: ShapeLike
        A number, or a ``StructLayout`` of numbers.

    Members
    -------
    core_owns: In(1), the core's port is used, else the host's.
    read_en, read_addr, read_data: the core's port; ``ArrayLayout(lane_shape, lanes)``.
    host: In(HostPort).
    """

    kind = "memory"

    def __init__(self, name, words, lanes, lane_shape):
        self.words, self.lanes, self.lane_shape = words, lanes, lane_shape
        self.module_name = name
        super().__init__({
            "core_owns": In(1), "read_en": In(1), "read_addr": In(address_bits(words)),
            "read_data": Out(data.ArrayLayout(lane_shape, lanes)),
            "host": In(HostPort(address_bits(words), lanes, lane_shape)),
        })

    def parameters(self):
        return {"words": self.words, "lanes": self.lanes,
                "lane_bits": Shape.cast(self.lane_shape).width}

    def elaborate(self, platform):
        m = Module()
        widths = [field.width for field in lane_fields(self.lane_shape)]
        names = (list(self.lane_shape.members) if isinstance(self.lane_shape, data.StructLayout)
                 else ["words"])
        addr = Signal.like(self.read_addr)
        read_en = Signal()
        m.d.comb += [
            addr.eq(Mux(self.core_owns, self.read_addr, self.host.addr)),
            read_en.eq(Mux(self.core_owns, self.read_en, self.host.read_en)),
            self.host.read_data.eq(self.read_data),
        ]
        lane_bits = sum(widths)
        offset = 0
        for index, (name, width) in enumerate(zip(names, widths, strict=True)):
            sram = SinglePortSram(self.words, width * self.lanes, width)
            m.submodules[name] = Stamped(sram)

            def part(value, offset=offset, width=width):
                return Cat(value[lane * lane_bits + offset:][:width]
                           for lane in range(self.lanes))

            m.d.comb += [
                sram.addr.eq(addr),
                sram.read_en.eq(read_en),
                sram.write_en.eq(Mux(self.core_owns, 0, self.host.write_en[index::len(names)])),
                sram.write_data.eq(part(self.host.write_data)),
                part(self.read_data.as_value()).eq(sram.read_data),
            ]
            offset += width
        return m
