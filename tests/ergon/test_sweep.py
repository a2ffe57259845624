"""`ergon sweep`: its points, its files, and that its predictions are what a simulation counts."""

import csv
import json

import pytest
import yaml

from energy.predicted import predicted_parts
from energy.technology import load_technology
from ergon import flow
from ergon.console import View
from ergon.run import compile_for
from ergon.sweep_files import SWEEP, write_sweep
from generators.config import load_config
from generators.derive import derive
from sim.golden.analog_layers import driven_ones
from sim.golden.on_core import run_on_core

COLUMNS = ["rows_active", "adc_bits", "accuracy", "cycles_per_image", "energy_pj_per_image",
           "low_pj", "high_pj", "adc_share"]
# With 12 bits every sum of 16 rows of 4-bit digits and cells has a code of its own.
LOSSLESS = 12
GRID = ("--adc-bits", f"2,{LOSSLESS}", "--rows-active", "8,16", "--images", "6")


def core_of(folder, engine, activation_words=1024):
    """The file of a small core."""
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump({
        "version": 1, "name": "tiny", "engine": {"kind": "analog_cim", "columns": 4} | engine,
        "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
        "memories": {"activation_words": activation_words, "weight_words": 1024,
                     "accumulator_words": 64, "parameter_words": 16, "program_words": 256},
        "post_processing": {"lanes": 4}}))
    return path


@pytest.fixture
def core(tmp_path):
    return core_of(tmp_path, {"rows": 16, "rows_active": 8, "dac_bits": 4, "cell_bits": 4,
                              "columns_per_adc": 3, "adc_bits": 4})


def test_points(ergon, core, tmp_path):
    code, out, err = ergon("sweep", core, *GRID, "--out", tmp_path / "build", "--json")
    assert (code, err) == (0, [])
    data = json.loads(out)
    points = data["points"]
    assert [(point["rows_active"], point["adc_bits"]) for point in points] == [
        (8, 2), (8, LOSSLESS), (16, 2), (16, LOSSLESS)]
    for point in points:
        exact = point["adc_bits"] == LOSSLESS
        assert (point["accuracy"] == data["exact_accuracy"]) == exact
        assert set(point["converters"]) == {"conv1", "conv2", "classes"}
        if exact:
            assert all(settings == {"low": 0, "step": 1}
                       for settings in point["converters"].values())
        assert point["low_pj"] < point["energy_pj_per_image"] < point["high_pj"]
    # The network has a layer that uses more than 8 rows: they take one step instead of two.
    assert points[0]["cycles_per_image"] == points[1]["cycles_per_image"]
    assert points[1]["cycles_per_image"] > points[2]["cycles_per_image"]
    assert points[0]["adc_share"] < 0.2 < 0.9 < points[1]["adc_share"]


def test_files(ergon, core, tmp_path):
    code, out, _ = ergon("sweep", core, *GRID, "--out", tmp_path / "build")
    folder = tmp_path / "build" / "tiny" / "sweep_digits"
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(SWEEP)
    assert all(str(folder / name) in out for name in SWEEP)
    assert "digits on tiny: 6 images; exact arithmetic is right in 100.0 %" in out
    data = json.loads((folder / "sweep.json").read_text())
    with (folder / "sweep.csv").open() as file:
        rows = csv.DictReader(file)
        assert rows.fieldnames == COLUMNS
        assert list(rows) == [{key: str(point[key]) for key in COLUMNS}
                              for point in data["points"]]
    again = write_sweep(data, tmp_path / "again")
    for name in SWEEP:
        assert (again / name).read_text() == (folder / name).read_text()
    plot = (folder / "sweep.svg").read_text()
    for text in ("accuracy in %", "energy per image in µJ", "8 rows", "16 rows"):
        assert f">{text}</text>" in plot


def test_a_list_may_have_ranges(monkeypatch, ergon):
    asked = {}

    def sweep(config, workload, **options):
        asked.update(options)
        return {"config": "c", "workload": "w"}

    monkeypatch.setattr("ergon.sweep_command.sweep", sweep)
    monkeypatch.setattr("ergon.sweep_command.write_sweep", lambda data, out: out)
    assert ergon("sweep", "c", "--adc-bits", "8, 3-5,4", "--rows-active", "16", "--json")[0] == 0
    assert (asked["adc_bits"], asked["rows_active"]) == ([3, 4, 5, 8], [16])


