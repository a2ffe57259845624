"""Both buses in front of plain memories, without a core."""

from amaranth import Module, Mux, Signal, signed, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import Component, In, Out, connect, flipped

from hw.axi import AXI4LiteSignature, AXI4Signature
from hw.control_bus import ControlBus
from hw.memory_bus import ADDRESS_BITS, ID_BITS, MemoryBus
from hw.registers import REGISTER_ADDRESS_BITS, REGISTER_BITS
from hw.sram import SinglePortSram
from hw.stamp import Stamped
from hw.windows import BUS_BITS, lay_out_windows

__all__ = ["WINDOWS", "BusTop", "MemoryTop"]


def _parameter_lane(multiplier_bits):
    return data.StructLayout({"bias": signed(32), "multiplier": unsigned(multiplier_bits),
                              "shift": signed(6)})


WINDOWS = {
    "tiny": lay_out_windows([
        ("activations", 4, 1, signed(8)), ("accumulators", 1, 1, signed(18)),
        ("parameters", 2, 1, _parameter_lane(8)), ("program", 8, 1, unsigned(32))]),
    "wide": lay_out_windows([
        ("activations", 16, 12, unsigned(8)), ("weights", 8, 8, signed(4)),
        ("accumulators", 8, 3, signed(32)), ("parameters", 4, 2, _parameter_lane(32)),
        ("lookup", 32, 6, signed(11)), ("program", 16, 1, unsigned(32))]),
    "single": lay_out_windows([("program", 256, 1, unsigned(32))]),
}


class MemoryTop(Component):
    """A memory bus and its memories. While ``busy``, a core reads some word in every cycle."""

    def __init__(self, windows):
        self.windows = windows
        super().__init__({
            "memory": In(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                       id_bits=ID_BITS)),
            "busy": In(1),
            "active": Out(1),
            "accesses": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory_bus = Stamped(bus := MemoryBus(self.windows))
        connect(m, flipped(self.memory), bus.bus)
        m.d.comb += [bus.busy.eq(self.busy), self.active.eq(bus.active)]

        core_address = Signal(8)
        m.d.sync += core_address.eq(core_address + 1)
        for window in self.windows:
            host = getattr(bus.host, window.memory)
            signature = window.host_port
            sram = SinglePortSram(window.words, len(host.write_data), signature.granularity)
            m.submodules[window.memory] = Stamped(sram)
            m.d.comb += [
                sram.read_en.eq(host.read_en | self.busy),
                sram.addr.eq(Mux(self.busy, core_address % window.words, host.addr)),
                sram.write_en.eq(signature.sram_mask(host.write_en)),
                sram.write_data.eq(host.write_data),
                host.read_data.eq(sram.read_data),
            ]
            with m.If(host.read_en | host.write_en.any()):
                m.d.comb += self.accesses.eq(1)
        return m


class BusTop(Component):
    """A control bus beside a `MemoryTop`; ``busy`` and what counts come from the bench."""

    def __init__(self, windows, program_address_bits):
        self.windows = windows
        self.program_address_bits = program_address_bits
        members = ControlBus(program_address_bits).signature.members
        self.control_members = {name: members[name] for name in members if name != "bus"}
        super().__init__({
            "control": In(AXI4LiteSignature(address_bits=REGISTER_ADDRESS_BITS,
                                            data_bits=REGISTER_BITS)),
            "memory": In(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                       id_bits=ID_BITS)),
            **self.control_members,
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.control_bus = Stamped(control := ControlBus(self.program_address_bits))
        m.submodules.memories = memories = MemoryTop(self.windows)
        connect(m, flipped(self.control), control.bus)
        connect(m, flipped(self.memory), memories.memory)
        for name, member in self.control_members.items():
            inner, outer = getattr(control, name), getattr(self, name)
            m.d.comb += inner.eq(outer) if member.flow is In else outer.eq(inner)
        m.d.comb += memories.busy.eq(self.busy)
        return m
