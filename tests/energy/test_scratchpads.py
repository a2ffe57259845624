"""Scratchpads of processing elements: counted by their enables, like ones together."""

import pytest

from energy.activity import Activity
from energy.memories import scratchpad_parts
from energy.technology import load_technology

from .toy_cim import PERIOD, component, net


def test_like_scratchpads_are_one_line():
    technology = load_technology("horowitz_45nm")
    names = [f"engine.row_{row}.pe_0.filter_{word}" for row in range(2) for word in range(2)]
    other = "engine.row_0.pe_0.sums"
    manifest = {"clock": {"period_ns": PERIOD}, "components": [
        *(component(name, "scratchpad", depth=64, width=8, asynchronous=False) for name in names),
        component(other, "scratchpad", depth=16, width=32, asynchronous=True)]}
    nets = {f"{other}.read_en": net((2,), (3,)), f"{other}.write_en": net((2,), (4,))}
    for name in names:
        nets |= {f"{name}.read_en": net((2,), (5,)), f"{name}.write_en": net((2,), (1,))}
    activity = Activity(source="made up", duration_ns=20 * PERIOD, nets=nets)
    filters, sums = scratchpad_parts(manifest, activity, technology)
    assert (filters.label, filters.count) == ("scratchpad filter", 4)
    assert (filters.reads, filters.writes, filters.actions) == (20, 4, 24)
    assert filters.activity_pj == filters.fixed_pj == pytest.approx(
        24 * technology.sram.read_pj(64, 8))
    assert (sums.reads, sums.writes) == (3, 4)
    assert sums.activity_pj == pytest.approx(7 * technology.sram.read_pj(16, 32))
