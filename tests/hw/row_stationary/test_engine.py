"""The row-stationary engine in Amaranth's simulator against numpy: results, timing, starts."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from hw.row_stationary.engine import RowStationaryEngine
from tests.hw.row_stationary.jobs import (
    Mapping,
    Pass,
    config_of,
    job_of,
    parameters_of,
    random_job,
    random_pass,
)
from tests.hw.row_stationary.timing import predict
from tests.hw.simulation import simulate
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, run

pytestmark = pytest.mark.exhaustive

# Every name says what is special.
MAPPINGS = {
    "one chain": (Mapping(), {}),
    "one element": (Mapping(kernel=(1, 1), output_rows=1), {}),
    "one step": (Mapping(steps=1, output_rows=2), {}),
    "filters and channels": (Mapping(filters=3, channels=2), {}),
    "all filters, all channels": (Mapping(kernel=(1, 2), filters=4, channels=4), {}),
    "a wide kernel": (Mapping(kernel=(2, 8), channels=4, output_rows=2, steps=2), {}),
    "a window of one pixel": (Mapping(kernel=(3, 1), filters=2), {"window": 1}),
    "an odd window": (Mapping(kernel=(3, 3), strides=(1, 2), steps=7), {"window": 5}),
    "strides": (Mapping(strides=(2, 2), output_rows=2), {}),
    "large strides": (Mapping(kernel=(3, 4), strides=(4, 4), output_rows=2), {}),
    "unequal strides": (Mapping(kernel=(2, 3), strides=(1, 3)), {}),
    "folds": (Mapping(kernel=(2, 3), folds=3, output_rows=2), {}),
    "an uneven fold": (Mapping(kernel=(2, 3), folds=2, output_rows=3, missing_rows=2), {}),
    "groups": (Mapping(kernel=(2, 3), groups=3, filters=2), {}),
    "more chains than turns": (Mapping(kernel=(1, 1), groups=6), {}),
    "long chains": (Mapping(kernel=(3, 3), channel_groups=2, channels=3), {}),
    "long chains of few turns": (Mapping(kernel=(6, 1), steps=9), {}),
    "folds, groups and channel groups": (
        Mapping(kernel=(1, 2), folds=2, groups=2, channel_groups=2, filters=3, output_rows=2,
                steps=2), {"rows": 8}),
    "column groups": (Mapping(column_groups=2, output_rows=2), {}),
    "column groups and folds": (
        Mapping(column_groups=2, output_rows=2, kernel=(3, 2), folds=2, channels=2,
                strides=(2, 1), filters=2, missing_rows=1), {"columns": 5}),
    "tall and wide": (
        Mapping(kernel=(11, 11), strides=(4, 4), filters=2, output_rows=2, steps=2),
        {"rows": 11, "columns": 2, "window": 16, "depth": 96}),
}
mappings = pytest.mark.parametrize("name", MAPPINGS)


def case(name, **options):
    """Parameters and mapping of a name."""
    mapping, special = MAPPINGS[name]
    options = {"rows": 6, "columns": 4} | special | options
    return parameters_of(options.pop("rows"), options.pop("columns"), **options), mapping


def run_job(parameters, *jobs, **options):
    """Run jobs and compare; returns the `Run` of the last one."""
    seen = run(RowStationaryEngine(parameters, 1), *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    assert not seen.underrun
    return seen


@mappings
def test_mappings(name):
    """Results, and the cycles of all that happens where nothing else makes it wait."""
    parameters, mapping = case(name)
    job = random_job(np.random.default_rng(1), parameters, mapping, 3)
    assert_on_time(parameters, job)


@pytest.mark.parametrize("gating", [False, True])
@pytest.mark.parametrize(("macs", "lanes"), [(1, (1, 1)), (1, (2, 8)), (2, (2, 2)), (2, (4, 8)),
                                             (4, (4, 4)), (4, (8, 16))])
def test_widths(macs, lanes, gating):
    parameters = parameters_of(3, 3, macs=macs, lanes=lanes, gating=gating, depth=48)
    for channels in {1, lanes[0] - 1, lanes[0]} - {0}:
        mapping = Mapping(kernel=(3, 2), output_rows=3, filters=2, channels=channels)
        run_job(parameters, random_job(np.random.default_rng(channels), parameters, mapping, 2,
                                       zeros=0.5))


@pytest.mark.parametrize(("inputs", "weights", "accumulator"), [
    ("int1", "uint1", "int8"), ("uint1", "int1", "int8"), ("int2", "int2", "int6"),
    ("uint8", "int8", "int24"), ("int16", "int16", "int32"), ("uint16", "uint2", "int20")])
@pytest.mark.parametrize("macs", [1, 2])
def test_formats(macs, inputs, weights, accumulator):
    """Extreme values; what the accumulator's format does not hold wraps."""
    parameters = parameters_of(3, 2, macs=macs, gating=True, inputs=inputs, weights=weights,
                               accumulator=accumulator)
    mapping = Mapping(kernel=(3, 2), output_rows=2, filters=2, channels=4)
    rng = np.random.default_rng(3)
    passes = [random_pass(rng, parameters, mapping)]
    for x in (parameters.inputs.min, parameters.inputs.max):
        for w in (parameters.weights.min, parameters.weights.max):
            passes.append(Pass(np.full_like(passes[0].inputs, x),
                               np.full_like(passes[0].weights, w)))
    run_job(parameters, job_of(parameters, mapping, passes))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["filters and channels", "an odd window", "groups",
                                  "column groups and folds", "more chains than turns"])
