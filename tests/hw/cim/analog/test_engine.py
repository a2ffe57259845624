"""The analog engine in Amaranth's simulator against the golden model: results and cycles."""

from dataclasses import replace

import numpy as np
import pytest

from compiler.converters import Converter
from hw.cim.analog.engine import AnalogCimEngine
from hw.cim.analog.noise import largest_deviation, mix
from sim.golden import analog
from tests.hw.cim.analog.bench import (
    POST_BEATS,
    QUIET,
    Job,
    array,
    at_random,
    check,
    config_of,
    noisy,
    numbers,
    random_job,
)
from tests.hw.simulation import simulate

pytestmark = pytest.mark.exhaustive

ONE = 1 << 16
FORMATS = [("int4", "int4"), ("uint4", "int3"), ("int3", "uint4"), ("uint2", "uint2"),
           ("int8", "int8"), ("int7", "int5"), ("uint5", "uint7"), ("int1", "uint1"),
           ("uint1", "int1")]
# Bits of a digit and of a cell, for some of them
WIDER = [("int8", "int8", 2, 1), ("uint4", "int3", 1, 3), ("int7", "int5", 4, 2),
         ("uint5", "uint7", 3, 4), ("int3", "uint4", 3, 3), ("int8", "int8", 4, 4)]
# rows, rows at once, physical columns per converter
SHAPES = [(8, 8, 1), (8, 3, 4), (9, 4, 2), (13, 13, 8), (20, 7, 1), (11, 1, 4), (8, 5, 12)]
ALL_NOISE = {"thermal": 2 * ONE, "offset": ONE, "gain": ONE // 20, "cell": ONE // 10}


@pytest.mark.parametrize(("rows", "rows_active", "columns_per_adc"), SHAPES)
@pytest.mark.parametrize("noise", [{}, ALL_NOISE], ids=["ideal", "noise"])
def test_shapes(rows, rows_active, columns_per_adc, noise):
    p = noisy(array(rows, 6 if columns_per_adc > 4 else 3, rows_active=rows_active,
                    columns_per_adc=columns_per_adc), **noise)
    rng = np.random.default_rng(rows)
    check(p, random_job(rng, p, noise_seed=5))
    check(p, random_job(rng, p, word_lines=int(rng.integers(1, rows + 1)), digits=2, interval=40))


@pytest.mark.parametrize(("inputs", "weights", "dac_bits", "cell_bits"),
                         [*((*formats, 1, 1) for formats in FORMATS), *WIDER])
def test_formats(inputs, weights, dac_bits, cell_bits):
    p = array(9, 2, inputs, weights, dac_bits=dac_bits, cell_bits=cell_bits, rows_active=5,
              adc_bits=12)
    rng = np.random.default_rng(dac_bits)
    job = random_job(rng, p)
    seen = check(p, job)
    assert p.highest_step == 1      # nothing is lost
    assert seen.outputs == [row for x, w in job.tiles for row in (x @ w).tolist()]
    # All that a word line and a cell can hold, with a coarse converter.
    coarse = replace(p, adc_bits=2, columns_per_adc=len(p.slices))
    corners = [(np.full((1, 9), x), np.full((9, 2), w)) for x in (p.inputs.min, p.inputs.max)
               for w in (p.weights.min, p.weights.max)]
    for converter in (Converter(coarse.highest_sum, coarse.highest_step), Converter(1, 1)):
        check(coarse, Job(corners, converter, p.digits, [False] * 4))


@pytest.mark.parametrize("kind", sorted(ALL_NOISE))
@pytest.mark.parametrize("columns_per_adc", [1, 2, 4, 8])
def test_each_deviation_alone(kind, columns_per_adc):
    p = noisy(array(8, 4, columns_per_adc=columns_per_adc, dac_bits=2, adc_bits=5),
              seed=columns_per_adc, **{kind: ALL_NOISE[kind]})
    job = random_job(np.random.default_rng(1), p, tiles=4, vectors=3, noise_seed=0xFFFFFFFF)
    seen = check(p, job)
    assert seen.outputs != [row for x, w in job.tiles for row in (x @ w).tolist()]


@pytest.mark.parametrize("banks", [1, 2, 4])
@pytest.mark.parametrize("vectors", [1, 3, 7])
def test_tiles_follow_each_other(banks, vectors):
    p = noisy(array(11, 2, banks=banks, dac_bits=4), cell=ONE // 8)
    check(p, random_job(np.random.default_rng(banks), p, tiles=7, vectors=vectors, interval=3))


@pytest.mark.parametrize("word_lines", [1, 5, 12])
def test_vectors_of_one_step(word_lines):
    """Offsets are read and written in consecutive cycles."""
    p = array(12, 2, "int2", "int4", dac_bits=2, cell_bits=2)
    rng = np.random.default_rng(word_lines)
    check(p, random_job(rng, p, tiles=9, vectors=1, word_lines=word_lines))
    check(p, random_job(rng, p, tiles=9, vectors=12, word_lines=word_lines, interval=2))


@pytest.mark.parametrize("plans", [
    {"input_plan": at_random}, {"weight_plan": at_random}, {"credit_plan": at_random},
    {"input_plan": at_random, "weight_plan": at_random, "credit_plan": at_random}])
@pytest.mark.parametrize(("dac_bits", "columns_per_adc"), [(4, 1), (2, 2)])
def test_streams_idle(plans, dac_bits, columns_per_adc):
    p = noisy(array(9, 2, banks=2, dac_bits=dac_bits, columns_per_adc=columns_per_adc,
                    rows_active=5), **ALL_NOISE)
    rng = np.random.default_rng(3)
    for word_lines in (4, 9):
        check(p, random_job(rng, p, tiles=5, word_lines=word_lines, interval=2), seed=word_lines,
              **plans)


@pytest.mark.parametrize("cut_short", [3, 14, 23])
def test_a_job_after_one_that_was_cut_short(cut_short):
    p = noisy(array(8, 2, dac_bits=2, columns_per_adc=2), thermal=ONE)
    rng = np.random.default_rng(7)
    check(p, random_job(rng, p, tiles=9), random_job(rng, p, digits=1, word_lines=5),
          cut_short=cut_short)


def test_jobs_have_settings_of_their_own():
    p = noisy(array(9, 2, dac_bits=2, rows_active=4, adc_bits=2), thermal=ONE // 2)
    rng = np.random.default_rng(8)
    check(p, random_job(rng, p, converter=Converter(3, 2), noise_seed=1),
          random_job(rng, p, converter=Converter(0, 1), word_lines=3, digits=1, noise_seed=2))


@pytest.mark.parametrize(("change", "legal"), [
    ({}, True), ({"word_lines": 9}, False), ({"digits": 3}, False), ({"row_groups": 1}, False),
    ({"row_groups": 3}, False), ({"word_lines": 7, "row_groups": 1}, True),
    ({"adc_step": 0}, False), ({"adc_step": 5}, False), ({"adc_low": 13}, False),
    ({"adc_low": 12, "adc_step": 4}, True)])
def test_legal(change, legal):
    # 4 rows at once, of digits up to 3: sums up to 12, steps up to 4
    p = array(9, 1, "int6", dac_bits=2, rows_active=4, adc_bits=2)
    job = Job([(None, numbers(np.random.default_rng(1), p.weights, (9, 1)))], Converter(0, 1), 3,
              [])
    engine = AnalogCimEngine(p, POST_BEATS)

    async def bench(ctx):
        ctx.set(engine.config, config_of(p, job) | change)
        assert ctx.get(engine.legal) == legal

    simulate(engine, bench)


def test_the_hash_is_the_golden_model_s():
    words = [0, 1, 0x80000000, 0xFFFFFFFF, 12345]
    assert [mix(word) for word in words] == analog.mix(words).tolist()
    key, index = analog.noise_key(1, analog.THERMAL), np.arange(100_000)
    for sigma, bits in ((1, 8), (ONE, 8), (3 * ONE + 7, 8), (ONE // 4, 16)):
        values = analog.deviations(key, 0, index, sigma, bits)
        assert max(abs(values.min()), values.max()) <= largest_deviation(sigma, bits)


def test_quiet_hardware_has_no_noise():
    assert "noise_seed" not in dict(AnalogCimEngine(array(noise=QUIET), 1).config.shape())