@pytest.mark.parametrize(("arguments", "messages"), [
    (["--adc-bits", "4,x"], ["--adc-bits: 'x' is neither a number nor a range; write for example "
                             "4,6,8 or 3-10"]),
    (["--adc-bits", ""], ["--adc-bits: '' is neither a number nor a range; write for example "
                          "4,6,8 or 3-10"]),
    (["--rows-active", "8-16-32"], ["--rows-active: '8-16-32' is neither a number nor a range; "
                                    "write for example 4,6,8 or 3-10"]),
    (["--adc-bits", "8-3"], ["--adc-bits: '8-3' is neither a number nor a range; write for "
                             "example 4,6,8 or 3-10"]),
    (["--adc-bits", "1,4,13", "--rows-active", "4"],
     ["adc_bits: 1 is out of range; use 2 to 12", "adc_bits: 13 is out of range; use 2 to 12",
      "rows_active: 4 is out of range; use 8 to 256"]),
    (["--rows-active", "8,24", "--adc-bits", "4,5"],
     ["engine.rows_active: 24 is more than the 16 rows; use as many or fewer"]),
    (["--rows-active", "8", "--workload", "gemm:4x4x4"],
     ["workload: gemm:4x4x4 has no labels, so that there is no accuracy; use digits or another "
      "network"]),
    (["--rows-active", "8", "--workload", "resnet8"],
     ["workload: resnet8 has no labels, so that there is no accuracy; use digits or another "
      "network"]),
    (["--rows-active", "8", "--technology", "none"],
     ["technology: none is not known; use horowitz_45nm, osu018, sg13g2, sky130hd or the path of "
      "a YAML file"]),
])
def test_a_mistake_is_found_before_anything_runs(monkeypatch, ergon, core, tmp_path, arguments,
                                                 messages):
    monkeypatch.setattr("ergon.sweep.run_workload", None)
    code, out, err = ergon("sweep", core, *arguments, "--out", tmp_path / "build")
    assert (code, out) == (2, "")
    assert err == [f"error: {message}" for message in messages]
    assert not (tmp_path / "build").exists()


def test_only_analog_cores_have_converters(ergon):
    assert ergon("sweep", "systolic_ws_4x4_int8") == (2, "", [
        "error: engine.kind: systolic has no converters to sweep; use a core with an analog_cim "
        "engine"])


NETWORK = {"version": 1, "name": "network", "images": 2,
           "input": {"height": 3, "width": 3, "channels": 8}, "layers": [
               {"name": "conv", "kind": "conv2d", "channels": 8, "kernel": [2, 2],
                "padding": "same", "activation": "relu"},
               {"name": "classes", "kind": "linear", "channels": 3}]}


@pytest.mark.rtl
@pytest.mark.parametrize("changes", [
    {"dac_bits": 2, "cell_bits": 2, "columns_per_adc": 5, "adc_bits": 4},
    {"columns_per_adc": 2, "adc_bits": 3, "banks": 1}])
def test_predicted_energy_is_what_a_simulation_counts(tmp_path, changes):
    """All rows have inputs here; those of rows without one are not predicted."""
    path = core_of(tmp_path, {"rows": 8, "rows_active": 8} | changes, activation_words=64)
    workload = tmp_path / "network.yaml"
    workload.write_text(yaml.safe_dump(NETWORK))
    report, _ = flow.energy(str(path), str(workload), out=tmp_path, view=View(as_json=True),
                            simulator="icarus", seed=1, technology="horowitz_45nm")
    assert report.run["priced_runs"] == report.run["runs"]
    core = derive(load_config(path))
    manifest = json.loads((tmp_path / "tiny" / "tiny.json").read_text())
    [chain], program = compile_for(core, manifest, str(workload), seed=1)
    inputs, _ = run_on_core(core.engine, program, chain.layers, chain.inputs)
    ones = sum(driven_ones(layer, inputs[layer.name], core.engine, program)
               for layer in chain.layers)
    predicted = {(part.kind, part.part): part for part in predicted_parts(
        core, program, ones, load_technology("horowitz_45nm")) if part.actions}

    counted = {(part.kind, part.part): part for part in report.parts}
    arithmetic = predicted.pop(("requantize", "arithmetic"))
    both = [counted.pop(("requantize", part)) for part in ("multiplier", "adders")]
    assert {part.actions for part in both} == {arithmetic.actions}
    assert sum(part.fixed_pj for part in both) == pytest.approx(arithmetic.fixed_pj)
    for name, part in predicted.items():
        found = counted.pop(name)
        assert part.fixed_pj == pytest.approx(found.fixed_pj), name
        if name != ("sram", "parameters"):      # a beat of parameters is a word of three SRAMs
            assert part.actions == pytest.approx(found.actions), name
        assert (part.unit, part.error_factor) == (found.unit, found.error_factor)
    assert {part for (_, part), left in counted.items() if left.actions} == {"registers"}
    assert {name: sum(ways) for name, ways in program.accesses.items()} == {
        name: ways["reads"] + ways["writes"] for name, ways in report.run["accesses"].items()}
