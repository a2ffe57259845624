"""`ergon calibrate`, and what is done with its card: `validate-energy` and `energy --cards`."""

import json
import shutil

import pytest

from energy.cards import Card
from ergon.console import View
from ergon.gate_level import bench, card_files
from ergon.gate_level.card_files import calibrate_card
from generators.documents import load_document
from generators.errors import UserError
from tests.ergon.gate_level.small_arrays import one_row

icarus = pytest.mark.skipif(shutil.which("iverilog") is None,
                            reason="Icarus Verilog is not installed")


def column(folder, columns):
    """The file of a core with two rows of int8 elements that has room for the digits network."""
    path = one_row(folder, columns, "int8")
    text = path.read_text()
    for before, after in (("rows: 1\n", "rows: 2\n"), ("ws_1x", "ws_2x"), ("int24", "int28"),
                          ("activation_words: 512", "activation_words: 1024"),
                          ("weight_words: 128", "weight_words: 512"),
                          ("accumulator_words: 128", "accumulator_words: 256"),
                          ("program_words: 128", "program_words: 512")):
        text = text.replace(before, after)
    path.write_text(text)
    return path


def json_of(result, expected=0):
    code, out, err = result
    assert (code, err) == (expected, [])
    return json.loads(out)


@icarus
@pytest.mark.rtl
def test_calibrate_validate_and_price(ergon, monkeypatch, tmp_path):
    """The bounds of a small case, fitted and measured anew."""
    names = {bench.FIT: ("uniform", "gaussian", "rectified", "walk", "small_inputs", "idle"),
             bench.HELD: ("narrow", "laplace", "sparse_70", "fast_walk")}
    monkeypatch.setattr(bench, "DATA", {
        purpose: {name: sets[name] for name in names[purpose]}
        for purpose, sets in bench.DATA.items()})
    build, two, one = tmp_path / "build", column(tmp_path, 2), column(tmp_path, 1)
    data = json_of(ergon("calibrate", "small", "--design", two, "--held-out", one, "--component",
                         "pe", "--out", build, "--json"))
    [held] = data["held_out"]
    assert held["mean"] < 0.06
    assert held["worst"] < 0.10
    assert held["windows_mean"] < 0.12
    assert held["constant_worst"] > 2 * held["worst"]
    assert [found["name"] for found in held["data_sets"]] == list(names[bench.HELD])
    assert [found["cells"] > 300 for found in data["variants"]] == [True, True]

    path = build / "cards" / "osu018" / "small.yaml"
    card = load_document(path, Card)
    assert data["card"] == str(path)
    assert (card.name, card.kind, card.errors[0].worst) == ("small", "pe", held["worst"])
    text = path.read_text()
    assert "#   ergon calibrate small \\" in text.splitlines()
    assert f"#     --held-out {one} \\" in text.splitlines()

    command = ("validate-energy", one, "--cards", path.parent, "--cycles", "100", "--out", build)
    data = json_of(ergon(*command, "--json"))
    [found] = data["components"]
    assert data["passed"]
    assert len(found["instances"]) == found["count"] == 2
    assert abs(found["error"]) < 0.10
    assert found["allowed"] == 2 * found["stated"] == 2 * held["worst"]
    assert sum(row["gate_pj"] for row in found["instances"]) == pytest.approx(found["gate_pj"])

    data = json_of(ergon("energy", one, "--workload", "gemm:16x4x2", "--simulator", "icarus",
                         "--technology", "osu018", "--cards", path.parent, "--out", build,
                         "--json"))
    [priced] = data["figure"]["calibration"]["cards"]
    assert (priced["name"], priced["instances"]) == ("small", 2)

    # A card that promises more than it holds.
    path.write_text(text.replace("clock_pj: ", "clock_pj: 9"))
    assert not json_of(ergon(*command, "--json"), expected=1)["passed"]
    # One of a library that only has the same name.
    path.write_text(text.replace(card.library.sha256, "f" * 64))
    code, out, err = ergon(*command)
    assert (code, out) == (2, "")
    assert err[-1].startswith("error: card small: was calibrated in a osu018_stdcells of SHA-256 ")


@pytest.mark.parametrize(("changes", "message"), [
    ({"name": "../pe"}, "name: '../pe' is no name for a card; use letters, digits and _"),
    ({"held_out": []}, "--held-out: is missing; name a configuration to measure the error on"),
    ({"designs": []}, "--design: is missing; name a configuration to fit to"),
    ({"held_out": ["nothing"]},
     "config: nothing is neither a file nor a known core; `ergon list` shows the cores"),
    ({"technology": "sg13g2"},
     "liberty: is missing, and sg13g2 does not say where its library "
     "sg13g2_stdcell_typ_1p20V_25C is; name the file with --liberty"),
])
def test_mistakes_are_found_first(changes, message, tmp_path, monkeypatch):
    monkeypatch.setattr(card_files, "calibrate", pytest.fail)
    core = "systolic_ws_1x1_int8"
    arguments = {"name": "pe", "designs": [core], "held_out": [core], "kind": "pe",
                 "technology": "osu018", "out": tmp_path / "build", "view": View(as_json=True)}
    with pytest.raises(UserError) as error:
        calibrate_card(**arguments | changes)
    assert error.value.messages == [message]
    assert not (tmp_path / "build").exists()
