"""The digits network on digital compute-in-memory: golden, and the same numbers as on an array."""

import numpy as np
import pytest

from compiler.workload import load_workload

from .harness import Core, assert_right, compiled

IMAGES = 2
PUBLISHED_IMAGES = 10
COMMON = {
    "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
    "memories": {"activation_words": 1024, "weight_words": 1024, "accumulator_words": 64,
                 "parameter_words": 16, "program_words": 128},
    "post_processing": {"lanes": 4, "multiplier_bits": 32},
}
ARRAY = {"kind": "systolic", "dataflow": "weight_stationary", "rows": 8, "columns": 4}
MACROS = {
    "plain": {"kind": "digital_cim", "rows": 8, "columns": 4},
    # Both rows of macros, two bits at a time, pipelined trees, zero digits skipped.
    "grid": {"kind": "digital_cim", "rows": 8, "columns": 2, "macros": {"rows": 2, "columns": 2},
             "bits_per_cycle": 2, "tree": "ripple", "tree_registers": 1, "banks": 4,
             "skip_zero_planes": True},
    "one bank": {"kind": "digital_cim", "rows": 9, "columns": 4, "bits_per_cycle": 4, "banks": 1,
                 "cell_macro": "foundry_cells"},
}


def digits(engine):
    """A small core with that engine, and the network as its task."""
    core = Core.of({"name": "digits_cim", "engine": engine, **COMMON})
    return core, compiled(core, load_workload("digits", 0, core.formats, IMAGES))


@pytest.fixture(scope="module")
def on_an_array():
    """What a systolic array makes of the images."""
    core, task = digits(ARRAY)
    return assert_right(core, [task], simulator="icarus").tensors


@pytest.mark.rtl
@pytest.mark.parametrize(("engine", "simulator"), [
    ("plain", "icarus"), ("plain", "verilator"), ("grid", "icarus"), ("one bank", "icarus")])
def test_small_macros(engine, simulator, on_an_array):
    core, task = digits(MACROS[engine])
    tensors = assert_right(core, [task], simulator=simulator).tensors
    assert tensors.keys() == on_an_array.keys()
    for name, values in on_an_array.items():
        np.testing.assert_array_equal(tensors[name], values, err_msg=name)


@pytest.mark.rtl
def test_published_macro():
    core = Core.published("digital_cim_64x16_int8")
    task = compiled(core, load_workload("digits", 0, core.formats, PUBLISHED_IMAGES))
    assert_right(core, [task], simulator="verilator")
