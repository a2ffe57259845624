"""cocotb tests of a core as its host sees it, run by ``test_host.py`` on cores of all dataflows.

The folder of the run holds two programs of one segment each, and what they must compute.
"""

import json
from pathlib import Path

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiResp

from sim.backdoor import BackDoor
from sim.driver import BusError, Driver, HungError
from sim.program_files import load_arrays, load_program
from sim.run_files import PROGRAM, REQUEST

EXPECTED = "expected.npz"
FIRST_READ_CYCLES = 8       # at most, from the start to the first operand


class Host:
    """A driver on the bus, a back door to see what is in the memories, and the two programs."""

    def __init__(self, dut):
        manifest = json.loads(Path(json.loads(Path(REQUEST).read_text())["manifest"]).read_text())
        self.dut = dut
        self.manifest = manifest
        self.driver = Driver(dut, manifest, use_back_door=False)
        self.back_door = BackDoor(dut, self.driver.clock, self.driver.memories)
        self.segments, self.tensors = load_program(PROGRAM)
        _, self.expected = load_arrays(EXPECTED)

    async def load(self, number, base=0):
        """Put a program into the memories, its descriptors from word ``base`` on."""
        await self.driver.load([
            (load.memory, load.word + base * (load.memory == "program"),
             load.gather(self.tensors)) for load in self.segments[number].loads])

    async def finish(self, number):
        """Wait for the end of a program: its results and cycles, and no flag."""
        segment = self.segments[number]
        await self.driver.wait_done(limit_cycles=2 * segment.cycles + 100)
        assert await self.driver.cycles() == segment.cycles
        await self.check_results(number)

    async def check_results(self, number):
        found = {name: np.zeros_like(values) for name, values in self.expected.items()}
        for store in self.segments[number].stores:
            store.scatter(await self.driver.read_memory(store.memory, store.word, len(store.data)),
                          found)
            np.testing.assert_array_equal(found[store.tensor], self.expected[store.tensor])
        status = await self.driver.status()
        assert not any(status[flag] for flag in ("busy", "bank_conflict", "engine_underrun"))

    async def memories(self):
        """Everything that the memories hold."""
        return {name: await self.back_door.store(name, 0, memory.words)
                for name, memory in self.driver.memories.items()}


