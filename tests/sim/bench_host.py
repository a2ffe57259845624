"""cocotb tests of the driver and of the bus, run by ``test_runner.py`` on a generated core."""

import json
from pathlib import Path

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles

from sim.backdoor import BackDoor
from sim.driver import BusError, Driver, HungError
from sim.program_files import load_program
from sim.run_files import PROGRAM, REQUEST


def _driver(dut):
    manifest = json.loads(Path(json.loads(Path(REQUEST).read_text())["manifest"]).read_text())
    return Driver(dut, manifest, use_back_door=False)


def _random_values(memory, words, random):
    low = [-(1 << bits >> 1) if signed else 0 for bits, signed in memory.fields]
    high = [1 << (bits - 1 if signed else bits) for bits, signed in memory.fields]
    return random.integers(low, high, size=(words, len(low)))


@cocotb.test()
async def back_door_equals_bus(dut):
    """Both ways in and both ways out, for all memories; the rest of a memory stays as it is."""
    driver = _driver(dut)
    back_door = BackDoor(dut, driver.clock, driver.memories)
    random = np.random.default_rng(1)
    await driver.reset()
    for name, memory in driver.memories.items():
        whole = _random_values(memory, memory.words, random)
        await back_door.load([(name, 0, whole)])
        for first, words, by_bus in ((1, 5, True), (memory.words // 2 - 3, 7, False),
                                     (memory.words - 2, 2, True), (0, 1, False)):
            values = _random_values(memory, words, random)
            whole[first:first + words] = values
            if by_bus:
                await driver.write_memory(name, first, values)
            else:
                await back_door.load([(name, first, values)])
            np.testing.assert_array_equal(await driver.read_memory(name, first, words), values)
        np.testing.assert_array_equal(await back_door.store(name, 0, memory.words), whole)
        middle = memory.words // 2
        np.testing.assert_array_equal(await driver.read_memory(name, middle - 8, 16),
                                      whole[middle - 8:middle + 8])


@cocotb.test()
async def registers_answer(dut):
    driver = _driver(dut)
    await driver.reset()
    assert await driver.read_register("ID") == int.from_bytes(b"ERG0", "big")
    await driver.write_register("PROGRAM_BASE", 24)
    assert await driver.read_register("PROGRAM_BASE") == 24
    with pytest.raises(BusError, match=r"^writing 0x1 to ID: SLVERR$"):
        await driver.write_register("ID", 1)
    assert (await driver.status())["busy"] == 0


@cocotb.test()
async def a_core_that_was_not_started_never_interrupts(dut):
    driver = _driver(dut)
    await driver.reset()
    with pytest.raises(HungError, match=r"^no interrupt after 100 cycles$"):
        await driver.wait_done(limit_cycles=100)


@cocotb.test()
async def a_busy_core_refuses_the_host(dut):
    """A start and an access to memory while busy are refused; the run goes on undisturbed."""
    driver = _driver(dut)
    segment, tensors = await _loaded(driver)
    await driver.start(segment.base)
    word = np.zeros((1, len(driver.memories["weights"].fields)), dtype=np.int64)
    with pytest.raises(BusError, match=r"^writing words 0 to 0 of weights: SLVERR$"):
        await driver.write_memory("weights", 0, word)
    with pytest.raises(BusError, match=r"^reading words 0 to 0 of accumulators: SLVERR$"):
        await driver.read_memory("accumulators", 0, 1)
    await driver.write_register("CONTROL", driver.mask("CONTROL", "start"))
    status = await driver.status()
    assert status["busy"]
    assert status["start_refused"]
    await _finish(driver, segment, tensors)


@cocotb.test()
async def a_reset_in_mid_run_leaves_a_core_that_works(dut):
    driver = _driver(dut)
    segment, tensors = await _loaded(driver)
    for cycles in (1, 7, 30, 100):
        await driver.start(segment.base)
        await ClockCycles(driver.clock, cycles)
        assert (await driver.status())["busy"]
        await driver.reset()
        assert not (await driver.status())["busy"]
        await driver.start(segment.base)
        await _finish(driver, segment, tensors)


async def _loaded(driver):
    """The first segment of the program in this folder, loaded, and the host's tensors."""
    segments, tensors = load_program(PROGRAM)
    await driver.reset()
    await driver.load([(load.memory, load.word, load.gather(tensors))
                       for load in segments[0].loads])
    return segments[0], tensors


async def _finish(driver, segment, tensors):
    """The run that was started last must give the product that the tensors hold, in its time."""
    await driver.wait_done(limit_cycles=2 * segment.cycles)
    assert await driver.cycles() == segment.cycles
    got = {"gemm@0": np.zeros_like(tensors["gemm@0"])}
    for store in segment.stores:
        store.scatter(await driver.read_memory(store.memory, store.word, len(store.data)), got)
    np.testing.assert_array_equal(got["gemm@0"], tensors["gemm@0"])
