"""Random cores run random layers, and everything about them is as predicted.

A failing seed is run alone with ``ERGON_SEED=<seed> ERGON_CORES=1``.
"""

import os
from random import Random

import pytest

from compiler.tiling import tiles_of

from .harness import assert_right
from .random_cores import KINDS, random_core, random_tasks
from .random_engines import ENGINES

CORES = 56
FIRST = int(os.environ.get("ERGON_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("ERGON_CORES", CORES)))
UNDER_VERILATOR = 3


def kind_of(name):
    """The kind of engine of a core, by its name."""
    return tuple(ENGINES)[int(name.removeprefix("random_")) % len(ENGINES)]


def draw(seed, folder):
    """Core, tasks and simulation options of a seed; kinds of engines take turns."""
    random = Random(seed)
    name = f"random_{seed}"
    engine = ENGINES[kind_of(name)]
    core = random_core(random, name, engine)
    tasks = random_tasks(random, core, engine, folder)
    over_the_bus = random.random() < 0.3
    return core, tasks, {"seed": seed, "back_door": not over_the_bus, "pauses": over_the_bus}


@pytest.mark.rtl
@pytest.mark.parametrize("seed", SEEDS)
def test_under_icarus(seed, tmp_path):
    core, tasks, options = draw(seed, tmp_path)
    print(f"seed {seed}: {core.parameters}")
    assert_right(core, tasks, simulator="icarus", **options)


@pytest.mark.rtl
@pytest.mark.parametrize("seed", SEEDS[:UNDER_VERILATOR])
def test_under_verilator(seed, tmp_path):
    core, tasks, options = draw(seed, tmp_path)
    print(f"seed {seed}: {core.parameters}")
    assert_right(core, tasks, simulator="verilator", **options)


@pytest.mark.slow
def test_draws_have_everything(monkeypatch, tmp_path):
    """All kinds of layers on all kinds of engines, cut in M, N and K, and jobs in a row."""
    seen, cuts = set(), {kind: set() for kind in ENGINES}

    def watched(layer, core, build, **options):
        tiles = tiles_of(layer, core, build, **options)
        shape = layer.output_shape
        cut = {"M": any(tile.pixels < shape.pixels for tile in tiles),
               "N": any(tile.channels < shape.channels for tile in tiles),
               "K": any(tile.existing for tile in tiles)}
        cuts[kind_of(core.name)] |= {axis for axis, is_cut in cut.items() if is_cut}
        return tiles

    monkeypatch.setattr("compiler.compile.tiles_of", watched)
    for seed in range(1, 1 + CORES):
        core, tasks, options = draw(seed, tmp_path)
        engine = kind_of(core.parameters.name)
        seen |= {(engine, layer.kind) for task in tasks for layer in task.workload.layers}
        seen |= {"pauses"} if options["pauses"] else set()
        rows = "jobs in a row" + ("" if core.parameters.prefetch else ", no prefetch")
        seen |= {rows for task in tasks for segment in task.program.segments
                 if len(segment.jobs) > 1}
    wanted = {(engine, kind) for engine in ENGINES for kind in KINDS}
    wanted |= {"pauses", "jobs in a row", "jobs in a row, no prefetch"}
    assert wanted <= seen
    assert all(cut == {"M", "N", "K"} for cut in cuts.values()), cuts
