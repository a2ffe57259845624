"""The host of a core in a cocotb testbench: registers, memories, start and interrupt.

Bus traffic goes through cocotbext-axi's masters. They sleep while they have nothing to do, and so
does the driver while the core runs: no Python runs per clock cycle.
"""

from itertools import cycle

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, with_timeout
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiMaster, AxiResp

from host.client import BusError
from host.driver import HostDriver, HungError

from .backdoor import BackDoor
from .memories import simulated_memories
from .testbench import counted_memories, counter_names

__all__ = ["BusError", "Driver", "HungError"]

REGISTER_BYTES = 4


class Driver(HostDriver):
    """Drives one core through the wrapper of `sim.testbench`.

    Parameters
    ----------
    dut: handle
        The wrapper.
    manifest: dict
    use_back_door: bool
        Move memory images straight into and out of the SRAM arrays, in no time.
    """

    def __init__(self, dut, manifest, *, use_back_door):
        self.dut = dut
        self._counted = counted_memories(manifest)
        self.clock = getattr(dut, manifest["clock"]["port"])
        self.reset_port = getattr(dut, manifest["reset"]["port"])
        self.interrupt = getattr(dut, manifest["interrupt"])
        self.period_ns = manifest["clock"]["period_ns"]
        self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "control_"), self.clock,
                                     self.reset_port)
        self.memory = AxiMaster(AxiBus.from_prefix(dut, "memory_"), self.clock, self.reset_port)
        super().__init__(AxiTransport(self.control, self.memory), manifest,
                         simulated_memories(manifest))
        self.back_door = BackDoor(dut, self.clock, self.memories) if use_back_door else None
        Clock(self.clock, self.period_ns, unit="ns").start(start_high=False)

    async def reset(self, cycles=4):
        """Hold reset for some cycles, then enable the interrupt; memories keep their contents."""
        self.reset_port.value = 1
        await ClockCycles(self.clock, cycles)
        self.reset_port.value = 0
        await ClockCycles(self.clock, 2)
        await self.enable_interrupt()

    def set_pauses(self, random):
        """Interrupt all bus channels at random from now on; None ends that.

        Parameters
        ----------
        random: random.Random or None
        """
        for master in (self.control, self.memory):
            for interface in (master.write_if, master.read_if):
                for name in ("aw_channel", "w_channel", "b_channel", "ar_channel", "r_channel"):
                    channel = getattr(interface, name, None)
                    if channel and random:
                        channel.set_pause_generator(
                            cycle([random.random() < 0.5 for _ in range(61)]))
                    elif channel:
                        channel.clear_pause_generator()
                        channel.pause = False

    async def write_memory(self, name, first, values):
        if self.back_door:
            await self.load([(name, first, values)])
        else:
            await super().write_memory(name, first, values)

    async def read_memory(self, name, first, words):
        if not self.back_door:
            return await super().read_memory(name, first, words)
        self.memories[name].check_range(first, words)
        return await self.back_door.store(name, first, words)

    async def load(self, loads):
        if self.back_door:
            await self.back_door.load([
                (name, first, self.memories[name].checked(first, values))
                for name, first, values in loads])
        else:
            await super().load(loads)

    async def wait_done(self, limit_cycles):
        """Sleep until the interrupt; `HungError` after ``limit_cycles``."""
        if self.interrupt.value:
            return
        try:
            await with_timeout(RisingEdge(self.interrupt), round(limit_cycles * self.period_ns),
                               "ns")
        except SimTimeoutError:
            raise HungError(f"no interrupt after {limit_cycles} cycles") from None

    def counters(self):
        """Words read and written in runs so far, by memory: {name: (reads, writes)}."""
        return {name: tuple(getattr(self.dut, counter).value.to_unsigned()
                            for counter in counter_names(name))
                for name in self._counted}


class AxiTransport:
    """A core's buses by the masters of cocotbext-axi."""

    def __init__(self, control, memory):
        self.control, self.memory = control, memory

    async def read_register(self, offset):
        response = await self.control.read(offset, REGISTER_BYTES)
        return int.from_bytes(_checked(response).data, "little")

    async def write_register(self, offset, value):
        _checked(await self.control.write(offset, value.to_bytes(REGISTER_BYTES, "little")))

    async def read(self, address, size):
        return _checked(await self.memory.read(address, size)).data

    async def write(self, address, content):
        _checked(await self.memory.write(address, content))


def _checked(response):
    if response.resp != AxiResp.OKAY:
        raise BusError(AxiResp(response.resp).name)
    return response
