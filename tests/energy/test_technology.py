"""Energies per operation, at the published points and between them."""

import csv
import math
import statistics
from pathlib import Path

import pytest
import yaml

import energy.technology
from energy.technology import load_technology
from generators.errors import UserError

FILE = Path(energy.technology.__file__).parent / "technologies" / "horowitz_45nm.yaml"


@pytest.fixture
def document():
    return yaml.safe_load(FILE.read_text())


def load(document, folder):
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return load_technology(path)


def test_published_points_are_met(technology):
    assert technology.adder_pj(8) == pytest.approx(0.03)
    assert technology.adder_pj(32) == pytest.approx(0.1)
    assert technology.multiplier_pj(8, 8) == pytest.approx(0.2)
    assert technology.multiplier_pj(32, 32) == pytest.approx(3.1)
    for kib, energy_pj in ((8, 10), (32, 20), (1024, 100)):
        assert technology.sram.read_pj(kib * 128, 64) == pytest.approx(energy_pj)
    assert technology.dram_pj(8) == (1300, 2600)
    assert technology.hbm_pj(8) == pytest.approx(8 * 39)


def test_interpolation(technology):
    assert technology.adder_pj(20) == pytest.approx(0.065)
    assert technology.adder_pj(4) == pytest.approx(0.015)
    exponent = math.log(15.5) / math.log(16)
    assert technology.multiplier_pj(8, 4) == technology.multiplier_pj(4, 8)
    assert technology.multiplier_pj(8, 4) == pytest.approx(0.2 * 0.5**exponent)
    assert technology.sram.read_pj(256, 64) == pytest.approx(5)  # 2 KiB: half of 8 KiB's
    assert technology.sram.read_pj(2048, 128) == pytest.approx(40)  # 32 KiB, two times 64 bits
    assert technology.sram.read_pj(2, 64) == pytest.approx(64 * 0.00901)


def test_rules_and_checks_are_told(technology):
    assert len(technology.rules()) == 6
    assert "would miss the second by +3.2%" in technology.rules()[1]
    assert technology.file.checks[0] == (
        "16-bit addition: published 0.05 pJ (H14), the line gives 0.053 pJ")
    assert technology.adder_pj(16) == pytest.approx(0.053, abs=5e-4)
    assert technology.sram.read_pj(4096, 128) == pytest.approx(55, abs=0.5)
    assert technology.sram.read_pj(32768, 128) == pytest.approx(145, abs=0.5)


def test_compute_in_memory(technology):
    assert technology.cell_product_pj == pytest.approx(0.0005625)
    assert technology.full_adder_pj == pytest.approx(0.00375)
    # Half a NAND gate's 0.7 fF at 28 nm.
    assert technology.cell_line_pj == pytest.approx(0.35e-3 * 45 / 28 * 0.9**2, rel=1e-3)
    assert technology.cim("dac_bit").value == pytest.approx(50e-3 * 0.9**2)
    assert technology.adc_pj(6) == pytest.approx(1.76)
    assert technology.adc_pj(7) == 2 * technology.adc_pj(6)
    rules = technology.rules()[3:]
    assert "0.56 fJ" in rules[0]
    assert "3.75 fJ per full adder" in rules[1]
    assert "0.44 pJ at 4 bits, 1.76 pJ at 6, 7.04 pJ at 8" in rules[2]


def test_converter_step_is_the_median_of_the_survey(technology, data):
    """The converters that the constant's note describes, from B. Murmann's survey (BSD-3)."""
    with (data / "adc_survey_sar.csv").open() as lines:
        rows = [{name: float(value) for name, value in row.items() if name != "sheet"}
                for row in csv.DictReader(lines)]
    assert len(rows) == 12
    steps = []
    for row in rows:
        effective_bits = (row["sndr_plot_db"] - 1.76) / 6.02
        assert 0.04 <= row["technology_um"] <= 0.065
        assert 1e6 <= row["fsnyq_hz"] <= 1e9
        assert 4 <= effective_bits < 10
        steps.append(1e12 * row["power_w"] / row["fsnyq_hz"] / 2**effective_bits)
    constant = technology.cim("adc_step")
    assert constant.value == pytest.approx(statistics.median(steps), rel=2e-3)
    tenth, *_, ninetieth = statistics.quantiles(steps, n=10, method="inclusive")
    assert (tenth, ninetieth) == (pytest.approx(0.0071, rel=0.01), pytest.approx(0.110, rel=0.01))
    factor = constant.error_factor
    assert sum(constant.value / factor <= step <= constant.value * factor for step in steps) == 8


def test_supply_and_node(technology):
    assert (technology.file.node_nm, technology.file.voltage_v) == (45, 0.9)


