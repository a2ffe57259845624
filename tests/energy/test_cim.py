"""Energies of digital compute-in-memory, worked out by hand."""

import math

import pytest

from energy.activity import Activity
from energy.annotate import annotate
from energy.technology import Technology
from generators.errors import UserError
from tests.energy.toy_cim import (
    FULL_ADDER,
    LINE,
    PERIOD,
    REGISTER,
    component,
    digital_activity,
    digital_manifest,
    net,
    part,
    run_of_8_macs,
)

PRODUCT = 0.018 / 32


@pytest.fixture
def manifest(manifest):
    return digital_manifest(manifest)


@pytest.fixture
def activity():
    return digital_activity()


@pytest.fixture
def run(run):
    return run_of_8_macs(run)


@pytest.fixture
def report(manifest, activity, run, technology):
    return annotate(manifest, activity, run, technology, [
        "engine.macro_0_0.column_0.cells.rows_0.row_0_bank_0",
        "engine.macro_0_0.column_0.accumulate.total",
        "engine.macro_0_0.column_0.count_0_0"])


def test_cells(report):
    products = part(report, "bit cell products")
    assert (products.count, products.actions, products.unit) == (1, 16, "products")
    assert products.fixed_pj == pytest.approx(16 * PRODUCT)
    assert products.activity_pj == pytest.approx(10 / 0.5 * PRODUCT)
    lines = part(report, "bit cell word lines")
    assert lines.actions == 8
    assert lines.fixed_pj == pytest.approx(8 * 2 * LINE)
    assert lines.activity_pj == pytest.approx(8 / 2 * 2 * LINE)


def test_writes_stand_for_the_registers_of_cells(report):
    writes = part(report, "bit cell writes")
    per_bit = 10 * math.sqrt(2 / 8192) / 64    # 8 words of 2 bits, below 8 KiB by the square root
    floor = REGISTER
    assert per_bit < floor
    assert writes.actions == 8
    assert writes.fixed_pj == writes.activity_pj == pytest.approx(8 * 2 * floor)
    assert not any(found.label == "bit cell registers" for found in report.parts)


def test_trees_are_counted_once(report):
    trees = part(report, "adder tree adders")
    assert (trees.count, trees.actions) == (2, 16)
    assert trees.path == "engine.macro_0_0.column_0.tree_0_*"
    # Ripple: half adders for 2 x 2 bits, then one and a full one. Carry-save: 4 bits become 3.
    assert trees.fixed_pj == pytest.approx(8 * (2.5 + 1) * FULL_ADDER)
    # 12 toggles of the 7 bits of all its sums; 8 of 3 bits of sum and 3 of the level.
    assert trees.activity_pj == pytest.approx(
        (12 / 3.5 * 2.5 + 8 / 3 * 1) * FULL_ADDER)


def test_sums_of_weights_and_totals(report):
    weights = part(report, "weight column adders")
    assert weights.fixed_pj == pytest.approx(8 * 2 * FULL_ADDER)    # 3 bits + 3 bits << 1
    assert weights.activity_pj == pytest.approx(16 / 2.5 * 2 * FULL_ADDER)
    total = part(report, "shift accumulate adders")
    add_9 = 0.03 + 0.07 / 24
    assert total.actions == 8
    assert total.fixed_pj == pytest.approx(8 * add_9)
    assert total.activity_pj == pytest.approx(54 / 4.5 * add_9)


def test_registers(report):
    total, counts = (part(report, "shift accumulate registers"),
                     part(report, "weight column registers"))
    assert total.fixed_pj == pytest.approx(8 * 9 * 0.5 * REGISTER)
    assert total.activity_pj == pytest.approx(54 * REGISTER)
    assert counts.activity_pj == pytest.approx(6 * REGISTER)
    assert len(report.parts) == 8


def test_planes_of_a_cycle_are_added(manifest, activity, run, technology):
    accumulate = manifest["components"][-1]
    accumulate["parameters"]["bits_per_cycle"] = 2
    activity.nets[f"{accumulate['path']}.sums"] = net((4,) * 10)
    report = annotate(manifest, activity, run, technology, [])
    assert part(report, "shift accumulate adders").fixed_pj == pytest.approx(
        8 * (0.03 + 0.07 / 24 + 5 * FULL_ADDER))
    assert part(report, "weight column adders").fixed_pj == pytest.approx(8 * 2 * 2 * FULL_ADDER)


def test_a_tree_behind_multipliers_adds_useful_products(manifest, run, technology):
    manifest["components"] = [
        component("engine", "engine", inputs="int4", weights="int4"),
        component("column.pe_0", "pe", input_bits=4, weight_bits=4),
        component("column.pe_1", "pe", input_bits=4, weight_bits=4),
        component("column.tree", "adder_tree", terms=2, operand="int8", style="ripple"),
    ]
    quiet = Activity(source="made up", duration_ns=20 * PERIOD, nets={
        "engine.valid": net((0,)), "column.tree.sum": net((0,) * 9),
        "column.pe_0.moving_i": net((4,) * 4), "column.pe_1.moving_i": net((4,) * 4)})
    report = annotate(manifest, quiet, run, technology, [])
    tree = part(report, "adder tree adders")
    assert (tree.actions, tree.activity_pj) == (4, 0)
    assert tree.fixed_pj == pytest.approx(4 * 7.5 * FULL_ADDER)
    assert [found.label for found in report.parts] == ["PE multiplier", "adder tree adders"]
    assert report.efficiency is None


def test_layers_share_by_macs(manifest, activity, run, technology):
    run["layers"] = [{"name": name, "cycles": 5, "macs": macs, "accesses": {}}
                     for name, macs in (("first", 6), ("second", 2))]
    report = annotate(manifest, activity, run, technology, [])
    products = part(report, "bit cell products").activity_pj
    writes = part(report, "bit cell writes").activity_pj
    assert report.layers[0]["parts"]["bit cell products"] == pytest.approx(6 / 8 * products)
    assert report.layers[0]["parts"]["bit cell writes"] == pytest.approx(5 / 20 * writes)


def test_notes(report, manifest, activity, run, technology):
    assert any(note.startswith("Compute-in-memory: as a fixed energy") for note in report.notes)
    manifest["components"] = []
    assert not any("Compute-in-memory" in note
                   for note in annotate(manifest, activity, run, technology, []).notes)


def test_nets_must_be_recorded(manifest, activity, run, technology):
    del activity.nets["engine.macro_0_0.column_0.cells.planes"]
    with pytest.raises(UserError, match=r"^made up: net engine\.macro_0_0\.column_0\.cells\.planes "
                                        r"is not in it; record the activity of the core"):
        annotate(manifest, activity, run, technology, [])


def test_a_technology_without_compute_in_memory(manifest, activity, run, technology):
    bare = Technology(technology.file.model_copy(update={"compute_in_memory": None}))
    with pytest.raises(UserError, match=r"^technology horowitz_45nm: compute_in_memory is missing, "
                                        r"and without it a compute-in-memory core has no price; "
                                        r"add it, or use horowitz_45nm$"):
        annotate(manifest, activity, run, bare, [])
    manifest["components"] = []
    assert annotate(manifest, activity, run, bare, []).total_pj == 0
