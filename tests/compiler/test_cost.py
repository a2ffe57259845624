"""The closed form against a reference that steps through every cycle and every element."""

from itertools import product
from random import Random

import pytest

from compiler.cost import job_accesses, job_cycles
from compiler.schedules import SCHEDULES, Bases
from compiler.tile import Placement, ceil_div, whole_tile
from hw.parameters import Dataflow

from .layers import FLOWS, core, gemm, random_core, random_layer

SEEDS = 150


def random_mapping(seed, flow):
    """A core, a mapping of the whole of a random layer on it, and where its data lie."""
    random = Random(seed)
    chosen = random_core(random, flow.value)
    parameters, layer = chosen.parameters, random_layer(random)
    tile = whole_tile(layer, parameters.input_lanes)
    if random.random() < 0.3:       # the last part of a sum, or one before
        tile = tile.part(existing=True, complete=random.random() < 0.5)
    into, out = (Placement(0, 0, 0, shape.height, shape.width, 0, shape.channels,
                           parameters.word_lanes)
                 for shape in (layer.input_shape, layer.output_shape))
    bases = Bases(into, out, 0, 0, 0)
    return chosen, SCHEDULES[flow].map(tile, parameters, bases), bases


def elements(nest):
    """Of each element of a loop nest: its index in each loop, and its coordinates."""
    for index in product(*(range(loop.bound) for loop in nest.loops)):
        places = {name: base + sum(place * loop.strides.get(name, 0) for place, loop
                                   in zip(index, nest.loops, strict=True))
                  for name, base in nest.bases.items()}
        yield dict(zip((loop.name for loop in nest.loops), index, strict=True)), places


def last_admission(tiles, vectors, beats, final_every, interval):
    """Stationary operands: step cycle by cycle until the last vector has entered."""
    cycle = 2                       # the first beat is there
    resident, waiting, loaded, left = -1, 0, 0, 0
    free = 0                        # when the consumer takes a final vector again
    while True:
        final = resident % final_every == final_every - 1
        if left and (not final or cycle >= free):
            left -= 1
            if final:
                free = cycle + interval
            if resident == tiles - 1 and not left:
                return cycle
        if not left and loaded == beats:
            resident, left, loaded = resident + 1, vectors, 0
        if loaded < beats and waiting < tiles * beats:
            loaded, waiting = loaded + 1, waiting + 1
        cycle += 1


def last_row(tiles, vectors, rows, blocks, final_every, interval):
    """Output-stationary: block by block, and row by row, until the last row has left its tile.

    The first row of a tile leaves with the tile's last step.
    """
    start, free = 2, 0
    for tile in range(tiles):
        final = tile % final_every == final_every - 1
        start += (blocks - 1) * rows
        while start + rows - 1 < free:      # the rows of the tile before are still leaving
            start += 1
        start += rows
        for row in range(vectors):
            left = start - 1 if row == 0 else free
            free = left + (interval if final else 1)
    return left


@pytest.mark.parametrize("flow", FLOWS)
def test_cycles(flow):
    for seed in range(SEEDS):
        chosen, mapping, _ = random_mapping(seed, flow)
        parameters, latency = chosen.parameters, chosen.encoding["latency"]
        rows, columns = parameters.engine.rows, parameters.engine.columns
        interval = parameters.post_beats if mapping.post else 1
        if flow is Dataflow.OUTPUT_STATIONARY:
            last = last_row(mapping.stationary_tiles, mapping.vectors, rows, mapping.blocks,
                            mapping.final_every, interval)
        else:
            beats = columns if flow is Dataflow.INPUT_STATIONARY else rows
            last = last_admission(mapping.stationary_tiles, mapping.vectors, beats,
                                  mapping.final_every, interval)
        written = last + parameters.engine.geometry(flow).latency + latency["accumulate"]
        if mapping.post:
            written += latency["post"]
            if flow is Dataflow.INPUT_STATIONARY:
                written += latency["transposer"] + (columns - 1) * interval
        assert job_cycles(mapping, parameters, latency) == written + 1, f"seed {seed}"


