"""The core as its host sees it: commands, errors, interrupt and reset, on every dataflow."""

import json

import numpy as np
import pytest

from compiler.workload import load_workload
from hw.parameters import Dataflow
from sim.build import build_testbench, run_testbench
from sim.program_files import save_arrays, save_program
from sim.run_files import PROGRAM, REQUEST
from sim.simulators import find_simulator

from .harness import SYSTOLIC, Core, assert_right, compiled, expected_tensors, joined, workload
from .host_bench import EXPECTED

GEMM = "gemm:40x18x9"       # long enough for some bus traffic while it runs
CONVOLUTION = {"name": "convolution", "input": {"height": 5, "width": 4, "channels": 3},
               "layers": [{"name": "conv", "kind": "conv2d", "channels": 5, "kernel": [3, 3],
                           "padding": "same"}]}


def small_core(dataflow):
    return Core.of({
        "name": f"host_{dataflow.value}",
        "engine": {"kind": "systolic", "dataflow": dataflow.value, "rows": 3, "columns": 4},
        "precision": {"inputs": "int8", "weights": "int6", "accumulator": "int26"},
        # Windows of different sizes leave gaps in the address map.
        "memories": {"activation_words": 4096, "weight_words": 128, "accumulator_words": 256,
                     "parameter_words": 8, "program_words": 128},
        "post_processing": {"lanes": 2, "multiplier_bits": 32}})


def two_tasks(core, folder):
    """A product and a convolution, each of one run."""
    product = compiled(core, load_workload(GEMM, 1, core.formats))
    convolution = compiled(core, workload(core, CONVOLUTION, seed=2, folder=folder))
    assert [len(task.program.segments) for task in (product, convolution)] == [1, 1]
    return [product, convolution]


@pytest.mark.rtl
@pytest.mark.parametrize(("simulator", "dataflow"), [
    *(("icarus", dataflow) for dataflow in SYSTOLIC),
    ("verilator", Dataflow.WEIGHT_STATIONARY)])
def test_host(simulator, dataflow, tmp_path):
    core = small_core(dataflow)
    tasks = two_tasks(core, tmp_path)
    save_program(tmp_path / PROGRAM, *joined(tasks))
    save_arrays(tmp_path / EXPECTED, None, {
        f"{number}.{name}": values for number, task in enumerate(tasks)
        for name, values in expected_tensors(core, task).items()})
    (tmp_path / REQUEST).write_text(json.dumps({"manifest": str(core.manifest_path)}))
    build = build_testbench(core.manifest, core.manifest_path, find_simulator(simulator))
    run_testbench(build, "tests.regression.host_bench", tmp_path, seed=1)


@pytest.mark.rtl
@pytest.mark.parametrize("dataflow", SYSTOLIC)
def test_bus_loads_what_the_back_door_loads(dataflow, tmp_path):
    """Both ways, with pauses on the bus, give the same tensors, cycles and accesses."""
    core = small_core(dataflow)
    tasks = two_tasks(core, tmp_path)
    bus, back_door = (assert_right(core, tasks, simulator="icarus", seed=3, **options)
                      for options in ({"back_door": False, "pauses": True}, {"back_door": True}))
    assert (bus.cycles, bus.accesses) == (back_door.cycles, back_door.accesses)
    assert bus.tensors.keys() == back_door.tensors.keys()
    for name, values in bus.tensors.items():
        np.testing.assert_array_equal(values, back_door.tensors[name], err_msg=name)
