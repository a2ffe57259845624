"""Activity that does not belong to the manifest."""

import re

import pytest

from energy.activity import Activity, Net
from energy.checks import check_activity
from energy.reading import read_activity
from generators.errors import UserError

PATHS = [f"array.pe_{number}" for number in range(200)]


@pytest.fixture
def manifest():
    return {"clock": {"port": "clk", "period_ns": 10.0},
            "components": [{"path": "array"}, *({"path": path} for path in PATHS)]}


def activity(toggles=200, paths=PATHS):
    quiet = Net(toggles=(0,), high_ns=(0.0,))
    return Activity(source="made.saif", duration_ns=1000.0, nets={
        "clk": Net(toggles=(toggles,), high_ns=(500.0,)), **{f"{path}.x": quiet for path in paths}})


@pytest.mark.parametrize("toggles", [200, 199, 202, 197])
def test_a_clock_that_agrees(manifest, toggles):
    check_activity(manifest, activity(toggles), {})


def test_runs_begin_and_end_between_edges(manifest):
    check_activity(manifest, activity(212), {"priced_runs": 10})


@pytest.mark.parametrize(("toggles", "found"), [(400, "5 ns"), (204, "9.804 ns"),
                                                (0, "no clock at all")])
def test_another_clock(manifest, toggles, found):
    text = (f"clock.period_ns: 10 is a clock period that disagrees with the activity, {found} in "
            f"made.saif; use the manifest that the simulation was made with")
    with pytest.raises(UserError, match=f"^{re.escape(text)}$"):
        check_activity(manifest, activity(toggles), {})


def test_a_component_more_or_less(manifest):
    check_activity(manifest, activity(paths=PATHS[2:]), {})


def test_scopes_of_another_core(manifest):
    text = ("made.saif: 3 of the manifest's 201 components are not in it, such as array.pe_0; "
            "record the activity of the core that the manifest describes")
    with pytest.raises(UserError, match=f"^{re.escape(text)}$"):
        check_activity(manifest, activity(paths=PATHS[3:]), {})


def test_recorded_clocks(data):
    for name in ("tiny.saif", "tiny.fst"):
        found = read_activity([data / name], "tiny")
        check_activity({"clock": {"port": "clk", "period_ns": 10.0},
                        "components": [{"path": "pe_0"}, {"path": "memory"}]}, found, {})
        with pytest.raises(UserError, match=r"disagrees with the activity, 10 ns in tiny\."):
            check_activity({"clock": {"port": "clk", "period_ns": 5.0}, "components": []}, found,
                           {})
