"""Energies worked out by hand."""

import math

import pytest

from energy.activity import Activity, Net
from energy.annotate import annotate
from energy.netlist import register_paths
from energy.reading import read_activity
from generators.errors import UserError

MULTIPLY_4X4 = 0.2 * 0.25 ** (math.log(15.5) / math.log(16))
ADD_10 = 0.03 + 0.07 * 2 / 24
REGISTER = 0.00901
ACCESS = 64 * REGISTER * 8 / 64  # the floor, for a word of 8 bits


def net(*toggles, high_ns=0.0):
    return Net(toggles=toggles, high_ns=(high_ns,) * len(toggles))


@pytest.fixture
def activity():
    """20 cycles: 8 reads, 4 writes; operands toggle 0.25 and 0.5 times per bit and MAC."""
    return Activity(source="made up", duration_ns=200.0, nets={
        "memory.read_en": net(2, high_ns=80.0),
        "memory.write_any": net(2, high_ns=40.0),
        "pe_0.moving_i": net(2, 2, 2, 2),
        "pe_1.moving_i": net(4, 4, 4, 4),
        "pe_0.sum_o": net(*[1] * 10),
        "pe_1.sum_o": net(*[6] * 10),
        "counter": net(8, 4),
    })


@pytest.fixture
def registers():
    return ["pe_0.sum_o", "pe_1.sum_o", "counter", "memory.inside", "pe_0.hidden"]


@pytest.fixture
def report(manifest, activity, run, technology, registers):
    return annotate(manifest, activity, run, technology, registers)


def part(report, label):
    return next(part for part in report.parts if part.label == label)


def test_multipliers(report):
    found = part(report, "PE multiplier")
    assert (found.path, found.count, found.actions) == ("pe_*", 2, 16)
    assert found.fixed_pj == pytest.approx(16 * MULTIPLY_4X4)
    # 8 of the 16 expected toggles of four bits in eight MACs, and all of them.
    assert found.activity_pj == pytest.approx((4 + 8) * MULTIPLY_4X4)


def test_adders(report):
    found = part(report, "PE adder")
    assert (found.path, found.count, found.actions) == ("pe_1", 1, 8)  # row 0 adds nothing
    assert found.fixed_pj == pytest.approx(8 * ADD_10)
    assert found.activity_pj == pytest.approx(12 * ADD_10)


def test_registers(report):
    elements, core = part(report, "PE registers"), part(report, "core registers")
    assert elements.fixed_pj == pytest.approx(16 * 10 * 0.5 * REGISTER)
    assert elements.activity_pj == pytest.approx(70 * REGISTER)
    assert (core.path, core.actions) == ("", 12)
    assert core.fixed_pj == core.activity_pj == pytest.approx(12 * REGISTER)
    assert "1 registers of pe that the activity file does not hold" in report.not_priced


def test_memories(report):
    found = part(report, "weights SRAM")
    assert (found.reads, found.writes, found.actions) == (8, 4, 12)
    assert found.fixed_pj == found.activity_pj == pytest.approx(12 * ACCESS)


def test_totals(report):
    activity = 12 * MULTIPLY_4X4 + 12 * ADD_10 + 82 * REGISTER + 12 * ACCESS
    assert report.total_pj == pytest.approx(activity)
    assert report.baseline_total_pj == pytest.approx(
        16 * MULTIPLY_4X4 + 8 * ADD_10 + 92 * REGISTER + 12 * ACCESS)
    result = report.to_dict()
    assert result["pj_per_mac"] == pytest.approx(activity / 16)
    assert result["error"]["factor"] == 2
    assert result["error"]["low_pj"] == pytest.approx(activity / 2)
    assert result["error"]["text"] == (
        "not calibrated: energies per operation, good to about a factor of 2 either way; without "
        "wires, clock tree, clock pins, glitches, and leakage")
    assert {"config", "workload", "cycles", "macs", "mismatches", "accesses", "components",
            "technology"} <= result.keys()


