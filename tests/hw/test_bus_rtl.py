"""Runs the bench of the buses on their Verilog."""

from pathlib import Path

import pytest
from cocotb_tools.runner import get_runner

from generators.verilog import convert
from sim.simulators import find_simulator
from tests.hw.bus_top import WINDOWS, BusTop

ROOT = Path(__file__).parents[2]


@pytest.mark.rtl
@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
@pytest.mark.parametrize("windows", ["tiny", "wide"])
def test_buses(simulator, windows, tmp_path, monkeypatch):
    for name, value in find_simulator(simulator).environment:
        monkeypatch.setenv(name, value)
    source = tmp_path / "bus_top.v"
    top = BusTop(WINDOWS[windows], program_address_bits=9)
    source.write_text(convert(top, name="bus_top", header=__doc__)[0])
    arguments = {"icarus": [], "verilator": ["-Wno-fatal", "--output-split", "0"]}
    runner = get_runner(simulator)
    runner.build(sources=[source], hdl_toplevel="bus_top", build_dir=tmp_path / "build",
                 build_args=arguments[simulator], timescale=("1ns", "1ps"))
    runner.test(test_module="tests.hw.bus_bench", hdl_toplevel="bus_top", seed=1,
                build_dir=tmp_path / "build", test_dir=tmp_path,
                extra_env={"BUS_WINDOWS": windows, "PYTHONPATH": str(ROOT)})
