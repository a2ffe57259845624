"""The engine alone: streams that idle and wait, in Amaranth's simulator against numpy."""

import numpy as np
import pytest

from hw.dot_product.buffered import BufferedDotProductEngine
from tests.hw.dot_product.jobs import SHAPES, parameters_of, random_job
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, run
from tests.hw.systolic.jobs import WS

pytestmark = pytest.mark.exhaustive

shapes = pytest.mark.parametrize(("rows", "columns", "weight_rows"), SHAPES)


def slowly(number, rng):
    return 3


def run_job(engine, *jobs, **options):
    seen = run(engine, *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    return seen


@shapes
@pytest.mark.parametrize("back_pressure", [at_once, at_random])
@pytest.mark.parametrize("idle", [at_once, at_random])
def test_idles_and_back_pressure(idle, back_pressure, rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows)
    job = random_job(np.random.default_rng(rows), parameters, 6)
    run_job(BufferedDotProductEngine(parameters), job, input_plan=idle, weight_plan=idle,
            output_plan=back_pressure)


@pytest.mark.parametrize("slow", ["input_plan", "weight_plan", "output_plan"])
def test_one_slow_stream(slow):
    parameters = parameters_of(4, 2, 2)
    job = random_job(np.random.default_rng(1), parameters, 6)
    run_job(BufferedDotProductEngine(parameters), job, **{slow: slowly})


@pytest.mark.parametrize("depth", [3, 4, 5])
@pytest.mark.parametrize("plan", [at_once, at_random])
def test_short_queues(plan, depth):
    parameters = parameters_of(4, 2, 4, tree_registers=3)
    job = random_job(np.random.default_rng(2), parameters, 6)
    run_job(BufferedDotProductEngine(parameters, depth), job, output_plan=plan)


@shapes
@pytest.mark.parametrize("tree_registers", [0, 3])
def test_full_throughput_and_latency(tree_registers, rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows, tree_registers=tree_registers)
    sizes = (parameters.weight_beats, rows, columns)
    job = random_job(np.random.default_rng(3), parameters, 20, sizes=sizes)
    seen = run_job(BufferedDotProductEngine(parameters), job)
    assert np.all(np.diff(seen.output_cycles) == 1)
    operands_held = seen.inputs[0] + 1
    assert seen.output_cycles[0] - operands_held == parameters.geometry(WS).latency + 2


@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [2, 5, 8, 15])
@pytest.mark.parametrize("back_pressure", [at_once, at_random])
def test_a_start_in_mid_run_leaves_nothing(back_pressure, cycles, cause):
    parameters = parameters_of(4, 2, 2)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, tiles) for tiles in (9, 9, 3)]
    run_job(BufferedDotProductEngine(parameters), *jobs, cut_short=(cause, cycles),
            output_plan=back_pressure)
