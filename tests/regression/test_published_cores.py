"""Odd products on every published core, and the utilization that some of them must reach."""

import pytest

from compiler.schedules import SCHEDULES
from compiler.workload import load_workload

from .harness import CORES, Core, assert_right, compiled

ODD = ("gemm:1x1x1", "gemm:7x13x5", "gemm:33x1x65")
NAMES = sorted(path.stem for path in CORES.glob("*.yaml"))
WS, OS = "systolic_ws_16x16_int8", "systolic_os_16x16_int8"
CIM = "digital_cim_64x16_int8"
# Multiply-accumulates per cycle that count as all: a bit-serial macro takes 8 cycles for a vector.
PEAK = {WS: 16 * 16, OS: 16 * 16, CIM: 64 * 16 / 8}
UTILIZATION = [("gemm:256x256x256", WS, 0.99), ("gemm:256x256x256", OS, 0.99),
               ("gemm:64x64x64", WS, 0.94), ("gemm:64x64x64", OS, 0.93),
               ("gemm:256x256x256", CIM, 0.995), ("gemm:64x64x64", CIM, 0.94)]


def simulators_of(name):
    """Both, but for the larger cores the one that takes them faster; small ones see both."""
    if name.startswith(("digital_cim", "analog_cim", "row_stationary_12")):
        return ("verilator",)
    if name.startswith("dot_product") or name.endswith(("_dsp", "_logic")):
        return ("icarus",)
    return ("icarus", "verilator")


def products(core, names):
    """Tasks of GEMMs on each dataflow of a core."""
    return [compiled(core, load_workload(name, 1, core.formats), dataflow=dataflow)
            for name in names for dataflow in core.parameters.dataflows]


@pytest.mark.rtl
@pytest.mark.parametrize(("name", "simulator"), [
    (name, simulator) for name in NAMES for simulator in simulators_of(name)])
def test_odd_products(name, simulator):
    core = Core.published(name)
    assert_right(core, products(core, ODD), simulator=simulator)


@pytest.mark.parametrize(("workload", "name", "least"), UTILIZATION)
def test_predicted_utilization(workload, name, least):
    core = Core.published(name)
    [task] = products(core, [workload])
    assert len(task.program.segments) == 1, "the operands are in the memories from the start"
    assert task.program.macs / (task.program.cycles * PEAK[name]) >= least


@pytest.mark.rtl
@pytest.mark.parametrize("name", list(PEAK))
def test_predicted_utilization_is_the_rtl_s(name):
    core = Core.published(name)
    result = assert_right(core, products(core, ["gemm:64x64x64"]), simulator="verilator")
    assert len(result.runs) == 1


def test_there_is_a_core_of_every_dataflow():
    flows = {flow for name in NAMES for flow in Core.published(name).parameters.dataflows}
    assert flows == set(SCHEDULES)
