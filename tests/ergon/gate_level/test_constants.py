"""Constants of technologies are what gate level measures again."""

from pathlib import Path

import pytest

from energy.technology import load_technology
from ergon.gate_level.constants import CONSTANTS, measure_constant

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")

LONGEST = "int_mul_32"

pytestmark = pytest.mark.skipif(not OSU018.exists(), reason="qflow-tech-osu018 is not installed")


def published(name):
    file = load_technology("osu018").file
    return dict(file.all_constants)[name].value


@pytest.mark.rtl
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.slow] if name == LONGEST else []) for name in CONSTANTS])
def test_constants_of_osu018(name, tmp_path):
    wires = load_technology("osu018").file.wires.ff_per_fanout.typical
    found = measure_constant(name, OSU018, tmp_path, wire_f_per_fanout=1e-15 * wires,
                             cycles=100 if name == LONGEST else 500)
    # To the digits that are written down.
    assert found == pytest.approx(published(name), rel=5e-4)
