"""cocotb tests of the driver and its back door, run by ``test_runner.py`` on a generated core."""

import json
from pathlib import Path

import cocotb
import numpy as np
import pytest

from sim.backdoor import BackDoor
from sim.driver import BusError, Driver, HungError
from sim.run_files import REQUEST


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
