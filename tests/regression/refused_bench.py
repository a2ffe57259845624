"""A cocotb test of jobs that an engine cannot run, run by ``test_refused.py``.

The folder of the run holds a program, what it must compute, and descriptors of refused programs.
"""

import cocotb
import numpy as np

from sim.program_files import load_arrays
from tests.regression.host_bench import Host

REFUSED = "refused.npz"
FLAGS = ("start_refused", "bank_conflict", "engine_underrun")


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def a_refused_job_changes_nothing(dut):
    """The first job of some programs is refused, the second one of others."""
    host = Host(dut)
    driver = host.driver
    await driver.reset()
    _, programs = load_arrays(REFUSED)
    for name, (jobs, *words) in programs.items():
        for waits in (True, False):
            await host.load(0)
            await driver.load([("program", 0, np.reshape(words, (-1, 1)))])
            before = await host.memories()
            if waits:
                await driver.start(0)
            else:           # the start comes before the descriptor
                await driver.write_register("PROGRAM_BASE", 0)
                await driver.write_register("CONTROL", driver.mask("CONTROL", "start")
                                            | driver.mask("CONTROL", "clear"))
            await driver.wait_done(limit_cycles=host.segments[0].cycles + 200)
            status = await driver.status()
            assert status["job_refused"], name
            assert status["done"], name
            assert not any(status[flag] for flag in ("busy", *FLAGS)), name
            assert await driver.read_register("LAYERS") == jobs, name
            if jobs:
                await host.check_results(0)
            else:
                for memory, found in (await host.memories()).items():
                    np.testing.assert_array_equal(found, before[memory], err_msg=memory)
        assert (await driver.status())["job_refused"], "it stays until the host clears it"
        await driver.write_register("CONTROL", driver.mask("CONTROL", "clear"))
        assert not (await driver.status())["job_refused"]

    await host.load(0)
    await driver.start(0)
    await host.finish(0)
    status = await driver.status()
    assert status["done"]
    assert not any(status[flag] for flag in ("job_refused", *FLAGS))
