"""Mappings on row-stationary arrays: their search, their cost, and what they compute."""

from dataclasses import astuple, replace
from itertools import product
from random import Random

import numpy as np
import pytest

from compiler.program import Full
from compiler.row_stationary.choice import task_of
from compiler.row_stationary.mapping import RowMapping, RowTask
from compiler.row_stationary.plan import RowPlan
from compiler.row_stationary.search import SLACK, best_mapping, last_output, misfits
from compiler.schedules import SCHEDULES, Bases
from compiler.tile import Placement, ceil_div, whole_tile
from compiler.tiling import tiles_of
from hw.formats import NumberFormat
from hw.parameters import CoreParameters, Dataflow, Overflow
from hw.row_stationary.parameters import RowStationaryParameters
from sim.golden.layers import Accumulation, run_layer
from tests.regression.harness import Core

from .layers import conv, random_layer
from .row_array import job_outputs, starts

pytestmark = pytest.mark.exhaustive

SCHEDULE = SCHEDULES[Dataflow.ROW_STATIONARY]


def engine(rows, columns, *, channels=4, weights=4, macs=1, depth=64, pixels=8, sums=8):
    return RowStationaryParameters(
        rows=rows, columns=columns, inputs=NumberFormat(8, True), weights=NumberFormat(8, True),
        accumulator=NumberFormat(32, True), overflow=Overflow.ERROR, channels_per_beat=channels,
        weights_per_beat=weights, macs_per_pe=macs, filter_depth=depth, window_pixels=pixels,
        sum_depth=sums, zero_gating=False)


def core_of(engine, *, word_lanes=1, accumulators=1 << 12):
    return CoreParameters(
        name="core", engine=engine, word_lanes=word_lanes, activation_words=1 << 16,
        weight_words=1 << 16, accumulator_words=accumulators, parameter_words=1 << 10,
        program_words=1 << 10, post_lanes=engine.columns, multiplier_bits=32,
        requantize_cycles=1, prefetch=True)


def random_core(random):
    """Often with less than one would like to have."""
    columns, channels, weights = random.randint(1, 6), *random.choices([1, 2, 4, 8], k=2)
    depth = columns * channels * random.choice([1, 2, 5])
    return core_of(
        engine(random.randint(1, 8), columns, channels=channels, weights=weights,
               macs=random.choice([n for n in (1, 2, 4) if n <= min(channels, weights)]),
               depth=ceil_div(depth, weights) * weights, pixels=random.randint(1, 10),
               sums=columns + random.randint(0, 9)),
        word_lanes=random.choice([n for n in (1, 2, 4) if channels % n == columns % n == 0]),
        accumulators=random.choice([32, 1 << 12]))


def drawn(seed):
    """A core, a layer with random weights, and an image for it."""
    random, numbers = Random(seed), np.random.default_rng(seed)
    core, layer = random_core(random), random_layer(random)
    if layer.weights is not None:
        layer = replace(layer, weights=numbers.integers(-128, 128, layer.weights.shape))
    return core, layer, numbers.integers(-128, 128, tuple(layer.input_shape))


def placements(core, layer):
    return [Placement(0, 0, 0, shape.height, shape.width, 0, shape.channels, core.word_lanes)
            for shape in (layer.input_shape, layer.output_shape)]


def jobs(core, tile):
    """(mapping, engine fields, weights, bases) of each job of a tile."""
    into, out = placements(core, tile.layer)
    step = SCHEDULE.channel_step(tile, core)
    for channel in range(tile.channel, tile.channel + tile.channels, step):
        part = tile.part(channel=channel,
                         channels=min(step, tile.channel + tile.channels - channel))
        words = SCHEDULE.weight_image(part, core)
        for piece in SCHEDULE.pieces(part, core):
            bases = Bases(into, out, 0, 0, 0)
            mapping = SCHEDULE.map(piece, core, bases)
            fields = {name.removeprefix("engine."): value
                      for name, value in SCHEDULE.engine_fields(mapping).items()}
            yield mapping, fields, words, bases


