"""The dot-product engine in Amaranth's simulator against numpy: results, timing, starts."""

import numpy as np
import pytest

from compiler.schedules.schedule import before_first_tile, next_tile
from hw.adder_tree import TreeStyle
from hw.dot_product.engine import DotProductEngine
from tests.hw.dot_product.jobs import SHAPES, job_of, parameters_of, random_job
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, run
from tests.hw.systolic.jobs import WS

pytestmark = pytest.mark.exhaustive

POST_BEATS = 4
FORMATS = [("int1", "uint1"), ("uint1", "uint1"), ("int1", "int1"), ("int2", "int2"),
           ("uint2", "uint2"), ("int16", "int16"), ("uint16", "uint16"), ("int2", "uint16"),
           ("uint16", "int2"), ("uint5", "int11"), ("int8", "int4")]

shapes = pytest.mark.parametrize(("rows", "columns", "weight_rows"), SHAPES)


def run_job(parameters, *jobs, **options):
    """Run jobs and compare; returns the `Run` of the last one."""
    seen = run(DotProductEngine(parameters, POST_BEATS), *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    assert not seen.underrun
    return seen


def tile(parameters, pixels, seed=1):
    rng = np.random.default_rng(seed)
    inputs, weights = parameters.inputs, parameters.weights
    return (rng.integers(inputs.min, inputs.max + 1, (pixels, parameters.rows)),
            rng.integers(weights.min, weights.max + 1, (parameters.rows, parameters.columns)))


@shapes
@pytest.mark.parametrize("tree_registers", [0, 1, 3])
@pytest.mark.parametrize("tree", TreeStyle)
def test_tiles(tree, tree_registers, rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows, tree=tree,
                               tree_registers=tree_registers)
    run_job(parameters, random_job(np.random.default_rng(rows), parameters, 5))


@shapes
@pytest.mark.parametrize("output_plan", [at_once, at_random])
@pytest.mark.parametrize("weight_plan", [at_once, at_random])
@pytest.mark.parametrize("input_plan", [at_once, at_random])
def test_operands_idle(input_plan, weight_plan, output_plan, rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows)
    run_job(parameters, random_job(np.random.default_rng(rows), parameters, 8),
            input_plan=input_plan, weight_plan=weight_plan, output_plan=output_plan)


@pytest.mark.parametrize(("inputs", "weights"), FORMATS)
def test_formats(inputs, weights):
    parameters = parameters_of(6, 2, 3, inputs, weights)
    run_job(parameters, random_job(np.random.default_rng(3), parameters, 4))


@pytest.mark.parametrize(("inputs", "weights"), FORMATS)
def test_extreme_values(inputs, weights):
    """Every sum of the array at both ends of its range."""
    parameters = parameters_of(5, 2, 5, inputs, weights)
    tiles = [(np.full((2, 5), x), np.full((5, 2), w))
             for x in (parameters.inputs.min, parameters.inputs.max)
             for w in (parameters.weights.min, parameters.weights.max)]
    run_job(parameters, job_of(parameters, tiles))


@shapes
@pytest.mark.parametrize("tree_registers", [0, 2])
def test_latency_counts_from_the_operand_registers(tree_registers, rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows, tree_registers=tree_registers)
    seen = run_job(parameters, random_job(np.random.default_rng(5), parameters, 1))
    cycles = seen.output_cycles[0] - operands_held(seen.admissions[0])
    assert cycles == parameters.geometry(WS).latency


@shapes
def test_tiles_follow_each_other_without_a_bubble(rows, columns, weight_rows):
    """As soon as they have as many vectors as beats."""
    parameters = parameters_of(rows, columns, weight_rows)
    sizes = (parameters.weight_beats, rows, columns)
    job = random_job(np.random.default_rng(6), parameters, 6, sizes=sizes)
    seen = run_job(parameters, job)
    assert np.all(np.diff(seen.admissions) == 1)
    assert seen.admissions == seen.inputs


@shapes
def test_tiles_of_one_vector_take_every_beat_of_weights(rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows)
    job = random_job(np.random.default_rng(6), parameters, 9, sizes=(1, rows, columns))
    seen = run_job(parameters, job)
    assert np.all(np.diff(seen.weights) == 1)
    assert np.all(np.diff(seen.admissions) == parameters.weight_beats)


@pytest.mark.parametrize("interval", range(POST_BEATS))
@pytest.mark.parametrize("final", [False, True])
def test_final_vectors_keep_the_consumers_pace(final, interval):
    parameters = parameters_of(3, 3, 3)
    tiles = [tile(parameters, pixels, pixels) for pixels in (3, 1, 1, 4)]
    job = job_of(parameters, tiles, interval=interval, final=final)
    cycles = run_job(parameters, job).output_cycles
    assert np.all(np.diff(cycles) == (interval + 1 if final else 1))


@shapes
@pytest.mark.parametrize("pixels", [(1,), (1, 2, 5), (4, 1, 1, 1), (7, 2)])
@pytest.mark.parametrize("interval", [1, 3])
def test_vectors_come_when_the_cost_model_says(interval, pixels, rows, columns, weight_rows):
    """Tiles in turn final and not; the job's cycle 0 is its load, and its beats come in cycle 2."""
    parameters = parameters_of(rows, columns, weight_rows)
    job = job_of(parameters, [tile(parameters, count) for count in 4 * pixels],
                 interval=interval - 1)
    numbers = [number for number, count in enumerate(4 * pixels) for _ in range(count)]
    for beat, number in zip(job.inputs, numbers, strict=True):
        beat["final"] = number % 2
    seen = run_job(parameters, job, input_plan=late, weight_plan=late)

    state, final, predicted = before_first_tile(parameters.geometry(WS).banks), -interval, []
    for number, count in enumerate(4 * pixels):
        step, floor = (interval, final + interval) if number % 2 else (1, -interval)
        state = next_tile(state, parameters.weight_beats, 1, (count - 1) * step, floor=floor)
        predicted += [state[-1] - step * left for left in reversed(range(count))]
        final = state[-1] if number % 2 else final
    loaded = 1
    assert [operands_held(cycle) - loaded for cycle in seen.admissions] == predicted


def late(number, rng):
    return int(number == 0)


def operands_held(admission):
    """The cycle in which a vector that was admitted is in the operand registers."""
    return admission + 1


@shapes
def test_nothing_enters_without_credit(rows, columns, weight_rows):
    parameters = parameters_of(rows, columns, weight_rows)
    job = random_job(np.random.default_rng(7), parameters, 6)
    seen = run_job(parameters, job, output_plan=lambda number, rng: 20)
    assert np.min(np.diff(seen.admissions)) == 21


@pytest.mark.parametrize("weight_rows", [1, 2, 4])
@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [1, 3, 6, 11, 20])
def test_a_start_in_mid_run(cycles, cause, weight_rows):
    parameters = parameters_of(4, 3, weight_rows)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, tiles) for tiles in (9, 3)]
    run_job(parameters, *jobs, cut_short=(cause, cycles))
    run_job(parameters, *jobs, cut_short=(cause, cycles), output_plan=at_random)