def test_layers_share_by_what_they_used(report):
    first, second = report.layers
    assert first["utilization"] == 1
    assert first["parts"]["PE multiplier"] == pytest.approx(12 / 16 * 12 * MULTIPLY_4X4)
    assert first["parts"]["weights SRAM"] == pytest.approx(6 * ACCESS)
    assert first["parts"]["core registers"] == pytest.approx(6 / 20 * 12 * REGISTER)
    assert second["parts"]["weights SRAM"] == pytest.approx(2 * ACCESS)
    assert report.outside["parts"]["weights SRAM"] == pytest.approx(4 * ACCESS)
    assert report.outside["parts"]["core registers"] == pytest.approx(10 / 20 * 12 * REGISTER)
    for view, total in (("activity_pj", report.total_pj), ("fixed_pj", report.baseline_total_pj)):
        assert sum(row[view] for row in (*report.layers, report.outside)) == pytest.approx(total)


def test_notes(report, manifest, activity, run, technology):
    assert any("covers 20 cycles, the run itself 10" in note for note in report.notes)
    run["layers"][0]["accesses"]["weights"]["reads"] = 100
    run["host_bytes"] = 8000
    notes = annotate(manifest, activity, run, technology, []).notes
    assert any("layers claim 102 memory accesses, but only 12" in note for note in notes)
    assert any("8 kB" in note and "1.3 µJ to 2.6 µJ" in note for note in notes)


def test_srams_abreast_count_words(manifest, activity, run, technology):
    manifest["memories"].append({**manifest["memories"][0], "width": 16})
    memory = part(annotate(manifest, activity, run, technology, []), "weights SRAM")
    assert (memory.count, memory.reads) == (2, 8)
    assert memory.fixed_pj == pytest.approx(12 * 3 * ACCESS)


def test_lanes_are_counted_by_their_enables(manifest, activity, run, technology):
    manifest["components"] += [
        {"path": "accumulate.lane_0", "module": "", "kind": "accumulate_lane",
         "parameters": {"accumulator": "int32"}},
        {"path": "post", "module": "", "kind": "post_processing",
         "parameters": {"columns": 4, "lanes": 2}},
        {"path": "post.lane_1", "module": "", "kind": "requantize",
         "parameters": {"multiplier_bits": 32}},
    ]
    activity.nets.update({
        "accumulate.lane_0.add": net(1, high_ns=50.0), "accumulate.lane_0.total": net(*[5] * 32),
        "post.i_valid": net(1, high_ns=30.0), "post.lane_1.x": net(*[0] * 32),
    })
    report = annotate(manifest, activity, run, technology, [])
    adder = part(report, "accumulate lane adder")
    assert (adder.actions, adder.fixed_pj) == (5, pytest.approx(0.5))
    assert adder.activity_pj == pytest.approx(1.0)
    multiplier = part(report, "requantize multiplier")
    assert (multiplier.actions, multiplier.fixed_pj) == (6, pytest.approx(18.6))
    assert multiplier.activity_pj == 0
    rounding = part(report, "requantize adders")  # no net to scale by: fixed
    assert rounding.activity_pj == rounding.fixed_pj == pytest.approx(1.2)
    assert "logic between the registers of post_processing" in report.not_priced


def test_both_simulators_give_one_report(data, manifest, run, technology):
    registers = register_paths((data / "tiny.v").read_text(), "tiny")
    saif, fst = (annotate(manifest, read_activity([data / name], "tiny"), run, technology,
                          registers) for name in ("tiny.saif", "tiny.fst"))
    assert saif.total_pj == pytest.approx(fst.total_pj)
    assert saif.layers == tuple(fst.layers)
    assert part(saif, "weights SRAM").actions == 16


def test_a_run_that_is_none(manifest, activity, run, technology):
    with pytest.raises(UserError, match=r"^run: cycles, layers missing; use the JSON that `ergon "
                                        r"simulate --json` prints$"):
        annotate(manifest, activity, {key: value for key, value in run.items()
                                      if key not in ("cycles", "layers")}, technology, [])
    with pytest.raises(UserError, match=r"^run: 0 cycles is no run; simulate a workload first$"):
        annotate(manifest, activity, {**run, "cycles": 0}, technology, [])


def test_a_run_without_macs(manifest, activity, run, technology):
    pooling = {**run, "macs": 0, "layers": [{**run["layers"][0], "macs": 0}]}
    report = annotate(manifest, activity, pooling, technology, [])
    assert report.to_dict()["pj_per_mac"] is None
    assert report.layers[0]["pj_per_mac"] is None
