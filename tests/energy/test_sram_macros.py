"""Tables of SRAM macros: what they list, what is fitted between, and what else says the same."""

import pytest
import yaml

import energy.sram_macros
from energy.sram_macros import cacti_points, load_macros
from generators.errors import UserError


@pytest.fixture
def table():
    return load_macros("ihp_sg13g2")


@pytest.fixture
def document():
    file = energy.sram_macros._FOLDER / "sram_ihp_sg13g2.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def load(document, folder):
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load_macros(path)


def test_macros_left_out_of_the_fit_are_missed_by_a_tenth_at_most(table):
    assert table.read_fit.mean_error == pytest.approx(0.0470, abs=5e-5)
    assert table.read_fit.worst_error == pytest.approx(0.0965, abs=5e-5)
    assert table.write_fit.mean_error == pytest.approx(0.0331, abs=5e-5)
    assert table.write_fit.worst_error == pytest.approx(0.0537, abs=5e-5)
    assert len(table.read_fit.left_out) == len(table.macros) == 6


def test_an_exact_law_is_found_exactly(document, tmp_path):
    for macro in document["macros"]:
        words, width = macro["words"], macro["width"]
        macro["read_pj"] = 0.5 * width + 1e-3 * words * width + 0.1 * (words * width) ** 0.5
    fit = load(document, tmp_path).read_fit
    assert fit.coefficients == pytest.approx((0.5, 1e-3, 0.1))
    assert fit.worst_error == pytest.approx(0, abs=1e-9)
    assert fit(512, 32) == pytest.approx(16 + 16.384 + 12.8)


def test_leakage_is_in_proportion_to_bits(table):
    for macro in table.macros:
        assert macro.leakage_nw == pytest.approx(
            macro.words * macro.width * table.leakage_nw_per_bit, rel=1e-4)


def test_macros_take_more_than_the_model_of_others(table):
    assert set(table.disagreement) == {(256, 64), (1024, 64)}
    reads, writes = zip(*table.disagreement.values(), strict=True)
    assert reads == pytest.approx((3.88, 2.31), abs=0.01)
    assert writes == pytest.approx((1.36, 1.86), abs=0.01)


def test_published_capacities_grow_with_the_root_beyond_macros():
    large = {point.words: point.read_pj for point in cacti_points()
             if (point.node_nm, point.width) == (65, 64)}
    assert large[131072] / large[4096] == pytest.approx(32**0.5, rel=0.03)


def test_wrong_tables(document, tmp_path):
    with pytest.raises(UserError, match=r"^sram\.table: mine is not known; use ihp_sg13g2 or the "
                                        r"path of a YAML file$"):
        load_macros("mine")
    falling = [{**macro, "read_pj": 1e4 / macro["words"]} for macro in document["macros"]]
    with pytest.raises(UserError, match=r"energy of the macros falls as they grow; "
                                        r"correct the numbers or list macros of more sizes"):
        load({**document, "macros": falling}, tmp_path)
    with pytest.raises(UserError, match=r"3 macros are too few to fit 3 coefficients and check "
                                        r"them; list 4 or more sizes"):
        load({**document, "macros": document["macros"][:3]}, tmp_path)
