"""Cards as files: readable, and read back as they were."""

import pytest
import yaml

from energy.card_file import card_text
from energy.cards import Card, cards_in
from energy.partial_products import PartialProducts
from generators.documents import load_document
from generators.errors import UserError

from .toy_card import FIRST, OTHER, card, variant

COMMAND = ["ergon calibrate toy_pe \\", "  --design tiny"]


@pytest.fixture
def toy():
    many = variant(OTHER, toggles={"wide": [0.123456] * 150, "still": [0.0] * 7})
    product = PartialProducts("moving_i", "current", 4, 4, True, False)
    model = many.model.model_copy(update={"multipliers": [product]})
    return card(variant(FIRST), many.model_copy(update={"model": model}))


def test_a_card_is_read_back(toy, tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(card_text(toy, COMMAND))
    assert load_document(path, Card) == toy
    assert cards_in(tmp_path) == (toy,)


def test_people_can_read_it(toy):
    text = card_text(toy, COMMAND)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[:7] == [
        "# Energy of the component `pe` in toy, 0.9 V, 25 °C: pJ per cycle",
        "# and per toggle of each bit, fitted to gate-level simulations. Made by",
        "#", "#   ergon calibrate toy_pe \\", "#     --design tiny", "", "version: 1"]
    assert "  - design: tiny" in lines
    assert "        still: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]" in lines


def test_the_same_card_has_the_same_text(toy):
    again = Card.model_validate(yaml.safe_load(card_text(toy, COMMAND)))
    assert card_text(again, COMMAND) == card_text(toy, COMMAND)


def test_a_folder_without_cards(tmp_path):
    with pytest.raises(UserError, match=r"^cards: \S+ holds no \.yaml files; name the folder that "
                                        r"`ergon calibrate` has written cards to$"):
        cards_in(tmp_path / "nothing")


def test_a_card_with_a_problem(toy, tmp_path):
    (tmp_path / "toy.yaml").write_text(card_text(toy, COMMAND).replace("version: 1", "version: 2"))
    with pytest.raises(UserError, match=r"^version: 2 is not a known version; use 1 \(line 7\)$"):
        cards_in(tmp_path)
