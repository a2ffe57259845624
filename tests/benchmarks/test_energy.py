"""The table and the plot of the energy benchmark, from made-up measurements."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from benchmarks import energy
from energy.calibration.held_out import Comparison
from generators.errors import UserError
from tests.energy.toy_card import FIRST, card, variant


@pytest.fixture
def measured():
    random = np.random.default_rng(3)
    gate = random.uniform(1, 2, (40, 2))
    walk = Comparison("walk", 1.05 * gate, gate, constant_pj=2.0)
    idle = Comparison("idle", 0.9 * gate, gate, constant_pj=2.0)
    return [("osu018", card(variant(FIRST)), "tiny", [walk, idle])]


def text_of(table):
    console = Console(width=160, file=StringIO())
    console.print(table)
    return console.file.getvalue()


def test_errors_stand_beside_the_constants(measured):
    text = text_of(energy._table(measured))
    assert "toy_pe" in text
    assert "7.5 %" in text
    assert "10.0 %" in text


def test_each_data_set_has_a_column(measured):
    text = text_of(energy._data_sets(measured))
    assert "walk" in text
    assert "idle" in text
    assert "+5.0 (" in text
    assert "-10.0 (" in text


def test_plot(measured, tmp_path):
    energy._plot(measured, tmp_path / "energy.svg")
    text = (tmp_path / "energy.svg").read_text()
    assert "osu018, 8 windows" in text or "<path" in text


def test_without_any_library_there_is_nothing_to_measure(monkeypatch):
    monkeypatch.setattr(energy, "TECHNOLOGIES", ())
    with pytest.raises(UserError, match=r"^benchmarks: no card could be measured"):
        energy.main([])
