"""A technology's cell library: where it is, and that it and the cards belong together."""

import hashlib

import pytest
import yaml

from energy.card_file import card_text
from energy.technology import _FOLDER
from ergon.libraries import chosen_cards, require_library, technology_library
from generators.errors import UserError
from tests.energy.toy_card import FIRST, card, variant


def technology_file(folder, **changes):
    path = folder / "mine.yaml"
    data = yaml.safe_load((_FOLDER / "osu018.yaml").read_text())
    path.write_text(yaml.safe_dump({key: value for key, value in (data | changes).items()
                                    if value is not None}))
    return str(path)


def test_a_technology_knows_where_its_library_is(osu018_path):
    technology, library = technology_library("osu018")
    assert (technology.name, library.name) == ("osu018", "osu018_stdcells")
    assert technology_library("osu018", osu018_path)[1].sha256 == library.sha256
    assert library.sha256 == hashlib.sha256(osu018_path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("technology", "liberty", "message"), [
    ("horowitz_45nm", None, r"technology: horowitz_45nm has no cell library, and the gate level "
                            r"needs one; use osu018, .+"),
    ("sg13g2", None, r"liberty: is missing, and sg13g2 does not say where its library "
                     r"sg13g2_stdcell_typ_1p20V_25C is; name the file with --liberty"),
    ("osu018", "nothing.lib",
     r"liberty: nothing\.lib is missing; name another file with --liberty"),
])
def test_no_library(technology, liberty, message):
    with pytest.raises(UserError, match=f"^{message}$"):
        technology_library(technology, liberty)


def test_a_library_that_is_not_installed(tmp_path):
    path = technology_file(tmp_path, liberty="/nowhere/cells.lib")
    with pytest.raises(UserError, match=r"^liberty: /nowhere/cells\.lib is missing; install "
                                        r"qflow-tech-osu018 or name the file with --liberty$"):
        technology_library(path)


def test_another_library(osu018_path):
    with pytest.raises(UserError, match=r"^liberty: \S+ is the library osu018_stdcells, and sg13g2 "
                                        r"is of sg13g2_stdcell_typ_1p20V_25C; name the file of "
                                        r"that one, or another technology$"):
        technology_library("sg13g2", osu018_path)


def test_cards_of_another_library(tmp_path):
    toy = card(variant(FIRST))
    (tmp_path / "toy.yaml").write_text(card_text(toy, ["by hand"]))
    technology, library = technology_library("osu018")
    with pytest.raises(UserError, match=r"^card toy_pe: is of the library toy, and osu018 is of "
                                        r"osu018_stdcells; name another technology or folder$"):
        chosen_cards(technology, tmp_path)
    with pytest.raises(UserError, match=r"^card toy_pe: was calibrated in a toy of SHA-256 "
                                        r"000000000000…, and \S+ has \w{12}…; name the card's "
                                        r"library with --liberty, or calibrate again$"):
        require_library([toy], library)
    mine = toy.library.model_copy(update={"sha256": library.sha256})
    require_library([toy.model_copy(update={"library": mine})], library)