@pytest.mark.parametrize("flow", FLOWS)
def test_accesses(flow):
    for seed in range(SEEDS):
        chosen, mapping, bases = random_mapping(seed, flow)
        assert job_accesses(mapping, chosen.parameters, bases) == {
            "activations": (activation_reads(mapping, chosen.parameters, bases),
                            activation_writes(mapping, chosen.parameters)),
            "weights": (sum(1 for _ in elements(mapping.weights)), 0),
            "accumulators": accumulator_accesses(mapping),
            "parameters": (parameter_reads(mapping, chosen.parameters), 0),
            "program": (0, 0),
            **transposer_accesses(mapping, chosen.parameters),
        }, f"seed {seed}"


def transposer_accesses(mapping, parameters):
    """Every final vector goes through all banks, in and out."""
    if not parameters.pixels_are_lanes:
        return {}
    vectors = sum(1 for _ in elements(mapping.post)) if mapping.post else 0
    return {"transposer": (vectors * parameters.output_lanes,) * 2}


def activation_reads(mapping, parameters, bases):
    """Padding is not read."""
    inside = sum(0 <= places["y"] < bases.inputs.height and 0 <= places["x"] < bases.inputs.width
                 for _, places in elements(mapping.inputs))
    return inside * parameters.input_words


def activation_writes(mapping, parameters):
    """Vectors beyond the tile are not written, nor words beyond its channels."""
    tile, words = mapping.tile, 0
    if mapping.post is None:
        return 0
    for index, places in elements(mapping.post):
        if places["y"] < tile.height and places["x"] < tile.width:
            first = index["channels"] * parameters.engine.columns
            held = min(parameters.engine.columns, tile.channels - first)
            words += ceil_div(held, parameters.word_lanes)
    return words


def accumulator_accesses(mapping):
    """Sums under way are read before each product but the first, and written but for the last."""
    tile, reads, writes = mapping.tile, 0, 0
    rounds = next(loop.bound for loop in mapping.accumulate.loops if loop.name == "reduction")
    for index, _ in elements(mapping.accumulate):
        reads += index["reduction"] > 0 or tile.existing
        writes += index["reduction"] < rounds - 1 or not tile.to_post
    return reads, writes


def parameter_reads(mapping, parameters):
    """Bias, multiplier and shift; a single beat's stay while only pixels change."""
    if mapping.post is None:
        return 0
    if parameters.post_beats > 1:
        return 3 * parameters.post_beats * sum(1 for _ in elements(mapping.post))
    pixels = mapping.marks["parameter"]
    return 3 * sum(not any(index[name] for name in pixels)
                   for index, _ in elements(mapping.post))


@pytest.mark.parametrize(("tiles", "vectors", "beats", "cycles"), [
    (1, 1, 4, 7),           # beats in cycles 2 to 5, swap in 6
    (2, 4, 4, 14),          # no bubble between tiles
    (2, 1, 4, 11),          # the second tile's beats take longer than the first one's vector
])
def test_reference_itself(tiles, vectors, beats, cycles):
    assert last_admission(tiles, vectors, beats, 1, 1) == cycles


def test_a_long_product_takes_a_few_steps():
    """Cycles of 2**24 vectors are counted at once: the recurrence ends where it repeats."""
    parameters = core(activation_words=1 << 18).parameters
    tile = whole_tile(gemm(1 << 17, 4, 512), parameters.input_lanes)
    out = Placement(0, 0, 0, 1, 1 << 17, 0, 512, 4)
    mapping = SCHEDULES[Dataflow.WEIGHT_STATIONARY].map(tile, parameters, Bases(out, out, 0, 0, 0))
    assert job_cycles(mapping, parameters, {"accumulate": 2, "post": 8}) == (
        2 + 4 + (1 << 24) + 8 + 2 + 8 + 1)
