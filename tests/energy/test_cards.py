"""Cards: what their models predict, which components they are for, and their files."""

import numpy as np
import pytest

from energy.card_file import card_text
from energy.cards import Card, LinearModel, cards_in, load_cards
from energy.partial_products import PartialProducts
from energy.technology import available_technologies
from generators.documents import load_document
from generators.errors import UserError
from tests.energy.toy_card import FIRST, OTHER, card, variant

PRODUCT = PartialProducts("a", "b", 2, 2, plain_signed=True, recoded_signed=True)


@pytest.fixture
def file(tmp_path):
    """Function that writes a card, with parts of its text replaced, and returns the path."""
    def written(*replacements):
        text = card_text(card(variant(FIRST)), ["made up"])
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "toy.yaml"
        path.write_text(text)
        return path
    return written


def test_energy_of_each_cycle():
    model = LinearModel(clock_pj=0.5, toggles={"a": [1.0, 2.0], "b": [4.0]})
    values = {"a": np.array([[0, 0], [1, 0], [1, 0], [0, 1]], np.uint8),
              "b": np.array([[1], [0], [0], [1]], np.uint8), "unpriced": np.eye(4, dtype=np.uint8)}
    np.testing.assert_allclose(model.energy_pj(values), [5.5, 0.5, 7.5])
    assert values.keys() == {"a", "b", "unpriced"}


def test_energy_of_partial_products():
    model = LinearModel(clock_pj=1.0, toggles={PRODUCT.name: [1.0, 10.0, 100.0]},
                        multipliers=[PRODUCT])
    values = {"a": np.array([[0, 0], [1, 0], [1, 0]], np.uint8),
              "b": np.array([[1, 0], [1, 0], [1, 1]], np.uint8)}
    # The row is 0, then 1, then the complement of 1, as -1 is recoded.
    np.testing.assert_allclose(model.energy_pj(values), [2.0, 112.0])


def test_a_model_without_toggles_costs_its_clock():
    assert LinearModel(clock_pj=2.0, toggles={}).energy_pj({}) == 2.0


def test_components_have_exactly_the_parameters():
    toy = card(variant(FIRST), variant(OTHER, clock_pj=1.0))
    assert toy.variant({"kind": "pe", "parameters": FIRST}).model.clock_pj == 0.5
    assert toy.variant({"kind": "pe", "parameters": OTHER}).model.clock_pj == 1.0
    for kind, parameters in (("mesh", FIRST), ("pe", FIRST | {"input_bits": 5}), ("pe", {}),
                             ("pe", FIRST | {"more": 1}),
                             ("pe", {key: FIRST[key] for key in list(FIRST)[1:]})):
        assert toy.variant({"kind": kind, "parameters": parameters}) is None


def test_the_error_to_state_is_the_worst():
    assert card(variant(FIRST), worst=0.07).error == 0.07


def test_text_is_read_back(file):
    assert load_document(file(), Card) == card(variant(FIRST))


@pytest.mark.parametrize(("replacement", "message"), [
    (("version: 1", "version: 2"), r"version: 2 is not a known version; use 1 \(line \d+\)"),
    (("kind: pe", "kin: pe"), r"kin: .*; did you mean kind\? \(line \d+\)"),
    (("clock_pj: 0.5", "clock_pj: much"), r"variants\[0\]\.model\.clock_pj: .*much.* \(line \d+\)"),
])
def test_files_that_are_no_card_are_refused(file, replacement, message):
    with pytest.raises(UserError, match=rf"(?m)^{message}$"):
        load_document(file(replacement), Card)


def test_a_card_has_variants(file):
    path = file()
    head, _, _ = path.read_text().partition("variants:")
    path.write_text(f"{head}variants: []\n")
    with pytest.raises(UserError, match=r"^variants: "):
        load_document(path, Card)


def test_cards_of_a_folder(file, tmp_path):
    with pytest.raises(UserError, match=r"^cards: .* holds no \.yaml files; name the folder that "
                                        r"`ergon calibrate` has written cards to$"):
        cards_in(tmp_path)
    path = file()
    path.with_name("another.yaml").write_text(path.read_text().replace("toy_pe", "another"))
    assert [found.name for found in cards_in(tmp_path)] == ["another", "toy_pe"]


def test_a_technology_may_have_no_cards():
    assert load_cards("horowitz_45nm") == ()


@pytest.mark.parametrize("technology", available_technologies())
def test_cards_that_come_with_the_project(technology):
    cards = load_cards(technology)
    assert len({(found.kind, found.name) for found in cards}) == len(cards)
    for found in cards:
        assert found.errors
        for part in found.variants:
            nets = part.model.toggles
            assert part.model.clock_pj >= 0
            assert all(coefficient >= 0 for bits in nets.values() for coefficient in bits)
            assert all(len(nets[product.name]) == product.bits
                       for product in part.model.multipliers if product.name in nets)
