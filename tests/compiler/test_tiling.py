"""Tiles: together they are the layer, once, in the order in which its sums grow."""

from random import Random

import numpy as np
import pytest

from compiler.compile import compile_workload
from compiler.layer import Workload
from compiler.program import LOOPS, Full
from compiler.schedules import SCHEDULES
from compiler.tile import per_channel, whole_tile
from compiler.tiling import tiles_of

from .layers import FLOWS, conv, core, gemm, pool, random_layer

CORE = core().parameters


def too_large(memory, limit):
    """A `build` whose ``memory`` holds tiles of up to ``limit`` products."""
    def build(tile):
        if products(tile) > limit:
            raise Full(memory, products(tile) - limit)
    return build


def products(tile):
    return tile.pixels * tile.channels * tile.reduction_tiles


def covered(layer, tiles):
    """How often each output gets each block of products: [y, x, channel, ky, kx, block]."""
    shape = layer.output_shape
    blocks = max(tile.blocks.stop for tile in tiles)
    counts = np.zeros((*shape, *layer.kernel, blocks), dtype=int)
    for tile in tiles:
        counts[tile.y:tile.y + tile.height, tile.x:tile.x + tile.width,
               tile.channel:tile.channel + tile.channels,
               tile.kernel_y.start:tile.kernel_y.stop, tile.kernel_x.start:tile.kernel_x.stop,
               tile.blocks.start:tile.blocks.stop] += 1
    return counts


@pytest.mark.parametrize("memory", ["activations", LOOPS])
@pytest.mark.parametrize("seed", range(40))
def test_tiles_cover_the_layer_once(memory, seed):
    random = Random(seed)
    layer = random_layer(random)
    tiles = tiles_of(layer, CORE, too_large(memory, random.choice([4, 16, 60, 300])))
    assert (covered(layer, tiles) == 1).all()
    assert all(tile.channel % CORE.word_lanes == 0 for tile in tiles)


@pytest.mark.parametrize("seed", range(40))
def test_a_sum_is_made_in_one_go(seed):
    """The tiles of a sum follow each other: the first starts it, the last completes it."""
    tiles = tiles_of(random_layer(Random(seed)), CORE, too_large("activations", 4))
    for before, tile in zip([None, *tiles], [*tiles, None], strict=True):
        assert tile is None or tile.existing == (before is not None and not before.complete)
        assert before is None or tile is not None or before.complete
        if tile and tile.existing:
            assert place(tile) == place(before)


def place(tile):
    return tile.y, tile.x, tile.height, tile.width, tile.channel, tile.channels


def test_a_layer_that_fits_is_one_tile():
    [tile] = tiles_of(gemm(9, 9, 9), CORE, too_large("weights", 10**6))
    assert (tile.existing, tile.complete) == (False, True)


@pytest.mark.parametrize(("layer", "memory", "kept"), [
    # A core with too few weights reads the inputs again rather than to keep sums of pixels.
    (gemm(64, 8, 64), "weights", "pixels"),
    (conv((16, 16, 8), 16), "activations", "channels"),
    (conv((16, 16, 8), 16), "accumulators", "reduction_tiles"),
    (pool((16, 16, 16)), "activations", "channels"),
])
def test_what_is_cut_relieves_the_memory(layer, memory, kept):
    whole, *_ = tiles_of(layer, CORE, too_large(memory, 10**9))
    tile, *others = tiles_of(layer, CORE, too_large(memory, products(whole) // 4))
    assert others
    assert getattr(tile, kept) == getattr(whole, kept)


def test_loops_longer_than_the_core_counts_are_cut():
    """Of a maximum over many windows in one lane, each tap is a tile of its own."""
    small = core("output_stationary", rows=1, columns=1, activation_words=256, weight_words=2,
                 accumulator_words=2, parameter_words=2)
    layer = pool((10, 10, 1), (3, 3))
    program = compile_workload(small.parameters, small.encoding, Workload(
        "one", "", (layer,), np.zeros((1, 10, 10, 1), dtype=np.int64), None))
    assert layer.output_shape.pixels * 9 > 1 << small.parameters.bound_bits
    assert len(program.segments) > 1


@pytest.mark.parametrize("flow", FLOWS)
def test_parts_of_a_sum_have_the_same_accumulators(flow):
    """Also the last one, whose results go on to post-processing."""
    parameters = core(flow.value, columns=6).parameters
    whole = whole_tile(gemm(13, 5, 9), parameters.input_lanes)
    first, last = whole.part(complete=False), whole.part(existing=True)
    places = [SCHEDULES[flow].sum_places(part, parameters) for part in (first, last)]
    np.testing.assert_array_equal(*places)


def test_channels_of_a_tile_start_words():
    narrow = core(rows=4, columns=8).parameters
    tiles = tiles_of(pool((4, 4, 21)), narrow, too_large("activations", 16))
    assert per_channel(tiles[0].layer)
    assert {tile.channel % narrow.word_lanes for tile in tiles} == {0}


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary",
                                      "input_stationary"])
@pytest.mark.parametrize("layer", [gemm(13, 17, 21, raw=True), conv((7, 6, 9), 10),
                                   conv((6, 6, 7), 0, depth_multiplier=2), pool((9, 8, 10))],
                         ids=lambda layer: layer.kind)
def test_segments_stay_inside_the_memories(dataflow, layer):
    """On a core that holds hardly more than one tile of anything."""
    depths = {"activation_words": 32, "weight_words": 16, "accumulator_words": 16,
              "parameter_words": 4, "program_words": 64}
    tiny = core(dataflow, **depths)
    shape = tuple(layer.input_shape)
    program = compile_workload(tiny.parameters, tiny.encoding, Workload(
        "one", "", (layer,), np.zeros((1, *shape), dtype=np.int64), None))
    assert len(program.segments) > 1
    written = np.zeros(layer.output_shape.size, dtype=int)
    for segment in program.segments:
        for transfer in (*segment.loads, *segment.stores):
            depth = depths[f"{transfer.memory.rstrip('s')}_words"]
            assert 0 <= transfer.word <= depth - len(transfer.data)
        for store in segment.stores:
            np.add.at(written, store.data[store.data >= 0], 1)
    np.testing.assert_array_equal(written, 1)
    assert program.macs == layer.macs
