"""A core with a serial line in place of its buses."""

from amaranth import Module
from amaranth.lib.wiring import In, Out, connect

from ..core import Core
from ..registers import register
from ..stamp import Stamped, StampedComponent
from .bridge import HostBridge
from .uart import UartReceiver, UartTransmitter

__all__ = ["HostedCore"]


class HostedCore(StampedComponent):
    """A core that a host reaches over a serial line, see `HostBridge`.

    Parameters
    ----------
    parameters: CoreParameters
    divisor: int
        Clock cycles per bit of the line, 4 or more.

    Members
    -------
    rx: In(1)
    tx: Out(1)
    busy: Out(1)
        From a start to the interrupt, which the host has to enable.
    """

    kind = "board"

    def __init__(self, parameters, divisor):
        self.core = parameters
        self.divisor = divisor
        self.module_name = f"{parameters.name}_board"
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "busy": Out(1)})

    def parameters(self):
        return {"name": self.core.name, "divisor": self.divisor}

    def elaborate(self, platform):
        m = Module()
        m.submodules.core = Stamped(core := Core(self.core))
        m.submodules.receiver = Stamped(receiver := UartReceiver(self.divisor))
        m.submodules.transmitter = Stamped(transmitter := UartTransmitter(self.divisor))
        m.submodules.bridge = Stamped(bridge := HostBridge())
        connect(m, receiver.o, bridge.i)
        connect(m, bridge.o, transmitter.i)
        connect(m, bridge.control, core.control)
        connect(m, bridge.memory, core.memory)
        m.d.comb += [
            receiver.rx.eq(self.rx),
            bridge.silent.eq(receiver.silent),
            bridge.framing_error.eq(receiver.framing_error),
            self.tx.eq(transmitter.tx),
        ]
        control, command = bridge.control, register("CONTROL")
        with m.If(core.irq):
            m.d.sync += self.busy.eq(0)
        with m.If(control.awvalid & control.awready & (control.awaddr == command.offset)
                  & command.layout(control.wdata).start):
            m.d.sync += self.busy.eq(1)
        return m
