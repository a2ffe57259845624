"""The testbench that runs inside the simulator: every segment of a program, one after the other.

`sim.runner` starts it in the folder of the run, which holds its request and gets its results.
"""

import json
import random
import time
from pathlib import Path

import cocotb

from .driver import BusError, Driver, HungError
from .program_files import load_program, save_arrays
from .run_files import PROGRAM, REQUEST, RESULTS


@cocotb.test()
async def run_program(dut):
    """Run the segments of the program; save what each run was and what the host then holds."""
    request = json.loads(Path(REQUEST).read_text())
    segments, tensors = load_program(PROGRAM)
    driver = Driver(dut, json.loads(Path(request["manifest"]).read_text()),
                    use_back_door=request["back_door"])
    runs, error = [], None
    try:
        await driver.reset()
        if request["pauses"]:
            driver.set_pauses(random.Random(request["seed"]))
        for number, segment in enumerate(segments):
            dut.record.value = number in request["recorded"]
            dut.run_index.value = number
            await driver.load([(load.memory, load.word, load.gather(tensors))
                               for load in segment.loads])
            runs.append(await _run(driver, segment))
            for store in segment.stores:
                words = await driver.read_memory(store.memory, store.word, len(store.data))
                store.scatter(words, tensors)
    except (BusError, HungError) as problem:
        error = f"run {len(runs)}: {problem}"
    save_arrays(RESULTS, {"error": error, "runs": runs}, tensors)


async def _run(driver, segment):
    """Start, sleep; what the run was, in plain types."""
    dut = driver.dut
    accesses, cycles = driver.counters(), dut.run_cycles.value.to_unsigned()
    await driver.start(segment.base)
    began = time.perf_counter()
    await driver.wait_done(limit_cycles=2 * segment.cycles + 10_000)
    seconds = time.perf_counter() - began
    return {
        "cycles": await driver.cycles(),
        "jobs": await driver.read_register("LAYERS"),
        "status": await driver.status(),
        "accesses": {memory: [now - before for now, before
                              in zip(counts, accesses[memory], strict=True)]
                     for memory, counts in driver.counters().items()},
        "observed_cycles": dut.run_cycles.value.to_unsigned() - cycles,
        "start_ps": dut.run_start_ps.value.to_unsigned(),
        "seconds": seconds,
    }
