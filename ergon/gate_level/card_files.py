"""Calibrates components and leaves a card that anyone can make again."""

import re
import shlex
from pathlib import Path

from energy.card_file import card_text
from generators.errors import UserError
from generators.files import write_files

from ..catalog import core_file
from ..libraries import technology_library
from .calibrate import calibrate

__all__ = ["CARDS", "calibrate_card"]

CARDS = "cards"     # folder of cards in the folder of builds; in it, one for each technology
_NAME = re.compile(r"[a-z0-9]\w*", re.ASCII)


def calibrate_card(name, *, designs, held_out, kind, scope=None, technology, liberty=None, out,
                   view):
    """`calibrate`, and write the card to ``<out>/cards/<technology>/<name>.yaml``.

    Parameters
    ----------
    name, designs, held_out, kind, scope, view
        See `calibrate`.
    technology: str
    liberty: str or Path or None
        See `technology_library`.
    out: str or Path
        Folder of all build folders.

    Returns
    -------
    dict
        ``card``, the file; ``name, kind, technology, library, command``; ``variants``, each its
        ``module, cells, area_um2, pj_per_cycle, leakage_nw, left_out_rms``; ``held_out``, each a
        ``design`` with ``mean, worst, windows_mean, windows_p95`` of the error, ``constant_mean,
        constant_worst`` and ``data_sets``: ``name, error, constant_error``.

    Raises
    ------
    UserError
        Before anything runs, where an argument is wrong.
    """
    if not _NAME.fullmatch(name):
        raise UserError(f"name: {name!r} is no name for a card; use letters, digits and _")
    if not designs or not held_out:
        raise UserError(f"--{'held-out' if designs else 'design'}: is missing; name a "
                        f"configuration to {'measure the error on' if designs else 'fit to'}")
    for config in (*designs, *held_out):
        core_file(config)
    command = _command(name, designs, held_out, kind, scope, technology, liberty)
    technology, library = technology_library(technology, liberty)
    card, found = calibrate(name, designs, held_out, kind, library, technology, out=Path(out),
                            view=view, scope=scope)
    folder = Path(out) / CARDS / technology.name
    path = write_files(folder, {f"{name}.yaml": card_text(card, command)})
    compared = {error.design: comparisons for error, (_, comparisons)
                in zip(card.errors, found, strict=True)}
    return {
        "card": str(path), "name": name, "kind": kind, "technology": technology.name,
        "library": library.name, "command": command,
        "variants": [{"module": variant.module, "cells": variant.cells,
                      "area_um2": variant.area_um2, "pj_per_cycle": variant.mean_pj,
                      "leakage_nw": variant.leakage_nw, "left_out_rms": variant.left_out_rms}
                     for variant in card.variants],
        "held_out": [error.model_dump(exclude={"data_sets"}) | {"data_sets": [
            {"name": one.name, "error": one.error, "constant_error": one.constant_error}
            for one in compared[error.design]]} for error in card.errors],
    }


def _command(name, designs, held_out, kind, scope, technology, liberty):
    """The command that makes this card again, in lines for a shell."""
    given = [*(("--design", design) for design in designs),
             *(("--held-out", design) for design in held_out), ("--component", kind),
             *([("--scope", scope)] if scope else []), ("--technology", technology),
             *([("--liberty", liberty)] if liberty else [])]
    lines = [f"ergon calibrate {shlex.quote(name)}",
             *(f"  {option} {shlex.quote(str(value))}" for option, value in given)]
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]
