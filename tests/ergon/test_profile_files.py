"""A profile worked out by hand, as figures, as CSV, as a plot and as text."""

import io

import numpy as np
import pytest
from rich.console import Console

from ergon.profile import Profile
from ergon.profile_command import show_profile
from ergon.profile_files import PROFILE, write_profile

SUMMARY = {
    "config": "tiny", "workload": "two", "simulator": "icarus 11.0", "seed": 1, "runs": 2,
    "compared": 5, "mismatches": 0, "cycles": 34, "predicted_cycles": 34, "technology": "toy",
    "period_ns": 2.0, "window_cycles": 10, "calibrated": 6, "components": 9,
    "without": {"sram": 2, "bus": 1}, "uncalibrated": [],
    "cards": [{"name": "toy_pe", "kind": "pe", "instances": 4, "energy_pj": 1810.0,
               "windows_mean": 0.04, "windows_p95": 0.1, "worst": 0.06},
              {"name": "toy_tree", "kind": "adder_tree", "instances": 2, "energy_pj": 210.0,
               "windows_mean": 0.02, "windows_p95": 0.05, "worst": 0.03}]}


@pytest.fixture
def profile():
    """Two runs of 24 and 10 cycles; the second layer begins in the middle of a window."""
    return Profile(
        summary=SUMMARY, period_ns=2.0, kinds=("pe", "adder_tree"), runs=np.array([0, 0, 0, 1]),
        cycles=np.array([10, 10, 4, 10]), floor_mw=5.0, starts=np.array([0, 16, 24]),
        layers=("first", "second", "first"),
        energies_pj=np.array([[400.0, 60.0], [800.0, 70.0], [500.0, 60.0], [110.0, 20.0]]))


def long(windows):
    """One run in so many windows, the highest near its end."""
    energies = 100 + 20 * np.sin(np.arange(windows) / 7)
    energies[-windows // 10] = 300
    return Profile(
        summary=SUMMARY | {"runs": 1}, period_ns=2.0, kinds=("pe",), runs=np.zeros(windows, int),
        cycles=np.full(windows, 10), energies_pj=energies[:, None], floor_mw=1.0,
        starts=np.arange(3) * 3 * windows, layers=("one", "two", "three"))


def test_figures(profile):
    data = profile.to_dict()
    assert data["energy_pj"] == 2020
    assert data["mean_mw"] == pytest.approx(2020 / 68)
    assert data["kinds"] == {"pe": 1810, "adder_tree": 210}
    # The third window draws more, and is shorter.
    assert data["peak"] == {"power_mw": 43.5, "run": 0, "cycle": 10, "cycles": 10,
                            "layer": "first"}
    assert data["layers"] == [
        {"name": "first", "cycles": 30, "energy_pj": 1460.0,
         "mean_mw": pytest.approx(1460 / 60), "peak_mw": 43.5},
        {"name": "second", "cycles": 4, "energy_pj": 560.0, "mean_mw": 70.0, "peak_mw": 70.0}]
    assert {"config", "cards", "without"} <= data.keys()


def test_files(profile, tmp_path):
    assert write_profile(profile, tmp_path) == tmp_path
    table, plot = ((tmp_path / name).read_text() for name in PROFILE)
    assert table.splitlines() == [
        "run,first_cycle,cycles,layer,pe_pj,pe_mw,adder_tree_pj,adder_tree_mw,total_pj,total_mw",
        "0,0,10,first,400,20,60,3,460,23",
        "0,10,10,first,800,40,70,3.5,870,43.5",
        "0,20,4,second,500,62.5,60,7.5,560,70",
        "1,0,10,first,110,5.5,20,1,130,6.5"]
    for text in ("two on tiny", "peak 43.5 mW", "29.7 mW", "clock, leakage", "adder tree",
                 "first", "6 components, by calibration cards of toy"):
        assert f">{text}" in plot
    write_profile(profile, tmp_path)
    assert (tmp_path / PROFILE[1]).read_text() == plot


def test_a_long_profile_is_drawn_twice(tmp_path):
    write_profile(long(5000), tmp_path)
    plot = (tmp_path / PROFILE[1]).read_text()
    for text in ("cycle of run 0", "pale: highest", "6 x PE, by calibration cards",
                 "one", "two", "three"):
        assert f">{text}" in plot
    assert len(plot) < 200_000
    write_profile(long(50), tmp_path)
    assert "pale: highest" not in (tmp_path / PROFILE[1]).read_text()


def test_text(profile):
    text = io.StringIO()
    show_profile(Console(file=text, width=200), profile.to_dict())
    lines = [" ".join(line.split()) for line in text.getvalue().splitlines()]
    for line in ("mean power 29.7 mW, of which 5 mW clock and leakage",
                 "peak 43.5 mW for 10 cycles, in first: run 0, from cycle 10 on",
                 "energy 2.02 nJ in 34 cycles of 2 ns",
                 "covers 6 of 9 components; no card for 2 sram, 1 bus",
                 "first 30 1.46 nJ 24.3 mW 43.5 mW",
                 "toy_pe 4 x PE 1.81 nJ ± 4.0 % ± 10.0 % ± 6.0 %"):
        assert line in lines