def sums_of(layer, image):
    """The golden model's sums (or maxima) of a layer."""
    raw = layer if layer.pools else replace(layer, requantization=None)
    return run_layer(raw, image, Accumulation()).accumulators


def assert_right(core, mapping, outputs, golden):
    """What a job gives equals the golden sums, everywhere and once."""
    tile, size = mapping.tile, core.output_lanes
    if not tile.to_post:
        for word, places in enumerate(SCHEDULE.sum_places(tile, core)):
            held = places >= 0
            assert np.array_equal(outputs[word][held], golden.reshape(-1)[places[held]])
        return
    _, out = placements(core, tile.layer)
    for y, x, channel in product(range(tile.y, tile.y + tile.height),
                                 range(tile.x, tile.x + tile.width),
                                 range(tile.channel, tile.channel + tile.channels, size)):
        vector = outputs.pop(out.address(y, x, channel))
        end = min(channel + size, tile.channel + tile.channels)
        assert np.array_equal(vector[:end - channel], golden[y, x, channel:end])
    assert not outputs


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_random_layers(first):
    """The descriptor makes the array compute the layer, in the cycles that are predicted."""
    right = 0
    for seed in range(first, first + 40):
        core, layer, image = drawn(seed)
        golden = sums_of(layer, image)
        try:
            whole = list(jobs(core, whole_tile(layer, core.input_lanes)))
        except Full:
            continue
        for mapping, fields, words, bases in whole:
            plan = mapping.plan
            outputs = job_outputs(core, mapping, fields, image, words, bases)
            assert_right(core, mapping, outputs, golden)
            last = starts(core.engine, fields, plan.passes)[-1]
            assert last_output(plan) == last + plan.turns + plan.start_delay, f"seed {seed}"
            assert mapping.tile.stays or plan.sums <= core.accumulator_words
        right += 1
    assert right > 30


def test_parts_of_sums():
    """A sum that is cut anywhere lies in the accumulators as the whole one does."""
    cut = 0
    for seed in range(60):
        core, layer, image = drawn(seed)
        core = replace(core, accumulator_words=1 << 14)

        def build(tile, most=(1 + seed % 3, 2 * core.output_lanes)):
            taps = len(tile.kernel_y), len(tile.kernel_x), len(tile.blocks)
            if max(taps) > most[0] or tile.channels > most[1]:
                raise Full("weights", 1)

        sums, golden = {}, sums_of(layer, image)
        for tile in tiles_of(layer, core, build):
            sums = sums if tile.existing else {}
            for mapping, fields, words, bases in jobs(core, tile):
                outputs = job_outputs(core, mapping, fields, image, words, bases,
                                      sums.get(mapping.tile.channel))
                if tile.complete:
                    assert_right(core, mapping, outputs, golden)
                sums[mapping.tile.channel] = outputs
            cut += tile.existing
    assert cut > 60


def task(engine, shape, filters, kernel, *, strides=(1, 1), accumulators=1 << 12, words=2):
    """A convolution of ``shape`` (output rows and columns, input channels)."""
    return RowTask(engine=engine, word_lanes=words, accumulator_words=accumulators,
                   height=shape[0], width=shape[1], filters=filters, channels=shape[2],
                   kernel=kernel, strides=strides, dilation=(1, 1), alone=False, maximum=False,
                   squares=True, stays=False)


def all_mappings(engine):
    """Everything that could be written down for a small array."""
    most = {"kernel_rows": engine.rows, "kernel_columns": engine.window_pixels,
            "channel_groups": engine.rows, "filter_groups": engine.rows,
            "row_groups": engine.rows, "column_groups": engine.columns,
            "filters": engine.sum_depth, "channels": engine.channels_per_beat}
    return (RowMapping(**dict(zip(most, numbers, strict=True)))
            for numbers in product(*(range(1, number + 1) for number in most.values())))


@pytest.mark.parametrize(("shape", "filters", "kernel", "strides"), [
    ((5, 4, 3), 4, (3, 2), (1, 1)), ((2, 7, 5), 6, (1, 1), (2, 1)), ((3, 3, 2), 2, (2, 3), (1, 2)),
    ((1, 9, 4), 8, (1, 1), (1, 1))])
