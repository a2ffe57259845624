"""The estimate of a clock tree, worked out by hand."""

import pytest

from energy.clock_tree import clock_tree_pj
from energy.technology import Technology
from energy.technology_sections import ClockTree
from generators.errors import UserError


@pytest.fixture
def with_tree(technology):
    tree = ClockTree(pin_ff=2, wire_ff={"low": 1, "typical": 2, "high": 4},
                     buffers={"low": 0.25, "typical": 0.5, "high": 1}, source="H14",
                     reason="as tall as it is wide")
    return Technology(technology.file.model_copy(update={"clock_tree": tree, "voltage_v": 1.2}))


def test_pins_wires_and_buffers(with_tree):
    found = clock_tree_pj(with_tree, sinks=1000)
    assert found.low == pytest.approx(1000 * 3e-3 * 1.25 * 1.44)
    assert found.typical == pytest.approx(1000 * 4e-3 * 1.5 * 1.44)
    assert found.high == pytest.approx(1000 * 6e-3 * 2 * 1.44)
    assert found.reason == (
        "Clock tree, estimated: 1,000 sinks x (2.00 fF of clock pin + 2 fF of wire, 1 to 4) x "
        "1.2^2 V^2, and buffers for 50% more, 25% to 100%: as tall as it is wide")


def test_pins_of_other_flip_flops(with_tree):
    assert clock_tree_pj(with_tree, 10, pin_cap_ff=6).typical == pytest.approx(
        2 * clock_tree_pj(with_tree, 10).typical)


def test_without_a_tree(technology):
    with pytest.raises(UserError, match=r"^technology horowitz_45nm: clock_tree is missing, and "
                                        r"without it the clock has no price; add it, or use a "
                                        r"technology with a Liberty library$"):
        clock_tree_pj(technology, 10)