def test_compute_in_memory_is_optional_and_whole(document, tmp_path):
    section = document.pop("compute_in_memory")
    bare = load(document, tmp_path)
    assert len(bare.rules()) == 3
    assert [name for name, _ in bare.file.all_constants] == [
        *document["constants"], *list(document["sram"])[1:], *document["dram"]]
    del section["cell_line"]
    section["adc_step"]["source"] = "X"
    with pytest.raises(UserError, match=r"compute_in_memory\.cell_line: is missing; add it"):
        load(document | {"compute_in_memory": section}, tmp_path)
    section["cell_line"] = dict(section["dac_bit"])
    with pytest.raises(UserError, match=r"compute_in_memory\.adc_step cites X, which sources does "
                                        r"not list; add it there"):
        load(document | {"compute_in_memory": section}, tmp_path)


def test_unknown_name():
    with pytest.raises(UserError, match=r"^technology: tsmc7 is not known; use horowitz_45nm, "
                                        r"osu018, sg13g2, sky130hd or the path of a YAML file$"):
        load_technology("tsmc7")


@pytest.mark.parametrize(("change", "message"), [
    ({"value": "1e-3x"}, "constants.int_add_8.value: '1e-3x' is not a number; write it like 0.03 "
                         "or 1.0e-3"),
    ({"value": 0}, "constants.int_add_8.value: 0 is not a positive number; write the published "
                   "value"),
    ({"value": 0.2}, "constants: int_add_8 is 0.2 pJ, more than int_add_32 with 0.1 pJ; correct "
                     "one of them"),
    ({"unit": "nJ"}, "constants.int_add_8.unit: 'nJ' is not one of the choices; use pJ"),
    ({"error_factor": 0.5}, "constants.int_add_8.error_factor: 0.5 is below 1; a factor of 1 means "
                            "exact, 2 means half to double"),
    ({"source": "X"}, "file: constants.int_add_8 cites X, which sources does not list; add it "
                      "there"),
])
def test_wrong_constants(document, tmp_path, change, message):
    document["constants"]["int_add_8"].update(change)
    with pytest.raises(UserError) as error:
        load(document, tmp_path)
    assert [text.partition(" (line")[0] for text in error.value.messages] == [message]


@pytest.mark.parametrize(("section", "key", "value", "message"), [
    ("sram", "kind", "table", "sram.kind: 'table' is not one of the choices; use points or macros"),
    ("sram", "sram_1_mb", 3, "sram.sram_1_mb: unknown key; did you mean sram_1_mib?"),
    ("dram", "hbm", None, "dram.hbm: None is not a mapping; write `key: value` lines"),
])
def test_wrong_sections(document, tmp_path, section, key, value, message):
    document[section][key] = value
    with pytest.raises(UserError) as error:
        load(document, tmp_path)
    assert [text.partition(" (line")[0] for text in error.value.messages] == [message]


def test_bands_ascend_and_sources_are_listed(document, tmp_path):
    band = {"low": 1, "typical": 2, "high": 1.5}
    tree = {"pin_ff": 2, "wire_ff": {**band, "high": 3}, "buffers": {**band, "high": 3},
            "source": "X", "reason": "an estimate"}
    with pytest.raises(UserError, match=r"wires\.ff_per_fanout: low, typical and high are 1, 2 and "
                                        r"1\.5; write them in ascending order"):
        load(document | {"wires": {"ff_per_fanout": band, "reason": ""}}, tmp_path)
    with pytest.raises(UserError, match=r"clock_tree cites X, which sources does not list"):
        load(document | {"clock_tree": tree}, tmp_path)


def test_survey_of_converters_is_told(technology):
    assert "5 to 7 effective bits, 1.26, 3.17, 10.5 pJ (33)" in technology.rules()[5]


@pytest.mark.parametrize("name", ["osu018", "sky130hd", "sg13g2"])
def test_technologies_of_libraries(name):
    technology = load_technology(name)
    file = technology.file
    assert {constant.kind for _, constant in file.constants} == {"measured"}
    assert file.temperature_c == 25
    assert len(technology.rules()) == 8
    assert file.wires.ff_per_fanout.typical == (6 if file.node_nm == 180 else 3)
    assert technology.sram.is_scaled == (name != "sg13g2")


@pytest.mark.parametrize("name", ["fpga", "ECP5"])
def test_fpgas_have_no_switching_model(name):
    with pytest.raises(UserError, match=rf"^technology: {name} has no switching model; an FPGA's "
                                        r"energy is its board's power times the time of a run, so "
                                        r"measure that power and use the run's cycles and clock$"):
        load_technology(name)


def test_missing_and_unknown_keys_are_reported_together(document, tmp_path):
    del document["constants"]["int_mul_8"]
    document["constants"]["int_mul_32"]["sorce"] = "H14"
    document["version"] = 2
    with pytest.raises(UserError) as error:
        load(document, tmp_path)
    messages = "\n".join(error.value.messages)
    assert "version: 2 is not a known version; use 1" in messages
    assert "constants.int_mul_8: is missing; add it" in messages
    assert "constants.int_mul_32.sorce: unknown key; did you mean source?" in messages
