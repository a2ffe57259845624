"""Programs on generated Verilog in both simulators."""

import dataclasses
import json

import numpy as np
import pytest

from generators.errors import UserError
from sim.build import build_testbench, run_testbench
from sim.run_files import REQUEST
from sim.runner import SimulationFailed, simulate
from sim.simulators import SIMULATORS, find_simulator
from tests.sim.cores import generated

pytestmark = pytest.mark.rtl

CORE = "systolic_ws_4x4_int8"
PERIOD_PS = 10_000


@pytest.fixture(params=SIMULATORS)
def simulator(request):
    return request.param


def _gemm(core, m, k, n, **options):
    """A compiled GEMM, and what it must give."""
    workload, program, tensors = core.compile(f"gemm:{m}x{k}x{n}", **options)
    weights = np.asarray(workload.layers[0].weights).reshape(k, n)
    expected = {f"gemm@{image}": np.asarray(tensors[f"input@{image}"]).reshape(m, k) @ weights
                for image in range(len(tensors))}
    return program, tensors, expected


def _assert_equal(result, expected):
    for name, values in expected.items():
        np.testing.assert_array_equal(result.tensors[name].reshape(values.shape), values)


@pytest.mark.parametrize(
    "options", [{}, {"back_door": False}, {"back_door": False, "pauses": True}],
    ids=["back_door", "bus", "pauses"])
def test_results_cycles_and_accesses(simulator, options):
    core = generated(CORE)
    program, tensors, expected = _gemm(core, 7, 13, 5)
    result = simulate(core.manifest_path, program, tensors, simulator=simulator, **options)
    _assert_equal(result, expected)
    assert not result.folder.exists()
    for run, segment in zip(result.runs, program.segments, strict=True):
        assert run.jobs == len(segment.jobs)
        assert run.cycles == segment.cycles
        assert run.accesses == segment.accesses
        assert run.end_ps - run.start_ps == run.cycles * PERIOD_PS
        assert run.status == {"busy": 0, "ready": run.status["ready"], "done": 1,
                              "start_refused": 0, "bank_conflict": 0, "engine_underrun": 0,
                              "job_refused": 0}


def test_tiles_that_the_host_moves(simulator):
    core = generated(CORE)
    program, tensors, expected = _gemm(core, 300, 40, 30)
    assert len(program.segments) > 1
    _assert_equal(simulate(core.manifest_path, program, tensors, simulator=simulator), expected)


def test_driver_and_back_door(simulator, tmp_path):
    core = generated(CORE)
    (tmp_path / REQUEST).write_text(json.dumps({"manifest": str(core.manifest_path)}))
    build = build_testbench(core.manifest, core.manifest_path, find_simulator(simulator))
    run_testbench(build, "tests.sim.bench_host", tmp_path, seed=1)


def test_a_hang_ends_with_a_sentence(simulator, tmp_path):
    core = generated(CORE)
    program, tensors, _ = _gemm(core, 64, 16, 16)
    impatient = [dataclasses.replace(segment, cycles=-4_990) for segment in program.segments]
    program = dataclasses.replace(program, segments=tuple(impatient))
    with pytest.raises(SimulationFailed, match=rf"^{CORE} in {simulator}, run 0: no interrupt "
                                               r"after 20 cycles; see .*simulation\.log$"):
        simulate(core.manifest_path, program, tensors, simulator=simulator, folder=tmp_path)


def test_activity_lasts_as_long_as_the_run(simulator, tmp_path):
    core = generated(CORE)
    program, tensors, _ = _gemm(core, 7, 13, 5)
    twice = dataclasses.replace(program, segments=program.segments * 2)
    activity = find_simulator(simulator).activity
    result = simulate(core.manifest_path, twice, tensors, simulator=simulator, activity=activity,
                      folder=tmp_path)
    for run in result.runs:
        assert run.activity.exists()
        if activity == "saif":
            text = run.activity.read_text()
            assert f"(DURATION {run.cycles * PERIOD_PS})" in text
            # A clock toggles twice a cycle, and was high when the recording began.
            edges = 2 * run.cycles
            assert f"(TC {edges + 1}))" in text.split("(clk ")[1].split("\n")[0]


def test_waves(simulator, tmp_path):
    core = generated(CORE)
    program, tensors, expected = _gemm(core, 3, 2, 1)
    result = simulate(core.manifest_path, program, tensors, simulator=simulator, waves=True,
                      folder=tmp_path)
    _assert_equal(result, expected)
    assert any(path.stat().st_size for path in tmp_path.glob("waves.*"))


def test_a_folder_that_cannot_be_is_the_users_mistake(tmp_path):
    core = generated(CORE)
    program, tensors, _ = _gemm(core, 1, 1, 1)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file: cannot be written \(File exists\); name another "
                                        r"folder with --out$"):
        simulate(core.manifest_path, program, tensors, simulator="icarus",
                 folder=tmp_path / "file")
