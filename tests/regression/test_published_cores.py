"""Odd products on every published core, and the utilization that the 16x16 ones must reach."""

import pytest

from compiler.workload import load_workload
from hw.parameters import Dataflow

from .harness import CORES, Core, assert_right, compiled

ODD = ("gemm:1x1x1", "gemm:7x13x5", "gemm:33x1x65")
NAMES = sorted(path.stem for path in CORES.glob("*.yaml"))
WS, OS = "systolic_ws_16x16_int8", "systolic_os_16x16_int8"
UTILIZATION = [("gemm:256x256x256", WS, 0.99), ("gemm:256x256x256", OS, 0.99),
               ("gemm:64x64x64", WS, 0.94), ("gemm:64x64x64", OS, 0.93)]


def products(core, names):
    """Tasks of GEMMs on each dataflow of a core."""
    return [compiled(core, load_workload(name, 1, core.formats), dataflow=dataflow)
            for name in names for dataflow in core.parameters.dataflows]


@pytest.mark.rtl
@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
@pytest.mark.parametrize("name", NAMES)
def test_odd_products(name, simulator):
    core = Core.published(name)
    assert_right(core, products(core, ODD), simulator=simulator)


@pytest.mark.parametrize(("workload", "name", "least"), UTILIZATION)
def test_predicted_utilization(workload, name, least):
    core = Core.published(name)
    [task] = products(core, [workload])
    assert len(task.program.segments) == 1, "the operands are in the memories from the start"
    assert utilization(core, task) >= least


@pytest.mark.rtl
@pytest.mark.parametrize("name", [WS, OS])
def test_predicted_utilization_is_the_rtl_s(name):
    core = Core.published(name)
    result = assert_right(core, products(core, ["gemm:64x64x64"]), simulator="verilator")
    assert len(result.runs) == 1


def test_there_is_a_core_of_every_dataflow():
    flows = {Core.published(name).config.engine.dataflow for name in NAMES}
    assert flows == set(Dataflow)


def utilization(core, task):
    """Useful multiply-accumulates by those that the array could have done."""
    engine = core.parameters.engine
    return task.program.macs / (task.program.cycles * engine.rows * engine.columns)
