"""AXI4-Lite slave for commands and status."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .axi import AXI4LiteSignature, Response
from .registers import (
    IDENTIFICATION,
    REGISTER_ADDRESS_BITS,
    REGISTER_BITS,
    REGISTERS,
    register,
)
from .stamp import StampedComponent

__all__ = ["ControlBus"]


class ControlBus(StampedComponent):
    """The registers of `hw.registers` on AXI4-Lite.

    A write is taken when its address and its data are both there, one write every three cycles;
    its pulses last for the one cycle of the handshake. A read is sampled in the cycle in which its
    address is taken, one read every two cycles. Ready signals come from registers. An address
    that is no register's, an access that the register does not allow and a write without all
    strobes end in SLVERR without effect.

    Parameters
    ----------
    program_address_bits: int
        Width of a word address of the program memory.

    Members
    -------
    bus: In(AXI4LiteSignature)
    start: Out(1)
        Pulse: run the program; never while ``busy``.
    clear: Out(1)
        Pulse: clear done and the sticky flags; may come together with ``start``.
    program_base: Out(program_address_bits)
    program_base_written: Out(1)
        Pulse, never while ``busy``: ``program_base`` changes with the next clock edge.
    interrupt_enable: Out(1)
    busy, ready, done, bank_conflict, engine_underrun, job_refused: In(1)
        STATUS as it is; the core holds what is sticky.
    cycles: In(64)
    layers: In(32)
    """

    kind = "bus"
    module_name = "control_bus"

    def __init__(self, program_address_bits):
        self.program_address_bits = program_address_bits
        super().__init__({
            "bus": In(AXI4LiteSignature(address_bits=REGISTER_ADDRESS_BITS,
                                        data_bits=REGISTER_BITS)),
            "start": Out(1),
            "clear": Out(1),
            "program_base": Out(program_address_bits),
            "program_base_written": Out(1),
            "interrupt_enable": Out(1),
            "busy": In(1),
            "ready": In(1),
            "done": In(1),
            "bank_conflict": In(1),
            "engine_underrun": In(1),
            "job_refused": In(1),
            "cycles": In(64),
            "layers": In(32),
        })

    def parameters(self):
        return {"program_address_bits": self.program_address_bits}

    def elaborate(self, platform):
        m = Module()
        start_refused = Signal()
        self._writes(m, start_refused)
        self._reads(m, {
            "ID": {"identification": Const(IDENTIFICATION, REGISTER_BITS)},
            "STATUS": {"busy": self.busy, "ready": self.ready, "done": self.done,
                       "start_refused": start_refused, "bank_conflict": self.bank_conflict,
                       "engine_underrun": self.engine_underrun,
                       "job_refused": self.job_refused},
            "INTERRUPT_ENABLE": {"done": self.interrupt_enable},
            "PROGRAM_BASE": {"address": self.program_base},
            "CYCLES_LOW": {"cycles": self.cycles[:REGISTER_BITS]},
            "CYCLES_HIGH": {"cycles": self.cycles[REGISTER_BITS:]},
            "LAYERS": {"count": self.layers},
        })
        return m

    def _writes(self, m, start_refused):
        """Take address and data together, answer in the next cycle."""
        bus = self.bus
        taken = Signal()
        m.d.sync += taken.eq(bus.awvalid & bus.wvalid & ~taken & ~bus.bvalid)
        m.d.comb += [bus.awready.eq(taken), bus.wready.eq(taken)]

        written = {register.name: Signal(name=f"{register.name.lower()}_written")
                   for register in REGISTERS if register.access.writable}
        for name, signal in written.items():
            allowed = ~self.busy if name == "PROGRAM_BASE" else 1
            m.d.comb += signal.eq(taken & bus.wstrb.all() & allowed
                                  & (bus.awaddr == register(name).offset))

        with m.If(bus.bready):
            m.d.sync += bus.bvalid.eq(0)
        with m.If(taken):
            m.d.sync += [
                bus.bvalid.eq(1),
                bus.bresp.eq(Mux(Cat(written.values()).any(), Response.OKAY, Response.SLVERR)),
            ]

        def value(name):
            return data.View(register(name).layout, bus.wdata)

        command = value("CONTROL")
        started = written["CONTROL"] & command.start
        m.d.comb += [
            self.start.eq(started & ~self.busy),
            self.clear.eq(written["CONTROL"] & command.clear),
            self.program_base_written.eq(written["PROGRAM_BASE"]),
        ]
        with m.If(self.clear):
            m.d.sync += start_refused.eq(0)
        with m.If(started & self.busy):
            m.d.sync += start_refused.eq(1)
        with m.If(written["INTERRUPT_ENABLE"]):
            m.d.sync += self.interrupt_enable.eq(value("INTERRUPT_ENABLE").done)
        with m.If(written["PROGRAM_BASE"]):
            m.d.sync += self.program_base.eq(value("PROGRAM_BASE").address)

    def _reads(self, m, contents):
        """Sample the addressed register; ``contents`` has the fields of each readable one."""
        bus = self.bus
        m.d.comb += bus.arready.eq(~bus.rvalid)
        with m.If(bus.rready):
            m.d.sync += bus.rvalid.eq(0)
        with m.If(~bus.rvalid):
            m.d.sync += [bus.rvalid.eq(bus.arvalid), bus.rdata.eq(0), bus.rresp.eq(Response.SLVERR)]
            with m.Switch(bus.araddr):
                for name, fields in contents.items():
                    entry = register(name)
                    with m.Case(entry.offset):
                        m.d.sync += [bus.rdata.eq(entry.pack(fields)),
                                     bus.rresp.eq(Response.OKAY)]
