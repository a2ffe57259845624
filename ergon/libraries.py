"""The cell library of a technology, and whether calibration cards are of it."""

from pathlib import Path

from energy.cards import cards_in, load_cards
from energy.gate_level.library import load_library
from energy.technology import available_technologies, load_technology
from generators.errors import UserError

__all__ = ["chosen_cards", "require_library", "technology_library"]


def technology_library(technology, liberty=None):
    """A technology with its cell library.

    Parameters
    ----------
    technology: str
        A YAML file, or a name.
    liberty: str or Path or None
        The library's file; None: where the technology says that it is.

    Returns
    -------
    Technology
    energy.gate_level.library.Library

    Raises
    ------
    UserError
        For a technology without cells, a file that is missing, or the file of another library.
    """
    technology = load_technology(technology)
    file, name = technology.file, technology.name
    if file.library is None or file.wires is None:
        known = [other for other in available_technologies()
                 if load_technology(other).file.library is not None]
        raise UserError(f"technology: {name} has no cell library, and the gate level needs one; "
                        f"use {', '.join(known)}")
    path = liberty or file.liberty
    if path is None:
        raise UserError(f"liberty: is missing, and {name} does not say where its library "
                        f"{file.library} is; name the file with --liberty")
    if not Path(path).is_file():
        install = (f"install {file.liberty_package} or "
                   if file.liberty_package and not liberty else "")
        another = "another" if liberty else "the"
        raise UserError(f"liberty: {path} is missing; {install}name {another} file with --liberty")
    library = load_library(path)
    if library.name != file.library:
        raise UserError(f"liberty: {path} is the library {library.name}, and {name} is of "
                        f"{file.library}; name the file of that one, or another technology")
    return technology, library


def chosen_cards(technology, folder=None):
    """The calibration cards of a technology, or those of a folder for it.

    Raises
    ------
    UserError
        Where the folder has none, or cards of another library.
    """
    if folder is None:
        return load_cards(technology.name)
    cards = cards_in(folder)
    others = [card for card in cards if card.library.name != technology.file.library]
    if others:
        raise UserError([f"card {card.name}: is of the library {card.library.name}, and "
                         f"{technology.name} is of {technology.file.library or 'none'}; name "
                         f"another technology or folder" for card in others])
    return cards


def require_library(cards, library):
    """Refuse cards that were calibrated in another library.

    Raises
    ------
    UserError
        With a sentence for each of them.
    """
    others = [card for card in cards if card.library.sha256 != library.sha256]
    if others:
        raise UserError([
            f"card {card.name}: was calibrated in a {card.library.name} of SHA-256 "
            f"{card.library.sha256[:12]}…, and {library.path} has {library.sha256[:12]}…; name "
            f"the card's library with --liberty, or calibrate again" for card in others])
