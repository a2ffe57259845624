"""The digital compute-in-memory engine in Amaranth's simulator against products by numpy."""

import random

import numpy as np
import pytest

from hw.adder_tree import TreeStyle
from hw.formats import NumberFormat
from tests.hw.cim.bench import POST_BEATS, build, run_job
from tests.hw.cim.jobs import SHAPES, Tile, job_of, parameters_of, random_job, random_tile
from tests.hw.simulation import simulate
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random

pytestmark = pytest.mark.exhaustive

RIPPLE, CARRY_SAVE = TreeStyle

# What fits the time that a simulation of a shape takes.
FORMATS = {8: ("int8", "int8"), 9: ("int5", "uint2"), 13: ("uint4", "int3"), 16: ("int2", "uint1")}
EVERY_FORMAT = [f"{sign}{bits}" for bits in range(1, 9) for sign in ("int", "uint")]
# Each format on both sides, and some with themselves.
FORMAT_PAIRS = [(name, EVERY_FORMAT[(5 * number + 3) % 16])
                for number, name in enumerate(EVERY_FORMAT)]
FORMAT_PAIRS += [(name, name) for name in ("int1", "uint1", "int2", "int8", "uint8")]

shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))


def some_jobs(rng, parameters, *, tiles=5):
    """All that a job may choose: first everything, then less of it."""
    p = parameters
    rows, digits = (int(rng.integers(1, most + 1)) for most in (p.rows, p.digits))
    return [
        random_job(rng, p, tiles),
        random_job(rng, p, tiles, word_lines=rows, digits=digits,
                   tail=int(rng.integers(1, rows + 1)), interval=int(rng.integers(POST_BEATS))),
        random_job(rng, p, tiles, word_lines=1, digits=1),
    ]


@shapes
@pytest.mark.parametrize(("tree", "skip"), [(RIPPLE, False), (CARRY_SAVE, True)])
def test_shapes(tree, skip, shape):
    p = parameters_of(*shape, *FORMATS[shape[0]], tree=tree, skip_zero_planes=skip)
    run_job(p, *some_jobs(np.random.default_rng(shape[0]), p))


@pytest.mark.parametrize(("inputs", "weights"), FORMAT_PAIRS)
def test_formats(inputs, weights):
    """With as many bits in a cycle as chance has it."""
    seed = FORMAT_PAIRS.index((inputs, weights))
    print(f"seed={seed}")
    choose = random.Random(seed)
    p = parameters_of(8, 1, 1, 1, inputs, weights, skip_zero_planes=choose.random() < 0.5,
                      bits_per_cycle=choose.choice(bits_per_cycle(inputs)))
    run_job(p, *some_jobs(np.random.default_rng(seed), p, tiles=3), extremes(p))


def bits_per_cycle(inputs):
    """What an engine for such inputs can take."""
    return [bits for bits in (1, 2, 4) if bits <= NumberFormat.parse(inputs).bits]


def extremes(parameters):
    """A job of all products of inputs that are equal by equal weights at the ends of their ranges.

    The last vectors have one such input each, beside zeros.
    """
    p = parameters
    ends = [sorted({number.min, number.max, 0, max(-1, number.min)})
            for number in (p.inputs, p.weights)]
    tiles = [Tile(np.array([[value] * p.rows for value in ends[0]]),
                  np.full((p.rows, p.columns), weight)) for weight in ends[1]]
    return job_of(p, [*tiles, Tile(p.inputs.min * np.eye(p.rows, dtype=int), tiles[0].w)])


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize(("inputs", "bits"), [
    ("int8", 1), ("int8", 4), ("int7", 2), ("int5", 4), ("uint5", 4)])
def test_sign_planes(inputs, bits, skip):
    """Of numbers that fill their last digit, and of others."""
    p = parameters_of(8, 1, 1, 1, inputs, "int4", bits_per_cycle=bits,
                      skip_zero_planes=skip)
    run_job(p, extremes(p))


