"""cocotb bench of both buses; the partners are cocotbext-axi's masters (see test_bus_rtl)."""

import itertools
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiBurstType, AxiBus, AxiLiteBus, AxiLiteMaster, AxiMaster, AxiResp

from hw.registers import IDENTIFICATION, REGISTERS, register
from tests.hw.bus_top import WINDOWS
from tests.hw.window_model import WindowModel

INPUTS = ("busy", "ready", "done", "bank_conflict", "engine_underrun",
          "job_refused", "cycles", "layers")
OFFSETS = {register.name: register.offset for register in REGISTERS}


class Bench:
    """The masters, the model, and a record of the control bus's pulses."""

    def __init__(self, dut, idle, back_pressure):
        self.dut = dut
        self.rng = random.Random(f"{cocotb.RANDOM_SEED} {idle} {back_pressure}")
        self.model = WindowModel(WINDOWS[os.environ["BUS_WINDOWS"]])
        self.pulses = []
        for name in INPUTS:
            getattr(dut, name).value = 0
        self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "control_"), dut.clk, dut.rst)
        self.memory = AxiMaster(AxiBus.from_prefix(dut, "memory_"), dut.clk, dut.rst)
        for master in (self.control, self.memory):
            for bus, sent, received in ((master.write_if, ("aw", "w"), ("b",)),
                                        (master.read_if, ("ar",), ("r",))):
                for channels, probability in ((sent, idle), (received, back_pressure)):
                    for channel in channels:
                        getattr(bus, f"{channel}_channel").set_pause_generator(
                            self._pauses(probability))

    def _pauses(self, probability):
        return (self.rng.random() < probability for _ in itertools.count())

    async def start(self):
        self.dut.rst.value = 1
        Clock(self.dut.clk, 10, unit="ns").start(start_high=False)
        await self.reset()
        cocotb.start_soon(self._watch())

    async def reset(self):
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 3)
        self.dut.rst.value = 0
        await RisingEdge(self.dut.clk)

    async def _watch(self):
        names = ("start", "clear", "program_base_written")
        while True:
            await RisingEdge(self.dut.clk)
            self.pulses += [name for name in names if getattr(self.dut, name).value]

    async def set_busy(self, busy):
        self.dut.busy.value = busy
        await ClockCycles(self.dut.clk, 2)

    async def command(self, name, value):
        """Write a register; returns the response."""
        written = await self.control.write(OFFSETS[name], value.to_bytes(4, "little"))
        return written.resp

    async def answer(self, name):
        """Read a register that answers."""
        read = await self.control.read(OFFSETS[name], 4)
        assert read.resp == AxiResp.OKAY
        return int.from_bytes(read.data, "little")

    async def write(self, address, payload):
        """Write bytes to the model and to the bus, and compare the responses."""
        padded = payload + bytes(-len(payload) % 4)
        allowed = True
        for place in range(0, len(padded), 4):
            strobes = (1 << min(4, len(payload) - place)) - 1
            word = int.from_bytes(padded[place:place + 4], "little")
            allowed &= self.model.write(address + place, word, strobes)
        written = await self.memory.write(address, payload)
        assert written.resp == (AxiResp.OKAY if allowed else AxiResp.SLVERR)

    async def check(self, address, beats):
        """Read words that are all there, and compare them with the model."""
        read = await self.memory.read(address, 4 * beats)
        assert read.resp == AxiResp.OKAY
        expected = b"".join(self.model.read(address + place).to_bytes(4, "little")
                            for place in range(0, 4 * beats, 4))
        assert read.data == expected

    async def fill(self):
        """Write every window: the tests share a simulation, and a reset spares the memories."""
        for window in self.model.windows:
            await self.write(window.base, self.rng.randbytes(window.bytes))

    async def check_all(self):
        for window in self.model.windows:
            await self.check(window.base, window.bytes // 4)


@cocotb.test(timeout_time=2, timeout_unit="ms")
@cocotb.parametrize(idle=[0, 0.4], back_pressure=[0, 0.4])
async def bursts(dut, idle, back_pressure):
    bench = Bench(dut, idle, back_pressure)
    await bench.start()
    await bench.fill()
    await bench.check_all()
    for _ in range(30):
        window = bench.rng.choice(bench.model.windows)
        first = 4 * bench.rng.randrange(window.bytes // 4)
        length = bench.rng.randrange(1, min(window.bytes - first, 300) + 1)
        await bench.write(window.base + first, bench.rng.randbytes(length))
        await bench.check(window.base + first, -(-length // 4))
    await bench.check_all()


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def bursts_that_fail(dut):
    bench = Bench(dut, 0.2, 0.2)
    await bench.start()
    await bench.fill()
    window = bench.model.windows[0]
    await bench.write(bench.model.end - 8, bytes(16))  # the second half is outside
    memory, data = bench.memory, bytes(8)
    for arguments in ({"address": window.base, "size": 1}, {"address": window.base, "size": 0},
                      {"address": window.base, "burst": AxiBurstType.WRAP},
                      {"address": window.base + 1}, {"address": 1 << 31 | window.base}):
        assert (await memory.write(data=data, **arguments)).resp == AxiResp.SLVERR
        assert (await memory.read(length=len(data), **arguments)).resp == AxiResp.SLVERR
    await bench.set_busy(1)
    assert (await memory.write(window.base, data)).resp == AxiResp.SLVERR
    assert (await memory.read(window.base, 8)).resp == AxiResp.SLVERR
    await bench.set_busy(0)
    await bench.check_all()


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def fixed_bursts(dut):
    bench = Bench(dut, 0.2, 0.2)
    await bench.start()
    base = bench.model.windows[-1].base
    await bench.write(base, bytes(8))
    payload = bench.rng.randbytes(12)
    written = await bench.memory.write(base, payload, burst=AxiBurstType.FIXED)
    assert written.resp == AxiResp.OKAY
    assert bench.model.write(base, int.from_bytes(payload[-4:], "little"), 0xF)
    await bench.check(base, 2)


@cocotb.test(timeout_time=2, timeout_unit="ms")
@cocotb.parametrize(idle=[0, 0.4], back_pressure=[0, 0.4])
async def registers(dut, idle, back_pressure):
    bench = Bench(dut, idle, back_pressure)
    await bench.start()
    assert await bench.answer("ID") == IDENTIFICATION
    assert await bench.command("PROGRAM_BASE", 5) == AxiResp.OKAY
    assert await bench.command("INTERRUPT_ENABLE", 1) == AxiResp.OKAY
    assert await bench.answer("PROGRAM_BASE") == dut.program_base.value == 5
    assert await bench.answer("INTERRUPT_ENABLE") == dut.interrupt_enable.value == 1
    assert await bench.command("CONTROL", 3) == AxiResp.OKAY
    assert bench.pulses == ["program_base_written", "start", "clear"]

    dut.cycles.value = 0x123456789A
    dut.layers.value = 7
    assert await bench.answer("CYCLES_LOW") == 0x3456789A
    assert await bench.answer("CYCLES_HIGH") == 0x12
    assert await bench.answer("LAYERS") == 7

    flags = {field.name: field.mask for field in register("STATUS").fields}
    await bench.set_busy(1)
    assert await bench.command("CONTROL", 1) == AxiResp.OKAY
    assert await bench.command("PROGRAM_BASE", 6) == AxiResp.SLVERR
    assert await bench.answer("STATUS") == flags["busy"] | flags["start_refused"]
    await bench.set_busy(0)
    assert await bench.command("CONTROL", 2) == AxiResp.OKAY
    assert await bench.answer("STATUS") == 0
    assert bench.pulses == ["program_base_written", "start", "clear", "clear"]


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def registers_that_fail(dut):
    bench = Bench(dut, 0.2, 0.2)
    await bench.start()
    for name in ("ID", "STATUS", "CYCLES_LOW", "CYCLES_HIGH", "LAYERS"):
        assert await bench.command(name, 3) == AxiResp.SLVERR
    for address in (0x20, 0x80, 0x84, 0xFC):
        assert (await bench.control.write(address, bytes(4))).resp == AxiResp.SLVERR
        assert (await bench.control.read(address, 4)).resp == AxiResp.SLVERR
    control = OFFSETS["CONTROL"]
    assert (await bench.control.read(control, 4)).resp == AxiResp.SLVERR
    assert (await bench.control.write(control, bytes([3]))).resp == AxiResp.SLVERR  # one strobe
    assert not bench.pulses


@cocotb.test(timeout_time=2, timeout_unit="ms")
@cocotb.parametrize(kind=["read", "write"])
async def reset_in_a_burst(dut, kind):
    bench = Bench(dut, 0.2, 0.2)
    await bench.start()
    window = bench.model.windows[-1]
    begin = {"read": lambda: bench.memory.init_read(window.base, window.bytes),
             "write": lambda: bench.memory.init_write(window.base, bytes(window.bytes))}
    begin[kind]()
    await ClockCycles(dut.clk, 10)
    await bench.reset()
    await bench.write(window.base, bench.rng.randbytes(window.bytes))
    await bench.check(window.base, window.bytes // 4)
