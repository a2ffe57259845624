"""Energies of analog compute-in-memory, worked out by hand."""

import pytest

from energy.activity import Activity
from energy.annotate import annotate
from tests.energy.toy_cim import LINE, PERIOD, REGISTER, component, net, part, run_of_8_macs


@pytest.fixture
def run(run):
    return run_of_8_macs(run)


@pytest.fixture
def manifest(manifest):
    """Two physical columns of 8 rows, 4 of them active, that share a converter of 5 bits."""
    return manifest | {"memories": [], "windows": [], "components": [
        component("engine", "engine", inputs="uint4", weights="uint2", columns_per_adc=2),
        component("engine.word_lines", "word_lines", rows=8, rows_active=4, inputs="uint4",
                  dac_bits=2),
        component("engine.group_0", "cim_group", rows=8, physical_columns=2, weights="uint2",
                  weight_columns=1, converters=1),
        component("engine.group_0.columns_0", "analog_columns", rows=8, columns=2, banks=1,
                  rows_active=4, dac_bits=2, cell_bits=1),
        component("engine.group_0.adc_0", "analog_adc", bits=5),
        component("engine.group_0.shift_add_0", "shift_accumulate", bits=12, bits_per_cycle=2,
                  slots=2, converters=1, number_bits=6),
        component("engine.group_0.weight_sum_0", "weight_sum", bits=6, banks=1),
    ]}


@pytest.fixture
def activity():
    """6 cycles of conversion: 3 steps of 2 columns; lines are up for 8 row-steps' bits."""
    lines = net((2,) * 4 + (0,) * 12, (4,) * 4 + (0,) * 12)
    return Activity(source="made up", duration_ns=20 * PERIOD, nets={
        "engine.word_lines.lines": lines,
        "engine.group_0.add": net((2,), (6,)),
        "engine.group_0.step": net((0,), (0,)),
        "engine.group_0.columns_0.lines": lines,
        "engine.group_0.columns_0.write_banks": net((2,), (8,)),
        "engine.group_0.columns_0.cell": net((9,)),
        "engine.group_0.adc_0.code": net((3,) * 5),
        "engine.group_0.shift_add_0.add": net((2,), (6,)),
        "engine.group_0.shift_add_0.total": net((2,) * 12),
        "engine.group_0.weight_sum_0.write_banks": net((2,), (8,)),
    })


def test_analog_array(manifest, activity, run, technology):
    report = annotate(manifest, activity, run, technology,
                      ["engine.group_0.columns_0.cell", "engine.group_0.adc_0.code"])
    energies = {found.label: (found.actions, found.activity_pj) for found in report.parts}
    number, total, weights = 6 / 8 * 0.03, 0.03 + 0.07 * 4 / 24, 6 / 8 * 0.03
    expected = {
        "ADC conversions": (6, 6 * 0.0275 * 32),
        "analog cell bit lines": (6, 6 * 8 * LINE),
        "analog cell word lines": (4, 4 * 2 * LINE),
        "analog cell writes": (8, 8 * 2 * REGISTER),
        "word line converters": (8, 8 * 0.0405),
        "ADC scaling": (6, 15 / 2.5 * number),
        "shift accumulate adders": (6, 24 / 6 * total),
        "weight sum adders": (8, 8 * weights),
    }
    assert energies == {label: pytest.approx(values) for label, values in expected.items()}
    assert report.efficiency["toggle_rate"] == 8 / (4 * 2 * 3)
    assert report.efficiency["zero_share"] == pytest.approx(1 - 8 / 24)


def test_errors_add_up_by_part(manifest, activity, run, technology):
    report = annotate(manifest, activity, run, technology, [])
    factors = {found.label: found.error_factor for found in report.parts}
    assert factors["ADC conversions"] == 4
    assert factors["word line converters"] == 7
    assert factors["weight sum adders"] == 2
    adc, dac = 6 * 0.0275 * 32, 8 * 0.0405
    rest = report.total_pj - adc - dac
    assert report.error["high_pj"] == pytest.approx(4 * adc + 7 * dac + 2 * rest)
    assert report.error["low_pj"] == pytest.approx(adc / 4 + dac / 7 + rest / 2)
    assert report.error["factor"] == pytest.approx(report.error["high_pj"] / report.total_pj)


def test_lines_of_one_bit_need_no_converter(manifest, activity, run, technology):
    for entry in manifest["components"]:
        if "dac_bits" in entry["parameters"]:
            entry["parameters"]["dac_bits"] = 1
    report = annotate(manifest, activity, run, technology, [])
    assert "word line converters" not in [found.label for found in report.parts]


def test_converters_scale_by_more_than_a_bit(manifest, activity, run, technology):
    activity.nets["engine.group_0.step"] = net((0, 0), (0, 0))
    report = annotate(manifest, activity, run, technology, [])
    assert part(report, "ADC scaling").fixed_pj == pytest.approx(
        6 * (6 / 8 * 0.03 + technology.multiplier_pj(5, 2)))
