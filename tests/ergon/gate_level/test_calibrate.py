"""A calibration from end to end, on rows of small elements."""

import shutil

import numpy as np
import pytest

from energy.card_file import card_text
from energy.cards import Card
from energy.technology import load_technology
from ergon.console import View
from ergon.gate_level import bench
from ergon.gate_level.calibrate import calibrate, comparisons
from generators.documents import load_document
from generators.errors import UserError
from tests.ergon.gate_level.small_arrays import one_row

pytestmark = [pytest.mark.rtl, pytest.mark.skipif(shutil.which("iverilog") is None,
                                                  reason="Icarus Verilog is not installed")]

QUIET = View(as_json=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("calibration")


@pytest.fixture(scope="module")
def technology():
    return load_technology("osu018")


@pytest.fixture(scope="module")
def calibrated(folder, osu018, technology):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "DATA", {purpose: dict(list(sets.items())[:4])
                                      for purpose, sets in bench.DATA.items()})
        return calibrate("row", [str(one_row(folder, 2))], [str(one_row(folder, 1))], "pe", osu018,
                         technology, out=folder, view=QUIET)


def test_card(calibrated, osu018, technology):
    card, _ = calibrated
    assert (card.name, card.kind, card.version) == ("row", "pe", 1)
    assert (card.library.name, card.library.sha256) == (osu018.name, osu018.sha256)
    assert card.fitted.designs == ["ws_1x2_int4"]
    assert card.fitted.data_sets == list(bench.DATA[bench.FIT])[:4]
    assert card.conditions.wire_ff_per_fanout == technology.file.wires.ff_per_fanout.typical
    [variant] = card.variants
    assert variant.module == "pe_ws_int4xint4_first_int8"
    assert variant.parameters["moving"] == "int4"
    assert variant.cells > 50
    assert 0 < variant.model.clock_pj < variant.mean_pj
    assert min(min(bits) for bits in variant.model.toggles.values()) >= 0


def test_the_clock_is_what_cycles_cost_in_which_nothing_moves(calibrated):
    card, [(_, compared)] = calibrated
    rest = min(found.gate_pj.min() for found in compared)
    assert card.variants[0].model.clock_pj == pytest.approx(rest, rel=1e-6)
    assert min(found.predicted_pj.min() for found in compared) == pytest.approx(rest, rel=1e-6)


def test_a_net_and_its_copies_have_one_coefficient(calibrated):
    [variant] = calibrated[0].variants
    nets = variant.model.toggles
    assert {"moving_i", "current", "sum_o"} <= nets.keys()
    # The first row's sum never moves, and the reset neither.
    assert not {"sum_i", "rst", "clk"} & nets.keys()


def test_errors_of_what_was_held_out(calibrated):
    card, [(design, compared)] = calibrated
    [error] = card.errors
    assert (error.design, error.instances) == ("ws_1x1_int4", 1)
    assert design.endswith("ws_1x1_int4.yaml")
    assert list(error.data_sets) == [found.name for found in compared]
    assert not error.data_sets.keys() & set(card.fitted.data_sets)
    for found in compared:
        assert error.data_sets[found.name] == pytest.approx(found.error, abs=5e-5)
        assert found.predicted_pj.shape == found.gate_pj.shape
        assert found.constant_pj == card.variants[0].mean_pj
    assert card.error == max(abs(size) for size in error.data_sets.values())


def test_predictions_are_of_the_same_cycles(calibrated):
    """They agree less with the cycles before and after."""
    for found in calibrated[1][0][1]:
        predicted, gate = found.predicted_pj[:, 0], found.gate_pj[:, 0]
        agreement = [np.corrcoef(np.roll(predicted, shift)[2:-2], gate[2:-2])[0, 1]
                     for shift in (-2, -1, 0, 1, 2)]
        assert np.argmax(agreement) == 2
        assert agreement[2] > 0.8


def test_file_of_a_card(calibrated, tmp_path):
    card, _ = calibrated
    path = tmp_path / "row.yaml"
    path.write_text(card_text(card, ["ergon calibrate"]))
    assert load_document(path, Card) == card


def test_a_design_of_other_components_is_refused(calibrated, folder, osu018, technology):
    with pytest.raises(UserError, match=r"ws_1x1_int2\.yaml: engine\.mesh\.column_0\.pe_0 is not "
                                        r"what card row was calibrated for; calibrate it too, or "
                                        r"hold another design out$"):
        comparisons(calibrated[0], str(one_row(folder, 1, "int2")), osu018, technology, out=folder,
                    view=QUIET)