def test_search_is_exhaustive(shape, filters, kernel, strides):
    """No mapping at all is faster, or has less traffic and is hardly slower."""
    small = engine(3, 2, channels=2, weights=2, depth=12, pixels=3, sums=4)
    wanted = task(small, shape, filters, kernel, strides=strides)
    plans = [plan for mapping in all_mappings(small)
             for plan in [RowPlan(wanted, mapping)] if not any(misfits(plan))]
    fewest = min(last_output(plan) for plan in plans)
    chosen = RowPlan(wanted, best_mapping(wanted))
    assert last_output(chosen) <= fewest + fewest // SLACK
    assert chosen.traffic <= min(plan.traffic for plan in plans
                                 if last_output(plan) <= fewest + fewest // SLACK)
    assert chosen.mapping in [plan.mapping for plan in plans]


ALEXNET = {     # output rows and columns, input channels; filters; kernel; strides
    "conv1": ((55, 55, 3), 96, 11, 4), "conv2": ((27, 27, 48), 128, 5, 1),
    "conv3": ((13, 13, 256), 384, 3, 1), "conv4": ((13, 13, 192), 192, 3, 1),
    "conv5": ((13, 13, 192), 128, 3, 1)}


@pytest.mark.parametrize(("name", "elements", "used"), [
    # The paper has 154, 135, 156, 156 and 156 elements. Where it stacks two kernels of 5 rows on
    # the 12 rows of the array, 12 groups of channels fill it.
    ("conv1", 154, 0.95), ("conv2", 168, 0.85), ("conv3", 156, 0.85), ("conv4", 156, 0.85),
    ("conv5", 156, 0.85)])
def test_alexnet(name, elements, used):
    shape, filters, kernel, stride = ALEXNET[name]
    published = Core.published("row_stationary_12x14_int8").parameters
    wanted = task(published.engine, shape, filters, (kernel, kernel), strides=(stride, stride),
                  accumulators=published.accumulator_words)
    plan = RowPlan(wanted, best_mapping(wanted))
    products = shape[0] * shape[1] * shape[2] * filters * kernel**2
    assert plan.active_elements == elements
    assert last_output(plan) <= products / (used * elements)


def test_the_papers_mapping_of_conv2():
    """Two kernels on top of each other, the second one with one output row less."""
    shape, filters, kernel, _ = ALEXNET["conv2"]
    published = Core.published("row_stationary_12x14_int8").parameters
    wanted = task(published.engine, shape, filters, (kernel, kernel))
    fixed = (("column_groups", 1), ("kernel_rows", 5), ("row_groups", 2))
    assert RowPlan(wanted, best_mapping(wanted, fixed)).active_elements == 135


def test_ties():
    """The choice does not depend on the order of the search, and of equals has least numbers."""
    wanted = task(engine(4, 4), (1, 1, 1), 4, (1, 1))
    assert astuple(best_mapping(wanted)) == (1, 1, 1, 1, 1, 1, 4, 1)


def test_a_wide_layer_is_cut():
    """Sums of all columns under way are too many: narrower jobs share the weights."""
    layer = conv((4, 90, 8), 4)
    core = core_of(engine(3, 4), accumulators=64)
    whole = list(jobs(core, whole_tile(layer, core.input_lanes)))
    assert len(whole) > 1
    assert sum(mapping.tile.width for mapping, *_ in whole) == layer.output_shape.width
    assert len({mapping.plan.mapping for mapping, *_ in whole}) == 1


def test_hand_set_numbers_are_kept():
    layer = replace(conv((9, 9, 8), 8), mapping={"kernel_rows": 1, "filters": 4, "row_groups": 2})
    core = core_of(engine(6, 4))
    [(mapping, *_)] = jobs(core, whole_tile(layer, core.input_lanes))
    chosen = mapping.plan.mapping
    assert (chosen.kernel_rows, chosen.filters, chosen.row_groups) == (1, 4, 2)
    assert task_of(mapping.tile, core) == mapping.plan.task
