"""Random cores run random layers, and everything about them is as predicted.

A failing seed is run alone with ``ERGON_SEED=<seed> ERGON_CORES=1``.
"""

import os
from random import Random

import pytest

import compiler.compile
from hw.parameters import Dataflow

from .harness import assert_right, generated_core
from .random_cores import KINDS, LAYERS, random_config, random_tasks

SEED = int(os.environ.get("ERGON_SEED", "1"))
CORES = int(os.environ.get("ERGON_CORES", "56"))
SEEDS = range(SEED, SEED + CORES)
UNDER_VERILATOR = 3


def draw(seed, folder):
    """Core, tasks and simulation options of a seed; dataflows take turns."""
    random = Random(seed)
    flow = tuple(Dataflow)[seed % len(Dataflow)]
    core = generated_core(random_config(random, f"random_{seed}", flow))
    tasks = random_tasks(random, core, folder)
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
