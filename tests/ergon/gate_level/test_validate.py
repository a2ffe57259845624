"""`ergon validate-energy`: which components are simulated together, and what is refused."""

import json
import shutil
from dataclasses import dataclass, field

import pytest

from energy.card_file import card_text
from energy.cards import Fitted, load_cards
from ergon.gate_level.validate import _sample, _units
from tests.energy.toy_card import FIRST, card, variant


@dataclass
class Toy:
    """A core of which only modules and components matter."""

    components: list
    modules: dict = field(default_factory=dict)

    @property
    def manifest(self):
        return {"components": self.components}

    def module(self, path):
        return self.modules[path]


@dataclass
class Group:
    card: object
    variants: dict


def group(scope, paths):
    fitted = Fitted(designs=[], scope=scope, netlists=[], data_sets=[], seed=1)
    return Group(card(variant(FIRST), fitted=fitted), dict.fromkeys(paths))


def test_elements_of_an_array_are_simulated_in_their_column():
    core = Toy([{"path": "engine.mesh", "kind": "mesh"}])
    paths = [f"engine.mesh.column_{column}.pe_{row}" for column in (0, 1) for row in (0, 1)]
    assert [(unit.path, unit.components) for unit in _units(core, group("engine.mesh", paths))] == [
        ("engine.mesh.column_0", tuple(paths[:2])), ("engine.mesh.column_1", tuple(paths[2:]))]


def test_others_are_simulated_in_what_they_were_fitted_in():
    core = Toy([])
    paths = ["engine.column_0.pe_0", "engine.column_0.pe_1", "engine.column_7.pe_0"]
    units = _units(core, group("engine.column_3", paths))
    assert [(unit.path, len(unit.components)) for unit in units] == [("engine.column_0", 2),
                                                                    ("engine.column_7", 1)]


def test_a_sample_has_all_variants():
    paths = [f"engine.column_{column}.pe_{row}" for column in range(6) for row in range(4)]
    core = Toy([], {path: path[-1] for path in paths})
    units = _units(core, group("engine.column_0.pe_0", paths))
    chosen = _sample(core, units, 6, 1)
    assert chosen == _sample(core, units, 6, 1) != _sample(core, units, 6, 2)
    assert len({unit.path for unit in chosen}) == 6
    assert {core.module(unit.path) for unit in chosen} == set("0123")
    assert len(_sample(core, units, 100, 1)) == len(units)


def test_no_card_fits(ergon, tmp_path):
    toy = card(variant(FIRST))
    library = toy.library.model_copy(update={"name": "osu018_stdcells"})
    (tmp_path / "toy.yaml").write_text(card_text(toy.model_copy(update={"library": library}), [""]))
    code, out, err = ergon("validate-energy", "systolic_ws_1x1_int8", "--cards", tmp_path,
                           "--out", tmp_path / "build")
    assert (code, out) == (2, "")
    assert err[-1].startswith("error: cards: osu018 has none for any component of "
                              "systolic_ws_1x1_int8 (pe with ")
    assert err[-1].endswith("); calibrate one, see `ergon calibrate`")


@pytest.mark.rtl
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_committed_cards(ergon, tmp_path):
    """On another layer, with other data than they were fitted to."""
    assert load_cards("osu018")
    code, out, err = ergon("validate-energy", "systolic_ws_4x4_int8", "--sample", "4", "--cycles",
                           "100", "--out", tmp_path / "build", "--json")
    assert (code, err) == (0, [])
    found = {row["kind"]: row for row in json.loads(out)["components"]}
    elements = found["pe"]
    assert abs(elements["error"]) < 0.10
    assert abs(elements["error"]) < abs(elements["constant_error"])
    assert elements["windows_mean"] < 0.10
    assert elements["stated"] < 0.10
