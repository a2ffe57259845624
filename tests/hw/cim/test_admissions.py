"""When the digital engine takes beats and answers: cycle for cycle what the recurrence says."""

from types import SimpleNamespace

import numpy as np
import pytest

from compiler.schedules.schedule import last_streamed
from tests.hw.cim.bench import fixed, predict, run_job
from tests.hw.cim.jobs import job_of, parameters_of, random_job, random_tile, steps_of
from tests.hw.systolic.jobs import WS

pytestmark = pytest.mark.exhaustive

LOADED = 1          # the cycle of the load, as the bench counts

every_bank_count = pytest.mark.parametrize("banks", [1, 2, 4, 8])


def one_column(**options):
    """An array that is quickly simulated; its rows and precision are what count here."""
    return parameters_of(9, 1, 1, 1, "int6", "int1", **options)


def follow(parameters, job, **idles):
    """Run a job and compare every handshake with the prediction, which is returned."""
    seen = run_job(parameters, job, input_plan=fixed(idles.get("input_idles", ())),
                   weight_plan=fixed(idles.get("weight_idles", ())),
                   output_plan=lambda number, rng: dict(enumerate(
                       idles.get("credit_idles", ()))).get(number, 0))
    times = predict(parameters, job, **idles)
    latency = parameters.geometry(WS).latency
    assert [cycle - LOADED for cycle in seen.weights] == times.weights
    assert [cycle - LOADED for cycle in seen.inputs] == times.inputs
    assert [cycle - LOADED for cycle in seen.admissions] == times.launches
    assert [cycle - LOADED for cycle in seen.output_cycles] == [
        cycle + latency for cycle in times.launches]
    return times


@pytest.mark.parametrize(("bits_per_cycle", "skip"), [(1, False), (1, True), (4, False), (2, True)])
@every_bank_count
def test_without_idles(banks, bits_per_cycle, skip):
    p = one_column(banks=banks, bits_per_cycle=bits_per_cycle, skip_zero_planes=skip,
                   tree_registers=banks % 3)
    rng = np.random.default_rng(banks)
    follow(p, random_job(rng, p, 12))
    follow(p, random_job(rng, p, 12, word_lines=2, digits=1, interval=4))


@pytest.mark.parametrize("skip", [False, True])
@every_bank_count
def test_with_idles(banks, skip):
    p = one_column(banks=banks, bits_per_cycle=2, skip_zero_planes=skip)
    for seed, choices in enumerate(({}, {"word_lines": 3, "interval": 5}, {"digits": 1})):
        print(f"seed={seed}")
        rng = np.random.default_rng(seed)
        job = random_job(rng, p, 9, **choices)
        idles = {name: rng.choice([0, 0, 0, 1, 4, 13], 200).tolist()
                 for name in ("weight_idles", "input_idles", "credit_idles")}
        follow(p, job, **idles)


def uniform(parameters, tiles, vectors, *, interval=0, final_every=1, **choices):
    """A job of tiles alike, every ``final_every``-th one final."""
    rng = np.random.default_rng(1)
    return job_of(parameters, [
        random_tile(rng, parameters, vectors, final=(number + 1) % final_every == 0, **choices)
        for number in range(tiles)], interval=interval, digits=choices.get("digits"))


@pytest.mark.parametrize(("vectors", "digits"), [(2, 6), (3, 3), (9, 1), (4, 6), (10, 1)])
@pytest.mark.parametrize("banks", [2, 4])
def test_tiles_follow_each_other_without_a_bubble(banks, vectors, digits):
    """As soon as their vectors take as many cycles as their rows."""
    p = one_column(banks=banks)
    times = follow(p, uniform(p, 5, vectors, digits=digits))
    assert times.launches[0] == 2 + (p.rows - 1) + 2 + (digits - 1)
    assert set(np.diff(times.launches)) == {digits}


@pytest.mark.parametrize("banks", [2, 4])
def test_short_tiles_take_every_beat_of_weights(banks):
    p = one_column(banks=banks)
    times = follow(p, uniform(p, 7, 2, digits=3))
    assert set(np.diff(times.weights)) == {1}
    assert set(np.diff(times.launches[1::2])) == {p.rows}


def test_in_one_bank_writing_comes_on_top():
    p = one_column(banks=1)
    times = follow(p, uniform(p, 5, 3, digits=4))
    assert set(np.diff(times.launches[2::3])) == {p.rows + 3 * 4}


def test_fewer_rows_and_digits_take_less_time():
    p = one_column(banks=1)
    times = follow(p, uniform(p, 5, 3, word_lines=4, digits=2))
    assert set(np.diff(times.launches[2::3])) == {4 + 3 * 2}


def test_zero_planes_take_no_time():
    p = one_column(skip_zero_planes=True)
    rng = np.random.default_rng(1)
    tile = random_tile(rng, p, 4)
    tile.x[:] = 0
    tile.x[1:, 3] = -1, 1, 8 | 2
    job = job_of(p, [tile, tile])
    assert steps_of(p, job) == [1, 6, 1, 2] * 2
    follow(p, job)


@pytest.mark.parametrize("interval", [0, 2, 7])
@pytest.mark.parametrize("digits", [1, 4])
def test_final_vectors_keep_the_consumers_pace(digits, interval):
    p = one_column()
    for final_every, pace in ((1, max(interval + 1, digits)), (2, digits)):
        job = uniform(p, 1, 6, interval=interval, final_every=final_every, digits=digits)
        assert set(np.diff(follow(p, job).launches)) == {pace}


@pytest.mark.parametrize(("vectors", "digits", "word_lines", "interval", "final_every"), [
    (1, 1, 9, 1, 1), (1, 6, 9, 8, 2), (2, 3, 4, 7, 3), (7, 2, 1, 3, 2), (3, 6, 9, 1, 5)])
@pytest.mark.parametrize("banks", [1, 2, 4])
def test_the_prediction_is_the_cost_models(banks, vectors, digits, word_lines, interval,
                                           final_every):
    p = one_column(banks=banks)
    tiles = 6 * final_every
    job = uniform(p, tiles, vectors, digits=digits, word_lines=word_lines, interval=interval - 1,
                  final_every=final_every)
    mapping = SimpleNamespace(vectors=vectors, vector_cycles=digits, beats=word_lines,
                              stationary_tiles=tiles, final_every=final_every)
    assert predict(p, job).launches[-1] == last_streamed(mapping, p.geometry(WS), interval)
