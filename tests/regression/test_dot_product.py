"""What dot-product cores must reach, and whether faults in their multipliers are seen."""

import re

import pytest

from compiler.workload import load_workload
from sim.runner import simulate

from .harness import Core, assert_right, compiled, joined, problems

NARROW, WIDE = "dot_product_16x16_int8", "dot_product_16x16_int8_wide"
NAMES = [NARROW, WIDE, "dot_product_8x32_int8"]
FAULTS = {"not double-buffered": (r"if \(swap\) (current <= \w+);", r"\1;"),
          "loads every cycle": (r"if \(load\) (following <= \w+);", r"\1;"),
          "never moves up": (r"if \(swap\) current <= \w+;", "")}


def product(core, name):
    return compiled(core, load_workload(name, 1, core.formats))


def utilization(core, program):
    return program.macs / program.cycles / core.parameters.geometry.macs_per_cycle


@pytest.mark.parametrize("name", NAMES)
def test_a_matrix_product_keeps_the_multipliers_busy(name):
    core = Core.published(name)
    assert utilization(core, product(core, "gemm:256x256x256").program) >= 0.99


@pytest.mark.parametrize("name", NAMES)
def test_a_matrix_vector_product_takes_a_beat_of_weights_in_every_cycle(name):
    """To the cycle: whatever its size, the same few cycles come on top."""
    core = Core.published(name)
    on_top = set()
    for inputs, outputs in ((64, 32), (256, 64), (128, 256), (256, 256)):
        program = product(core, f"gemm:1x{inputs}x{outputs}").program
        on_top.add(program.cycles - inputs * outputs // core.parameters.weight_lanes)
    assert len(on_top) == 1
    assert on_top.pop() < 10


def test_whole_tiles_per_cycle_make_matrix_vector_products_as_busy():
    core = Core.published(WIDE)
    assert utilization(core, product(core, "gemm:1x256x256").program) >= 0.95


@pytest.mark.rtl
@pytest.mark.parametrize("name", [NARROW, WIDE])
def test_the_rtl_s_matrix_vector_product_is_as_predicted(name):
    core = Core.published(name)
    assert_right(core, [product(core, "gemm:1x256x256")], simulator="verilator")


@pytest.fixture(scope="module")
def small():
    return Core.of({
        "name": "fault_dot_product",
        "engine": {"kind": "dot_product", "rows": 4, "columns": 3, "weight_rows": 2},
        "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
        "memories": {"activation_words": 256, "weight_words": 64, "accumulator_words": 128,
                     "parameter_words": 8, "program_words": 64},
        "post_processing": {"lanes": 3, "multiplier_bits": 32}})


@pytest.mark.rtl
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_seen(fault, small, tmp_path):
    text, found = re.subn(*FAULTS[fault], small.manifest_path.with_suffix(".v").read_text())
    assert found, "the fault is nowhere in the Verilog"
    manifest = tmp_path / small.manifest_path.name
    manifest.write_text(small.manifest_path.read_text())
    manifest.with_suffix(".v").write_text(text)
    tasks = [product(small, "gemm:9x7x10")]
    result = simulate(manifest, *joined(tasks), simulator="icarus")
    assert any("wrong" in problem for problem in problems(small, tasks, result))
