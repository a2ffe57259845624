"""The testbench of a hosted core: a program's segments over the serial line, and nothing else.

`sim.board_runner` starts it in the folder of the run. It touches the ports ``clk``, ``rst``,
``rx``, ``tx`` and ``busy`` only, so that any netlist of the design may be the top.
"""

import json
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

from host.client import BridgeClient, BusError, SilentError
from host.driver import HostDriver, HungError, WrongDeviceError, run_segments
from host.windows import host_windows

from .program_files import load_program, save_arrays
from .run_files import PROGRAM, REQUEST, RESULTS
from .uart_link import UartLink

RESET_CYCLES = 20  # also the least that a line is idle before its first bit


@cocotb.test()
async def run_program(dut):
    """Reset, run the segments; save what each run was and what the host then holds."""
    request = json.loads(Path(REQUEST).read_text())
    segments, tensors = load_program(PROGRAM)
    dut.rx.value = 1
    dut.rst.value = 1
    Clock(dut.clk, request["period_ps"], unit="ps").start(start_high=False)
    await ClockCycles(dut.clk, RESET_CYCLES)
    dut.rst.value = 0
    await ClockCycles(dut.clk, RESET_CYCLES)

    faults = {int(byte): change for byte, change in request["faults"].items()}
    client = BridgeClient(UartLink(dut.clk, dut.rx, dut.tx,
                                   request["divisor"] * request["period_ps"], faults))
    driver = HostDriver(client, request["manifest"], host_windows(request["manifest"]))
    starts = []
    cocotb.start_soon(_watch(dut.busy, starts))
    runs, error = [], None
    try:
        runs = await run_segments(driver, segments, tensors)
    except (BusError, HungError, SilentError, WrongDeviceError) as problem:
        error = str(problem)
    save_arrays(RESULTS, {"error": error, "runs": runs, "repeats": client.repeats,
                          "starts": len(starts), "busy": int(dut.busy.value)}, tensors)


async def _watch(busy, starts):
    while True:
        await RisingEdge(busy)
        starts.append(True)
