"""The host of a core in a cocotb testbench: registers, memories, start and interrupt.

Bus traffic goes through cocotbext-axi's masters. They sleep while they have nothing to do, and so
does the driver while the core runs: no Python runs per clock cycle.
"""

from itertools import cycle

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, with_timeout
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiMaster, AxiResp

from .backdoor import BackDoor
from .memories import simulated_memories
from .testbench import counted_memories, counter_names

__all__ = ["BusError", "Driver", "HungError"]

REGISTER_BYTES = 4
READY_POLLS = 1000  # a descriptor is prefetched within a few of them


class BusError(Exception):
    """A transfer was answered with an error."""


class HungError(Exception):
    """A run did not end in its time."""


class Driver:
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
        self.memories = simulated_memories(manifest)
        self._counted = counted_memories(manifest)
        self.clock = getattr(dut, manifest["clock"]["port"])
        self.reset_port = getattr(dut, manifest["reset"]["port"])
        self.interrupt = getattr(dut, manifest["interrupt"])
        self.period_ns = manifest["clock"]["period_ns"]
        self.registers = {register["name"]: register for register in manifest["registers"]}
        self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "control_"), self.clock,
                                     self.reset_port)
        self.memory = AxiMaster(AxiBus.from_prefix(dut, "memory_"), self.clock, self.reset_port)
        self.back_door = BackDoor(dut, self.clock, self.memories) if use_back_door else None
        Clock(self.clock, self.period_ns, unit="ns").start(start_high=False)

    async def reset(self, cycles=4):
        """Hold reset for some cycles, then enable the interrupt; memories keep their contents."""
        self.reset_port.value = 1
        await ClockCycles(self.clock, cycles)
        self.reset_port.value = 0
        await ClockCycles(self.clock, 2)
        await self.write_register("INTERRUPT_ENABLE", self.mask("INTERRUPT_ENABLE", "done"))

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

    def mask(self, register, field):
        """The bits of a field, in its register."""
        entry = next(entry for entry in self.registers[register]["fields"]
                     if entry["name"] == field)
        return ((1 << entry["width"]) - 1) << entry["offset"]

    async def write_register(self, name, value):
        response = await self.control.write(self.registers[name]["offset"],
                                            value.to_bytes(REGISTER_BYTES, "little"))
        _check(response.resp, f"writing {value:#x} to {name}")

    async def read_register(self, name):
        response = await self.control.read(self.registers[name]["offset"], REGISTER_BYTES)
        _check(response.resp, f"reading {name}")
        return int.from_bytes(response.data, "little")

    async def status(self):
        """STATUS as a dict of field to value."""
        value = await self.read_register("STATUS")
        return {field["name"]: (value & self.mask("STATUS", field["name"])) >> field["offset"]
                for field in self.registers["STATUS"]["fields"]}

    async def cycles(self):
        """Cycles of the last run, as the core counts them."""
        low = await self.read_register("CYCLES_LOW")
        return await self.read_register("CYCLES_HIGH") << 32 | low

    async def write_memory(self, name, first, values):
        """Write whole words from word ``first`` on; ``values`` is [words, containers]."""
        memory = self.memories[name]
        values = memory.checked(first, values)
        if self.back_door:
            await self.back_door.load([(name, first, values)])
            return
        response = await self.memory.write(memory.base + first * memory.word_stride_bytes,
                                           memory.to_bytes(values))
        _check(response.resp, f"writing words {first} to {first + len(values) - 1} of {name}")

    async def read_memory(self, name, first, words):
        """The [words, containers] from word ``first`` on."""
        memory = self.memories[name]
        memory.check_range(first, words)
        if self.back_door:
            return await self.back_door.store(name, first, words)
        response = await self.memory.read(memory.base + first * memory.word_stride_bytes,
                                          words * memory.word_stride_bytes)
        _check(response.resp, f"reading words {first} to {first + words - 1} of {name}")
        return memory.from_bytes(response.data)

    async def load(self, loads):
        """Write a sequence of (memory, first word, values)."""
        if self.back_door:
            await self.back_door.load([
                (name, first, self.memories[name].checked(first, values))
                for name, first, values in loads])
        else:
            for load in loads:
                await self.write_memory(*load)

    async def start(self, base):
        """Start the program at word ``base``, once the core has prefetched its beginning."""
        await self.write_register("PROGRAM_BASE", base)
        ready = self.mask("STATUS", "ready")
        for _ in range(READY_POLLS):
            if await self.read_register("STATUS") & ready:
                break
        else:
            raise HungError(f"the core did not prefetch the program at word {base}")
        await self.write_register(
            "CONTROL", self.mask("CONTROL", "start") | self.mask("CONTROL", "clear"))

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



def _check(response, what):
    if response != AxiResp.OKAY:
        raise BusError(f"{what}: {AxiResp(response).name}")
