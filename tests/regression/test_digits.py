"""The digits network on generated cores: every tensor of every image equals the golden model's."""

from collections import Counter

import numpy as np
import pytest

from compiler.workload import load_workload
from sim.golden import Accumulation, run_workload

from .harness import Core, assert_right, compiled

IMAGES = 3
ROOMY = {"activation_words": 512, "weight_words": 1024, "accumulator_words": 64,
         "parameter_words": 16, "program_words": 128}
TIGHT = {"activation_words": 64, "weight_words": 64, "accumulator_words": 16,
         "parameter_words": 2, "program_words": 64}


def config(dataflow, memories):
    return {"name": "digits_core",
            "engine": {"kind": "systolic", "dataflow": dataflow, "rows": 8, "columns": 8},
            "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
            "memories": memories, "post_processing": {"lanes": 8, "multiplier_bits": 32}}


def digits(core):
    return compiled(core, load_workload("digits", 0, core.formats, IMAGES))


def jobs_by_layer(task):
    """Jobs of one image."""
    jobs = Counter(job.layer for segment in task.program.segments for job in segment.jobs)
    return {layer: count // IMAGES for layer, count in jobs.items()}


@pytest.mark.rtl
@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_network_runs_from_one_start(simulator):
    core = Core.of(config("weight_stationary", ROOMY))
    task = digits(core)
    assert len(task.program.segments) == IMAGES
    assert set(jobs_by_layer(task).values()) == {1}
    result = assert_right(core, [task], simulator=simulator)
    classes = np.stack([result.tensors[f"0.classes@{image}"] for image in range(IMAGES)])
    golden = run_workload(task.workload, Accumulation())
    assert classes.reshape(IMAGES, -1).argmax(axis=1).tolist() == golden.predictions.tolist()


@pytest.mark.rtl
@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary",
                                      "input_stationary"])
def test_network_runs_in_tiles_of_every_layer(dataflow):
    core = Core.of(config(dataflow, TIGHT))
    task = digits(core)
    assert min(jobs_by_layer(task).values()) > 1
    assert len(task.program.segments) > IMAGES * len(task.workload.layers)
    assert_right(core, [task], simulator="icarus")