def test_operands_and_credit_idle(name, seed):
    parameters, mapping = case(name, gating=True)
    job = random_job(np.random.default_rng(seed), parameters, mapping, 4, zeros=0.3)
    run_job(parameters, job, seed=seed, input_plan=at_random, weight_plan=at_random,
            output_plan=at_random)


def assert_on_time(parameters, job, *, input_plan=at_once, weight_plan=at_once,
                   output_plan=at_once):
    seen = run_job(parameters, job, input_plan=input_plan, weight_plan=weight_plan,
                   output_plan=output_plan)
    plans = {"input_plan": input_plan, "weight_plan": weight_plan, "output_plan": output_plan}
    times = predict(parameters, job, first_input=seen.inputs[0], first_weight=seen.weights[0],
                    **{name: lambda number, plan=plan: plan(number, None)
                       for name, plan in plans.items()})
    assert seen.weights == times.weights
    assert seen.inputs == times.inputs
    assert seen.admissions == times.starts
    assert seen.output_cycles == times.outputs


def sometimes(idle, every):
    """A plan that idles before every ``every``-th beat."""
    return lambda number, rng: idle * (number % every == 0)


@pytest.mark.parametrize(("input_plan", "weight_plan", "output_plan"), [
    (at_once, at_once, sometimes(40, 3)), (sometimes(7, 4), at_once, at_once),
    (at_once, sometimes(30, 5), at_once), (sometimes(3, 7), sometimes(9, 4), sometimes(11, 2))])
@pytest.mark.parametrize("name", ["an odd window", "column groups and folds", "one step"])
def test_times_where_streams_or_the_consumer_wait(name, input_plan, weight_plan, output_plan):
    parameters, mapping = case(name)
    job = random_job(np.random.default_rng(1), parameters, mapping, 4)
    assert_on_time(parameters, job, input_plan=input_plan, weight_plan=weight_plan,
                   output_plan=output_plan)


