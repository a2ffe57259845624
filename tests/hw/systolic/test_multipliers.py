"""Arrays whose multipliers and edges have registers, and whose columns share elements in pairs."""

import numpy as np
import pytest

from hw.parameters import Overflow
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, between_blocks
from tests.hw.systolic.jobs import FLOWS, OS, SWITCH, WS, parameters_of, random_job
from tests.hw.systolic.test_engine import run_job

pytestmark = pytest.mark.exhaustive

# The array's dataflow and the job's, and columns to an element.
KINDS = [(*flow, 1) for flow in FLOWS] + [(WS, WS, 2), (OS, OS, 2)]

kinds = pytest.mark.parametrize(("dataflow", "flow", "ways"), KINDS)
latencies = pytest.mark.parametrize("latency", [0, 1, 2, 4])


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (4, 4), (3, 6)])
@kinds
@latencies
def test_tiles(dataflow, flow, ways, latency, rows, columns):
    parameters = parameters_of(dataflow, rows, columns, ways=ways, multiplier_latency=latency,
                               dsp_rows=rows - 1, edge_stages=latency // 2)
    rng = np.random.default_rng(rows)
    run_job(parameters, random_job(rng, parameters, flow, 5))
    one = run_job(parameters, random_job(rng, parameters, flow, 1))
    entered = one.weights[-1] if flow is OS else one.admissions[0]
    assert one.output_cycles[0] - entered == parameters.geometry(flow).latency == (
        rows + columns // ways + latency + latency // 2 + (flow is OS))


@kinds
@latencies
def test_operands_idle(dataflow, flow, ways, latency):
    parameters = parameters_of(dataflow, 3, 4, ways=ways, multiplier_latency=latency)
    plans = ({"weight_plan": between_blocks(3)} if flow is OS else
             {"input_plan": at_random, "weight_plan": at_random})
    run_job(parameters, random_job(np.random.default_rng(5), parameters, flow, 4),
            output_plan=at_random, **plans)


@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [1, 6, 11, 20])
@kinds
def test_a_start_in_mid_run(dataflow, flow, ways, cycles, cause):
    parameters = parameters_of(dataflow, 3, 4, ways=ways, multiplier_latency=2, edge_stages=1)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, flow, tiles) for tiles in (6, 3)]
    run_job(parameters, *jobs, cut_short=(cause, cycles), output_plan=at_once)


@pytest.mark.parametrize(("inputs", "weights"), [("int2", "uint2"), ("uint16", "int16"),
                                                 ("uint5", "int11")])
@kinds
def test_formats(dataflow, flow, ways, inputs, weights):
    parameters = parameters_of(dataflow, 3, 2, inputs, weights, "int36", ways=ways,
                               multiplier_latency=3)
    run_job(parameters, random_job(np.random.default_rng(3), parameters, flow, 4))


@pytest.mark.parametrize("overflow", [Overflow.SATURATE, Overflow.WRAP])
@pytest.mark.parametrize(("dataflow", "ways"), [(OS, 1), (OS, 2), (SWITCH, 1)])
def test_sums_outside_the_accumulator(dataflow, ways, overflow):
    parameters = parameters_of(dataflow, 3, 2, "int4", "uint4", "int5", overflow, ways=ways,
                               multiplier_latency=2)
    run_job(parameters, random_job(np.random.default_rng(4), parameters, OS, 5))