@pytest.mark.parametrize("tree_registers", [0, 1, 2, 5])
@pytest.mark.parametrize("tree", TreeStyle)
def test_pipelines(tree, tree_registers):
    p = parameters_of(13, 1, 1, 1, "int4", "int3", tree=tree, tree_registers=tree_registers)
    run_job(p, *some_jobs(np.random.default_rng(tree_registers), p))


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("banks", [1, 2, 4, 8])
def test_operands_idle(banks, skip):
    p = parameters_of(9, 1, 1, 1, "int4", "int3", bits_per_cycle=2, banks=banks,
                      skip_zero_planes=skip)
    jobs = some_jobs(np.random.default_rng(banks), p, tiles=9)
    run_job(p, *jobs, input_plan=at_random, weight_plan=at_random, output_plan=at_random)
    run_job(p, *jobs, output_plan=at_random)


@pytest.mark.parametrize("seed", range(8))
def test_random_configurations(seed):
    print(f"seed={seed}")
    choose = random.Random(seed)
    inputs, weights = (f"{choose.choice(['int', 'uint'])}{choose.randint(1, most)}"
                       for most in (8, 3))
    shape = (choose.randint(8, 16), choose.randint(1, 2), *choose.choice([
        (1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (3, 1)]))
    p = parameters_of(
        *shape, inputs, weights, tree=choose.choice(list(TreeStyle)),
        tree_registers=choose.randint(0, 3), banks=choose.choice([1, 2, 4, 8]),
        bits_per_cycle=choose.choice(bits_per_cycle(inputs)),
        skip_zero_planes=choose.random() < 0.5)
    print(p)
    plans = [choose.choice([at_once, at_random]) for _ in range(3)]
    run_job(p, *some_jobs(np.random.default_rng(seed), p, tiles=4), seed=seed,
            **dict(zip(("input_plan", "weight_plan", "output_plan"), plans, strict=True)))


@pytest.mark.parametrize("skip", [False, True])
def test_rows_that_are_not_in_use_keep_what_the_job_before_wrote(skip):
    """Their word lines stay low, whatever comes in on their lanes."""
    p = parameters_of(9, 1, 2, 1, "int4", "int4", bits_per_cycle=2, skip_zero_planes=skip)
    rng = np.random.default_rng(1)
    whole = job_of(p, [random_tile(rng, p, 2) for _ in range(p.banks)])
    jobs = []
    for word_lines in (1, 8, 9, 10, 17):
        tiles = [random_tile(rng, p, 2, word_lines=word_lines) for _ in range(p.banks)]
        jobs += [whole, job_of(p, tiles, seed=word_lines)]
    run_job(p, *jobs)


def test_rows_beyond_the_tail_do_not_take_part():
    p = parameters_of(8, 2, 1, 1, "int4", "int4", skip_zero_planes=True)
    rng = np.random.default_rng(1)
    tiles = [random_tile(rng, p, 2, word_lines=7, tail=number % 2 == 1) for number in range(6)]
    run_job(p, *(job_of(p, tiles, tail=tail) for tail in (1, 3, 7)))


@pytest.mark.parametrize(("skip", "banks"), [(False, 1), (True, 4)])
@pytest.mark.parametrize("cause", [RESET, LOAD])
def test_a_start_in_mid_run(cause, skip, banks):
    p = parameters_of(8, 1, 1, 1, "int4", "int3", banks=banks, skip_zero_planes=skip)
    for cycles in (1, 4, 10, 11, 13, 20, 31):
        rng = np.random.default_rng(cycles)
        jobs = [random_job(rng, p, tiles, **choices) for tiles, choices in (
            (6, {}), (5, {"word_lines": 5, "interval": 3}), (3, {"digits": 3}))]
        run_job(p, *jobs, cut_short=(cause, cycles), output_plan=at_random)


@pytest.mark.parametrize("skip", [False, True])
def test_what_cannot_be_run_is_not_legal(skip):
    p = parameters_of(9, 1, 1, 1, "int5", "int4", skip_zero_planes=skip)
    engine = build(p)

    async def bench(ctx):
        for word_lines in range(16):
            for digits in range(8):
                for tail in range(16) if skip else (0,):
                    ctx.set(engine.config, {"word_lines": word_lines, "digits": digits,
                                            **({"tail_word_lines": tail} if skip else {})})
                    await ctx.delay(1e-9)
                    assert ctx.get(engine.legal) == (word_lines < 9 and digits < 5
                                                     and tail <= word_lines)

    simulate(engine, bench)
