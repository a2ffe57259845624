"""The engine alone: streams that idle and wait, in Amaranth's simulator against numpy."""

import numpy as np
import pytest

from hw.systolic.buffered import BufferedEngine
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, run
from tests.hw.systolic.jobs import FLOWS, IS, OS, SWITCH, WS, parameters_of, random_job

pytestmark = pytest.mark.exhaustive

SHAPES = [(1, 1), (1, 7), (7, 1), (5, 3), (3, 5)]

flows = pytest.mark.parametrize(("dataflow", "flow"), FLOWS,
                                ids=lambda value: value.value.removesuffix("_stationary"))


def slowly(number, rng):
    return 3


def run_job(engine, *jobs, **options):
    seen = run(engine, *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    return seen


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
@pytest.mark.parametrize("back_pressure", [at_once, at_random])
@pytest.mark.parametrize("idle", [at_once, at_random])
@flows
def test_idles_and_back_pressure(dataflow, flow, idle, back_pressure, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    job = random_job(np.random.default_rng(rows), parameters, flow, 4)
    run_job(BufferedEngine(parameters), job, input_plan=idle, weight_plan=idle,
            output_plan=back_pressure)


@pytest.mark.parametrize("slow", ["input_plan", "weight_plan", "output_plan"])
@flows
def test_one_slow_stream(dataflow, flow, slow):
    parameters = parameters_of(dataflow, 3, 2)
    job = random_job(np.random.default_rng(1), parameters, flow, 6)
    run_job(BufferedEngine(parameters), job, **{slow: slowly})


@pytest.mark.parametrize("extra", [0, 1, 2])
@flows
def test_the_smallest_queues(dataflow, flow, extra):
    parameters = parameters_of(dataflow, 4, 2)
    depth = extra + (4 if dataflow in (OS, SWITCH) else 3)
    job = random_job(np.random.default_rng(2), parameters, flow, 6)
    for plan in (at_once, at_random):
        run_job(BufferedEngine(parameters, depth), job, output_plan=plan)


@pytest.mark.parametrize(("dataflow", "depth", "least"), [(WS, 2, 3), (OS, 4, 5), (SWITCH, 4, 5)])
def test_queues_that_are_too_small(dataflow, depth, least):
    with pytest.raises(ValueError, match=rf"^the output queue needs a depth of {least} or more, "
                                         rf"not {depth}$"):
        BufferedEngine(parameters_of(dataflow, 5, 2), depth)


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
@flows
def test_full_throughput(dataflow, flow, rows, columns):
    """A vector (or a step) in every cycle, once the first one has entered."""
    parameters = parameters_of(dataflow, rows, columns)
    job = random_job(np.random.default_rng(3), parameters, flow, 12, steady=True)
    seen = run_job(BufferedEngine(parameters), job)
    cycles = seen.weights if flow is OS else seen.output_cycles
    assert np.all(np.diff(cycles) == 1)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (4, 3)])
@flows
def test_full_throughput_of_the_shortest_tiles(dataflow, flow, rows, columns):
    """Each tile has as many vectors, or steps, as its stationary operand has beats."""
    parameters = parameters_of(dataflow, rows, columns)
    rng = np.random.default_rng(4)
    pixels, channels = (columns if flow is IS else rows), columns
    job = random_job(rng, parameters, flow, 12, sizes=(pixels, rows, channels))
    cycles = run_job(BufferedEngine(parameters), job).output_cycles
    assert np.all(np.diff(cycles) == 1)


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
@pytest.mark.parametrize("flow", [WS, IS, OS])
def test_latency(flow, rows, columns):
    parameters = parameters_of(flow, rows, columns)
    sizes = ((columns if flow is IS else rows), rows, columns)
    job = random_job(np.random.default_rng(5), parameters, flow, 1, sizes=sizes)
    seen = run_job(BufferedEngine(parameters), job)
    latency = parameters.geometry(flow).latency + 2
    if flow is OS:
        last_step = seen.weights[-1] + rows + (rows == 1)
        assert seen.output_cycles[0] - last_step == latency
    else:
        assert seen.output_cycles[0] - {WS: seen.inputs, IS: seen.weights}[flow][0] == latency


@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [2, 10, 15, 30])
@flows
def test_a_start_in_mid_run_leaves_nothing(dataflow, flow, cycles, cause):
    parameters = parameters_of(dataflow, 3, 2)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, flow, tiles) for tiles in (6, 6, 3)]
    for back_pressure in (at_once, at_random):
        run_job(BufferedEngine(parameters), *jobs, cut_short=(cause, cycles),
                output_plan=back_pressure)


def test_the_dataflow_changes_in_mid_run():
    parameters = parameters_of(SWITCH, 3, 2)
    rng = np.random.default_rng(6)
    jobs = [random_job(rng, parameters, flow, 4) for flow in (OS, WS, OS)]
    for cycles in range(6, 26, 5):
        run_job(BufferedEngine(parameters), *jobs, cut_short=(LOAD, cycles))
        run_job(BufferedEngine(parameters), *jobs[:2], cut_short=(LOAD, cycles))
