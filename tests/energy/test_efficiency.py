"""TOPS/W, and that it never stands alone."""

import pytest
from rich.console import Console

from energy.annotate import annotate
from energy.page import render_html
from energy.report import terminal_report
from tests.energy.toy_cim import (
    REGISTER,
    digital_activity,
    digital_manifest,
    net,
    run_of_8_macs,
)


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
    return annotate(manifest, activity, run, technology, [])


def test_efficiency(report):
    found = report.efficiency
    total = report.total_pj
    assert {name: found[name] for name in ("inputs", "weights", "input_bits", "node_nm",
                                           "voltage_v")} == {
        "inputs": "uint4", "weights": "int2", "input_bits": 4, "node_nm": 45, "voltage_v": 0.9}
    assert found["toggle_rate"] == 8 / 32      # of 4 rows in 8 steps
    assert found["zero_share"] == 24 / 32
    assert found["core"]["energy_pj"] == total
    assert found["core"]["tops_per_watt"] == pytest.approx(16 / total)
    assert found["core"]["fj_per_1b_operation"] == pytest.approx(1000 * total / (16 * 4 * 2))
    assert report.to_dict()["efficiency"] == found


def test_macros_are_a_part_of_the_core(manifest, activity, run, technology):
    activity.nets["busy"] = net((10,))
    report = annotate(manifest, activity, run, technology, ["busy"])
    assert report.efficiency["macros"]["energy_pj"] == pytest.approx(
        report.total_pj - 10 * REGISTER)
    assert report.efficiency["core"]["energy_pj"] == report.total_pj


def test_fewer_input_bits_are_fewer_bit_operations(manifest, activity, run, technology):
    run["layers"] = [run["layers"][0] | {"macs": 6, "input_bits": 2},
                     run["layers"][0] | {"macs": 2}]
    report = annotate(manifest, activity, run, technology, [])
    assert report.efficiency["input_bits"] == 2.5
    assert report.efficiency["core"]["fj_per_1b_operation"] == pytest.approx(
        1000 * report.total_pj / (16 * 2.5 * 2))
    assert "at uint4 (2.5 bits used) x int2, 0.9 V (45 nm)" in shown(report)


def shown(report):
    console = Console(width=150)
    with console.capture() as capture:
        console.print(terminal_report(report))
    return capture.get()


def test_efficiency_is_shown_with_its_conditions(report):
    text, page = shown(report), render_html(report)
    assert "TOPS/W, macros alone" in text
    assert "fJ per operation on 1 x 1 bit" in text
    for output in (text, page):
        assert ("uint4 x int2, 0.9 V (45 nm), toggle rate 0.25 per word-line bit and step, input "
                "sparsity 75.0 % (word-line bits that are 0)") in output
    assert "<th>TOPS/W</th>" in page
    assert "adc_step" in page


def without_steps(manifest, activity, run):
    activity.nets["engine.macro_0_0.column_0.accumulate.add"] = net((0,), (0,))


def without_macs(manifest, activity, run):
    run["macs"] = run["layers"][0]["macs"] = 0


def without_formats(manifest, activity, run):
    del manifest["components"][0]["parameters"]["inputs"]


@pytest.mark.parametrize("change", [without_steps, without_macs, without_formats])
def test_no_efficiency_without_its_conditions(manifest, activity, run, technology, change):
    change(manifest, activity, run)
    report = annotate(manifest, activity, run, technology, [])
    assert report.efficiency is None
    assert report.to_dict()["efficiency"] is None
    assert "TOPS/W" not in shown(report) + render_html(report)
