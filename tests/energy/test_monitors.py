"""Cards as monitors' weights, and monitors' sums as energies."""

from types import SimpleNamespace

import numpy as np
import pytest

from energy.calibrated import Group
from energy.cards import LinearModel
from energy.monitors import Scale, card_monitors, quantized, read_monitors
from energy.partial_products import PartialProducts
from generators.errors import UserError

MULTIPLIER = PartialProducts("a", "b", 3, 2, plain_signed=True, recoded_signed=True)


def test_weights_are_the_energies_to_within_half_a_step():
    toggles = {"a": [0.5, -0.013, 0.0], "b": [-1.9]}
    features, step_j = quantized(toggles)
    assert step_j == pytest.approx(1.9e-12 / 32767)
    assert features.toggles["b"] == (-32767,)
    for net, energies in toggles.items():
        np.testing.assert_allclose(np.array(features.toggles[net]) * step_j * 1e12, energies,
                                   atol=0.5e12 * step_j)
    assert quantized({"a": [0.0, 0.0]})[0].toggles == {"a": (0, 0)}


def test_each_variant_of_a_card_is_a_group():
    def variant(module, clock_pj):
        return SimpleNamespace(module=module, leakage_nw=30.0, model=LinearModel(
            clock_pj=clock_pj, toggles={"sum_o": [1.0, 2.0], MULTIPLIER.name: [4.0] * 4},
            multipliers=[MULTIPLIER]))

    first, other = variant("first", 0.2), variant("other", 0.3)
    group = Group(SimpleNamespace(name="pe"), {"pe_0": first, "pe_1": other, "pe_2": other})
    monitors, scales = card_monitors([group], period_ns=10.0, window_cycles=5)
    assert monitors.window_cycles == 5
    assert [(one.name, one.instances) for one in monitors.groups] == [
        ("pe:first", ("pe_0",)), ("pe:other", ("pe_1", "pe_2"))]
    features = monitors.groups[0].features
    assert features.toggles == {"sum_o": (8192, 16384), MULTIPLIER.name: (32767,) * 4}
    assert features.multipliers == (MULTIPLIER,)
    assert scales["pe:other"].cycle_j == pytest.approx(2 * (0.3e-12 + 30e-9 * 10e-9))


def test_sums_become_energies(tmp_path):
    path = tmp_path / "counts.txt"
    path.write_text("run cycles b a\n0 10 -4 6\n0 3 1 0\n1 10 0 0\n")
    windows = read_monitors(path, {"a": Scale(2.0), "b": Scale(0.5, 0.25)})
    assert windows.groups == ("b", "a")
    assert windows.runs.tolist() == [0, 0, 1]
    assert windows.cycles.tolist() == [10, 3, 10]
    assert windows.energies_j.tolist() == [[0.5, 12], [1.25, 0], [2.5, 0]]


@pytest.mark.parametrize(("text", "message"), [
    ("run cycles b\n", "does not hold a; use the monitors' file of this simulation"),
    ("run cycles a\n0 10", "ends early; run the simulation to its end again"),
    ("run cycles a\n0 10 3\n0 1\n", "ends early; run the simulation to its end again"),
])
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "counts.txt"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_monitors(path, {"a": Scale(1.0)})
    assert str(error.value) == f"counts.txt: {message}"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"none\.txt: cannot be read; name a file that monitors "
                                        r"wrote$"):
        read_monitors(tmp_path / "none.txt", {})