@pytest.mark.parametrize("seed", range(8))
def test_random_mappings(seed):
    random = Random(seed)
    rows, columns, macs = random.randint(1, 5), random.randint(1, 4), random.choice((1, 2, 4))
    lanes = [random.choice([lanes for lanes in (1, 2, 4, 8) if lanes >= macs]) for _ in range(2)]
    height, width = random.randint(1, rows), random.randint(1, 5)
    channel_groups = random.randint(1, rows // height)
    groups = random.randint(1, rows // height // channel_groups)
    column_groups = random.randint(1, columns)
    output_rows = random.randint(1, columns // column_groups)
    mapping = Mapping(
        kernel=(height, width), strides=(random.randint(1, 4), random.randint(1, min(4, width))),
        steps=random.randint(1, 6), groups=groups, channel_groups=channel_groups,
        folds=random.randint(1, rows // height // channel_groups // groups),
        column_groups=column_groups, output_rows=output_rows, filters=random.randint(1, 5),
        channels=random.randint(1, lanes[0]), missing_rows=random.randint(0, output_rows - 1))
    weights = mapping.filters * width * -(-mapping.channels // macs) * macs
    parameters = parameters_of(
        rows, columns, macs=macs, lanes=lanes, window=width + random.randint(0, 6),
        depth=-(-weights // lanes[1]) * lanes[1], sums=mapping.filters,
        gating=random.random() < 0.5)
    job = random_job(np.random.default_rng(seed), parameters, mapping, random.randint(1, 4), 0.3)
    assert_on_time(parameters, job, input_plan=sometimes(random.randint(0, 3), 2),
                   weight_plan=sometimes(random.randint(0, 9), 3))


def test_steps_follow_each_other_without_a_pause():
    """Where the operands come in time, an element computes in every cycle, across passes too."""
    parameters = parameters_of(3, 4)
    mapping = Mapping(filters=4, channels=4, steps=5)
    seen = run_job(parameters, random_job(np.random.default_rng(1), parameters, mapping, 5))
    assert set(np.diff(seen.admissions)) == {mapping.turns(parameters)}


def test_channels_of_a_pixel_for_different_chains():
    """Depthwise: each chain takes its own channel of the same beats."""
    parameters = parameters_of(4, 3)
    mapping = Mapping(kernel=(1, 3), groups=4, output_rows=3)
    rng = np.random.default_rng(2)
    pixels = random_pass(rng, parameters, replace(mapping, groups=1, channels=4)).inputs
    weights = random_pass(rng, parameters, mapping).weights
    channels = [job_of(parameters, mapping, [Pass(pixels[:, number:number + 1], weights)])
                for number in range(4)]
    whole = job_of(parameters, replace(mapping, channels=4),
                   [Pass(pixels, np.repeat(weights, 4, axis=1))])
    config = channels[0].config
    job = replace(
        channels[0], inputs=whole.inputs,
        config=config | {"rows": [row | {"part": number}
                                  for number, row in enumerate(config["rows"])]},
        expected=[channels[index % 4].expected[index] for index in range(4 * mapping.steps)])
    run_job(parameters, job)


@pytest.mark.parametrize(("field", "value", "legal"), [
    (("taps",), 4, True), (("taps",), 5, False), (("stride",), 2, True), (("stride",), 3, False),
    (("filters",), 5, True), (("filters",), 6, False),
    (("chains",), 3, False), (("filter_tags",), 1, False), (("filter_tags",), 3, False),
    (("filter_beats",), 4, True), (("filter_beats",), 5, False), (("column_beats",), 2, False),
    (("rows", 1, "tag"), 5, True), (("rows", 1, "tag"), 6, False),
    (("rows", 2, "filter_tag"), 3, False), (("rows", 0, "chain"), 1, False),
    (("columns", 3, "tag"), 6, False), (("columns", 3, "tag"), 5, True)])
def test_what_the_array_cannot_run_is_not_legal(field, value, legal):
    parameters = parameters_of(3, 4, depth=20, window=5, sums=6)
    config = config_of(parameters, Mapping(output_rows=4))
    place = config
    for key in field[:-1]:
        place = place[key]
    assert field[-1] in place
    place[field[-1]] = value
    engine = RowStationaryEngine(parameters, 1)

    async def bench(ctx):
        ctx.set(engine.config, config)
        await ctx.tick()
        assert ctx.get(engine.legal) == legal

    simulate(engine, bench)


@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("cycles", [1, 30, 77])
def test_a_start_in_mid_run(cycles, cause):
    parameters = parameters_of(6, 4)
    rng = np.random.default_rng(cycles)
    jobs = [random_job(rng, parameters, MAPPINGS[name][0], 4)
            for name in ("groups", "long chains")]
    run_job(parameters, *jobs, cut_short=(cause, cycles))
    run_job(parameters, *jobs[::-1], cut_short=(cause, cycles))


def test_jobs_follow_each_other():
    parameters = parameters_of(6, 5)
    rng = np.random.default_rng(5)
    names = ["one chain", "folds", "column groups and folds", "more chains than turns",
             "long chains", "one element"]
    run_job(parameters, *(random_job(rng, parameters, MAPPINGS[name][0], 2) for name in names))
