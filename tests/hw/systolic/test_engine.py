"""The systolic engine in Amaranth's simulator against numpy: results, timing, starts."""

import numpy as np
import pytest

from hw.parameters import Overflow
from hw.systolic import mesh, skew
from hw.systolic.engine import SystolicEngine
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, between_blocks, run
from tests.hw.systolic.jobs import (
    FLOWS,
    IS,
    OS,
    SHAPES,
    SWITCH,
    WS,
    job_of,
    parameters_of,
    random_job,
)

pytestmark = pytest.mark.exhaustive

POST_BEATS = 4
FORMATS = [("int2", "int2"), ("uint2", "uint2"), ("int16", "int16"), ("uint16", "uint16"),
           ("int2", "uint16"), ("uint16", "int2"), ("uint5", "int11")]

flows = pytest.mark.parametrize(("dataflow", "flow"), FLOWS,
                                ids=lambda value: value.value.removesuffix("_stationary"))
shapes = pytest.mark.parametrize(("rows", "columns"), SHAPES)


def run_job(parameters, *jobs, **options):
    """Run jobs and compare; returns the `Run` of the last one."""
    seen = run(SystolicEngine(parameters, POST_BEATS), *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    assert not seen.underrun
    return seen


def tile(parameters, pixels, reduction, channels, seed=1):
    rng = np.random.default_rng(seed)
    return (rng.integers(parameters.inputs.min, parameters.inputs.max + 1, (pixels, reduction)),
            rng.integers(parameters.weights.min, parameters.weights.max + 1,
                         (reduction, channels)))


@shapes
@flows
def test_tiles(dataflow, flow, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    run_job(parameters, random_job(np.random.default_rng(rows), parameters, flow, 5))


@shapes
@pytest.mark.parametrize("output_plan", [at_once, at_random])
@pytest.mark.parametrize(("dataflow", "flow"), [pair for pair in FLOWS if pair[1] is not OS])
def test_operands_idle(dataflow, flow, output_plan, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    run_job(parameters, random_job(np.random.default_rng(rows), parameters, flow, 4),
            input_plan=at_random, weight_plan=at_random, output_plan=output_plan)


@shapes
@pytest.mark.parametrize("output_plan", [at_once, at_random])
@pytest.mark.parametrize("dataflow", [OS, SWITCH])
def test_operands_idle_between_blocks(dataflow, output_plan, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    job = random_job(np.random.default_rng(rows), parameters, OS, 4)
    run_job(parameters, job, weight_plan=between_blocks(rows), output_plan=output_plan)
    run_job(parameters, job, input_plan=between_blocks(job.active_rows), output_plan=output_plan)


@pytest.mark.parametrize(("rows", "columns"), [(5, 4), (4, 7)])
@flows
def test_arrays_of_several_tiles(dataflow, flow, rows, columns, monkeypatch):
    monkeypatch.setattr(skew, "TILE", 3)
    monkeypatch.setattr(mesh, "GROUP", 3)
    parameters = parameters_of(dataflow, rows, columns)
    run_job(parameters, random_job(np.random.default_rng(rows), parameters, flow, 3))


@pytest.mark.parametrize(("inputs", "weights"), FORMATS)
@flows
def test_formats(dataflow, flow, inputs, weights):
    parameters = parameters_of(dataflow, 3, 2, inputs, weights, "int36")
    run_job(parameters, random_job(np.random.default_rng(3), parameters, flow, 4))


@pytest.mark.parametrize(("inputs", "weights"), FORMATS)
@flows
def test_extreme_values(dataflow, flow, inputs, weights):
    """Every sum of the array at both ends of its range."""
    rows, columns = 5, 2
    parameters = parameters_of(dataflow, rows, columns, inputs, weights, "int36")
    pixels = rows if flow is OS else columns
    tiles = [(np.full((pixels, rows), x), np.full((rows, columns), w))
             for x in (parameters.inputs.min, parameters.inputs.max)
             for w in (parameters.weights.min, parameters.weights.max)]
    run_job(parameters, job_of(parameters, flow, tiles))


@pytest.mark.parametrize("overflow", [Overflow.SATURATE, Overflow.WRAP])
@pytest.mark.parametrize("accumulator", ["int2", "int5", "int8"])
@pytest.mark.parametrize("dataflow", [OS, SWITCH])
def test_sums_outside_the_accumulator(dataflow, accumulator, overflow):
    parameters = parameters_of(dataflow, 3, 2, "int4", "uint4", accumulator, overflow)
    job = random_job(np.random.default_rng(4), parameters, OS, 5)
    ends = {parameters.accumulator.min, parameters.accumulator.max}
    assert overflow is Overflow.WRAP or ends & {number for row in job.expected for number in row}
    run_job(parameters, job)


@shapes
@flows
def test_latency_is_the_geometry_s(dataflow, flow, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    seen = run_job(parameters, random_job(np.random.default_rng(5), parameters, flow, 1))
    entered = seen.weights[-1] if flow is OS else seen.admissions[0]
    assert seen.output_cycles[0] - entered == parameters.geometry(flow).latency


@shapes
@flows
def test_tiles_follow_each_other_without_a_bubble(dataflow, flow, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    job = random_job(np.random.default_rng(6), parameters, flow, 4, steady=True)
    seen = run_job(parameters, job)
    moving = {WS: seen.inputs, IS: seen.weights, OS: seen.weights}[flow]
    assert np.all(np.diff(moving) == 1)
    if flow is not OS:
        assert seen.admissions == moving


@flows
def test_shorter_tiles_wait_for_the_stationary_operand(dataflow, flow):
    parameters = parameters_of(dataflow, 4, 4)
    extents = {WS: (1, 4, 4), IS: (4, 4, 1), OS: (4, 4, 4)}[flow]
    job = job_of(parameters, flow, [tile(parameters, *extents) for _ in range(5)])
    assert np.all(np.diff(run_job(parameters, job).admissions) == 4)


@pytest.mark.parametrize("interval", range(POST_BEATS))
@pytest.mark.parametrize("final", [False, True])
@flows
def test_final_vectors_keep_the_consumers_pace(dataflow, flow, final, interval):
    parameters = parameters_of(dataflow, 3, 3)
    tiles = [tile(parameters, 3, 3, 3, seed) for seed in range(4)]
    job = job_of(parameters, flow, tiles, interval=interval, final=final)
    cycles = run_job(parameters, job).output_cycles
    assert np.all(np.diff(cycles) == (interval + 1 if final else 1))


@flows
def test_nothing_enters_without_credit(dataflow, flow):
    parameters = parameters_of(dataflow, 2, 2)
    job = random_job(np.random.default_rng(7), parameters, flow, 6)
    seen = run_job(parameters, job, output_plan=lambda number, rng: 20)
    assert np.min(np.diff(seen.admissions)) == 21


@pytest.mark.parametrize("beats", ["inputs", "weights"])
@pytest.mark.parametrize("dataflow", [OS, SWITCH])
def test_an_interrupted_block_is_an_underrun(dataflow, beats):
    parameters = parameters_of(dataflow, 3, 2)
    job = job_of(parameters, OS, [tile(parameters, 3, 6, 2)])
    plans = {"input_plan": at_once, "weight_plan": at_once,
             f"{beats.removesuffix('s')}_plan": lambda number, rng: 2 * (number == 4)}
    assert run(SystolicEngine(parameters, POST_BEATS), job, **plans).underrun


@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [1, 6, 11, 20])
@flows
def test_a_start_in_mid_run(dataflow, flow, cycles, cause):
    parameters = parameters_of(dataflow, 3, 4)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, flow, tiles) for tiles in (6, 3)]
    run_job(parameters, *jobs, cut_short=(cause, cycles))


def test_the_dataflow_changes_from_job_to_job():
    parameters = parameters_of(SWITCH, 3, 4)
    rng = np.random.default_rng(8)
    jobs = [random_job(rng, parameters, flow, 3) for flow in (OS, WS, OS, OS, WS, WS)]
    for last in range(1, len(jobs)):
        run_job(parameters, *jobs[:last + 1])


def test_input_stationary_is_weight_stationary_transposed():
    by_weight, by_input = parameters_of(WS, 3, 2), parameters_of(IS, 3, 2)
    x, w = tile(by_weight, 4, 3, 2)
    first = run_job(by_weight, job_of(by_weight, WS, [(x, w)]))
    second = run_job(by_input, job_of(by_input, IS, [(w.T, x.T)]))
    assert first.vectors == second.vectors
