"""Windows of a dot-product engine in Amaranth's simulator against numpy: results and timing."""

import numpy as np
import pytest

from hw.dot_product.buffered import BufferedDotProductEngine
from hw.dot_product.engine import DotProductEngine
from tests.hw.dot_product.jobs import random_job
from tests.hw.dot_product.windows import window_job, window_parameters
from tests.hw.systolic.bench import LOAD, RESET, at_random, run
from tests.hw.systolic.jobs import WS

pytestmark = pytest.mark.exhaustive

POST_BEATS = 4
# Rows, columns, weight rows, kernel and stride: windows that fill the rows and that do not, lanes
# without a column and columns without a lane.
CASES = [
    (1, 1, 1, (1, 1), 1), (1, 3, 1, (1, 1), 1), (9, 2, 3, (3, 3), 1), (9, 3, 9, (3, 3), 2),
    (10, 3, 5, (3, 3), 3), (4, 6, 2, (2, 2), 1), (7, 3, 1, (1, 5), 2), (7, 2, 7, (5, 1), 1),
    (5, 2, 5, (2, 1), 1), (25, 2, 5, (5, 5), 1), (26, 1, 13, (5, 5), 3), (12, 3, 4, (4, 3), 2)]
MAKERS = [lambda parameters: DotProductEngine(parameters, POST_BEATS), BufferedDotProductEngine]

cases = pytest.mark.parametrize(("rows", "columns", "weight_rows", "kernel", "stride"), CASES)
makers = pytest.mark.parametrize("make", MAKERS, ids=["core", "alone"])


def run_job(make, parameters, *jobs, **options):
    seen = run(make(parameters), *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    assert not seen.underrun
    return seen


@cases
@makers
def test_windows(make, rows, columns, weight_rows, kernel, stride):
    parameters = window_parameters(rows, columns, weight_rows)
    rng = np.random.default_rng(rows)
    job = window_job(rng, parameters, kernel, stride, (2, 3))
    run_job(make, parameters, job)
    run_job(make, parameters, job, input_plan=at_random, weight_plan=at_random,
            output_plan=at_random)


@pytest.mark.parametrize(("inputs", "weights"), [
    ("int8", "int8"), ("uint1", "int1"), ("uint5", "uint11"), ("int16", "int16")])
def test_extreme_values(inputs, weights):
    parameters = window_parameters(7, 3, 1, inputs, weights)
    run_job(MAKERS[0], parameters, window_job(np.random.default_rng(1), parameters, (2, 3), 1,
                                              (3, 4), extremes=True))


@cases
def test_an_output_takes_as_many_cycles_as_the_window_gets_new_pixels(
        rows, columns, weight_rows, kernel, stride):
    """A row's first one takes the whole window; tiles follow each other without a bubble."""
    parameters = window_parameters(rows, columns, weight_rows)
    fill, step = kernel[0] * kernel[1], kernel[0] * stride
    height, width = 2, 4
    job = window_job(np.random.default_rng(2), parameters, kernel, stride, (height, width), 2)
    seen = run_job(MAKERS[0], parameters, job)
    assert np.all(np.diff(seen.inputs) == 1)
    row = [fill, *[step] * (width - 1)]
    assert list(np.diff(seen.admissions)) == (row * 2 * height)[1:]
    assert seen.output_cycles[0] - seen.admissions[0] == 1 + parameters.geometry(WS).latency


@pytest.mark.parametrize("interval", range(POST_BEATS))
@pytest.mark.parametrize("kernel", [(1, 2), (2, 2), (3, 1)])
def test_final_outputs_keep_the_consumers_pace_and_no_other_inputs_do(kernel, interval):
    parameters = window_parameters(6, 2, 6)
    job = window_job(np.random.default_rng(3), parameters, kernel, 1, (2, 4), interval=interval)
    seen = run_job(MAKERS[0], parameters, job)
    row = [max(kernel[0] * kernel[1], interval + 1), *[max(kernel[0], interval + 1)] * 3]
    assert list(np.diff(seen.admissions)) == (row * 2 * 3)[1:]


def test_only_outputs_wait_for_credit():
    parameters = window_parameters(9, 2, 9)
    job = window_job(np.random.default_rng(4), parameters, (3, 3), 1, (1, 4))
    seen = run_job(MAKERS[0], parameters, job, output_plan=lambda number, rng: 20)
    assert np.min(np.diff(seen.admissions)) == 21
    waits = np.diff(seen.inputs) > 1
    assert np.count_nonzero(waits) == len(seen.admissions) - 1


@makers
@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [1, 7, 20])
def test_jobs_with_and_without_windows_follow_each_other(cycles, cause, make):
    parameters = window_parameters(6, 3, 2)
    rng = np.random.default_rng(cycles)
    windows = [window_job(rng, parameters, (2, 3), 1, (2, 4)) for _ in range(2)]
    plain = random_job(rng, parameters, 4)
    plain.config.update(window=0, window_fill=3, window_step=1)
    run_job(make, parameters, windows[0], plain, windows[1], cut_short=(cause, cycles))
    run_job(make, parameters, windows[0], plain, cut_short=(cause, cycles), output_plan=at_random)