async def started(dut, number=0):
    """A host whose core has just started a program."""
    host = Host(dut)
    await host.driver.reset()
    await host.load(number)
    await host.driver.start(0)
    return host


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def reset_in_mid_run(dut):
    """Whatever a reset interrupts, the next program runs as if nothing had been before."""
    host = Host(dut)
    await host.driver.reset()
    for cycles in (1, 2, 5, 17, 60, 171):
        await host.load(0)
        await host.driver.start(0)
        await ClockCycles(host.driver.clock, cycles)
        assert (await host.driver.status())["busy"]
        await host.driver.reset()
        assert not (await host.driver.status())["busy"]
        await host.load(1)
        await host.driver.start(0)
        await host.finish(1)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def start_while_busy(dut):
    """It is refused and flagged, and the flag stays until the host clears it."""
    host = await started(dut)
    await host.driver.write_register("CONTROL", host.driver.mask("CONTROL", "start"))
    with pytest.raises(BusError, match="PROGRAM_BASE"):
        await host.driver.write_register("PROGRAM_BASE", 1)
    status = await host.driver.status()
    assert status["busy"]
    assert status["start_refused"]
    await host.finish(0)
    assert (await host.driver.status())["start_refused"]
    await host.driver.write_register("CONTROL", host.driver.mask("CONTROL", "clear"))
    status = await host.driver.status()
    assert not status["start_refused"]
    assert not status["done"]
    assert await host.driver.read_register("PROGRAM_BASE") == 0


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def memory_access_while_busy(dut):
    """Each window answers with an error, and all memories end as after an undisturbed run."""
    host = await started(dut)
    await host.finish(0)
    undisturbed = await host.memories()
    await host.load(0)
    await host.driver.start(0)
    for name, memory in host.driver.memories.items():
        ones = np.full((1, len(memory.fields)), -1)
        with pytest.raises(BusError, match=name):
            await host.driver.write_memory(name, 0, ones)
        with pytest.raises(BusError, match=name):
            await host.driver.read_memory(name, 0, 1)
    assert (await host.driver.status())["busy"]
    await host.finish(0)
    for name, words in (await host.memories()).items():
        np.testing.assert_array_equal(words, undisturbed[name], err_msg=name)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def access_outside_of_the_map(dut):
    """It answers with an error on both buses and changes nothing."""
    host = await started(dut)
    await host.finish(0)
    before = await host.memories()
    driver, windows = host.driver, host.manifest["windows"]
    ends = [window["base"] + window["bytes"] for window in windows]
    gaps = [end for end in ends if end not in {window["base"] for window in windows}]
    assert gaps
    for address in (*gaps, 1 << 31):
        assert (await driver.memory.write(address, b"\xff" * 4)).resp != AxiResp.OKAY
        assert (await driver.memory.read(address, 4)).resp != AxiResp.OKAY
    # A burst that leaves the last window changes only what lies inside.
    last = max(windows, key=lambda window: window["base"])
    edge = last["base"] + last["bytes"]
    assert (await driver.memory.write(edge, b"\xff" * 16)).resp != AxiResp.OKAY
    for offset in range(4 * len(host.manifest["registers"]), 256, 36):
        assert (await driver.control.write(offset, b"\xff" * 4)).resp != AxiResp.OKAY
        assert (await driver.control.read(offset, 4)).resp != AxiResp.OKAY
    for register in host.manifest["registers"]:
        if register["access"] == "RO":
            with pytest.raises(BusError):
                await driver.write_register(register["name"], 0xFFFFFFFF)
    for name, words in (await host.memories()).items():
        np.testing.assert_array_equal(words, before[name], err_msg=name)
    await host.check_results(0)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def interrupt(dut):
    """High while done is set and enabled."""
    host = await started(dut)
    driver = host.driver
    await driver.write_register("INTERRUPT_ENABLE", 0)
    with pytest.raises(HungError):
        await driver.wait_done(limit_cycles=2 * host.segments[0].cycles)
    assert (await driver.status())["done"]
    await driver.write_register("INTERRUPT_ENABLE", driver.mask("INTERRUPT_ENABLE", "done"))
    await driver.wait_done(limit_cycles=10)
    await driver.write_register("CONTROL", driver.mask("CONTROL", "clear"))
    assert not driver.interrupt.value
    await host.check_results(0)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def start_before_ready(dut):
    """A start that comes before its descriptor waits for it; its cycles count from the start."""
    host = Host(dut)
    driver = host.driver
    await driver.reset()
    base = 3
    await host.load(1, base)
    await driver.write_register("PROGRAM_BASE", base)
    await driver.write_register("CONTROL", driver.mask("CONTROL", "start"))
    segment, descriptor = host.segments[1], host.manifest["program"]["descriptor_words"]
    await driver.wait_done(limit_cycles=2 * segment.cycles + 200)
    assert segment.cycles <= await driver.cycles() <= segment.cycles + descriptor + 2
    await host.check_results(1)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def first_operand_comes_soon(dut):
    """The counters, which are registers themselves, have seen a read in time."""
    host = Host(dut)
    driver = host.driver
    await driver.reset()
    await host.load(0)

    def reads():
        return sum(reads for reads, _ in driver.counters().values())

    async def cycles_to_first_read():
        reads_before, cycles_before = reads(), dut.run_cycles.value.to_unsigned()
        while reads() == reads_before:
            await RisingEdge(driver.clock)
        return dut.run_cycles.value.to_unsigned() - cycles_before

    watch = cocotb.start_soon(cycles_to_first_read())
    await driver.start(0)
    await host.finish(0)
    cycles = await watch
    assert 0 < cycles <= FIRST_READ_CYCLES
