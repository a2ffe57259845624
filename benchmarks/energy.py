"""``python -m benchmarks.energy``: calibration cards against the gate level, on unseen data.

Every card that comes with the project is measured again on the designs that were held out of its
fit: another size, other data. Cards of libraries that are not at hand are left out, and named.
"""

import argparse
import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from rich.console import Console
from rich.table import Table

from energy.calibration.held_out import WINDOW, summarize
from energy.cards import load_cards
from energy.gate_level.library import load_library
from energy.technology import load_technology
from ergon.console import View
from ergon.gate_level.calibrate import comparisons
from generators.errors import UserError
from generators.files import write_files

from .cores import BUILD

__all__ = ["main"]

TECHNOLOGIES = ("osu018", "sky130hd", "sg13g2")
COLOURS = dict(zip(TECHNOLOGIES, ("#4269d0", "#d9622b", "#2f9e6e"), strict=True))


def main(arguments=None):
    """Measure, print, and write ``build/benchmarks/energy.json`` and ``energy.svg``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.energy", description=main.__doc__)
    parser.add_argument("--liberty", action="append", default=[], metavar="TECHNOLOGY=PATH",
                        help="where a technology's cell library is")
    parser.add_argument("--card", action="append", default=[], metavar="NAME",
                        help="only the cards of this name")
    chosen = parser.parse_args(arguments)
    console = Console(highlight=False, width=max(Console().width, 150))  # the tables are wide
    measured = list(_measured(dict(entry.split("=", 1) for entry in chosen.liberty), chosen.card,
                              console))
    if not measured:
        raise UserError("benchmarks: no card could be measured; name the cell libraries with "
                        "--liberty TECHNOLOGY=PATH")
    console.print(_table(measured), _data_sets(measured))
    _plot(measured, BUILD / "energy.svg")
    plain = [{"technology": technology, "card": card.name,
              **summarize(design, found).model_dump()} for technology, card, design, found
             in measured]
    console.print(write_files(BUILD, {"energy.json": json.dumps(plain, indent=1) + "\n"}))


def _measured(liberties, names, console):
    """(technology, card, design, comparisons) of everything that can be measured."""
    for name in TECHNOLOGIES:
        technology = load_technology(name)
        path = liberties.get(name, technology.file.liberty)
        if path is None or not Path(path).is_file():
            console.print(f"[yellow]{name}: its cell library is not here; name it with --liberty "
                          f"{name}=PATH[/]")
            continue
        library = load_library(path)
        for card in load_cards(name):
            for error in card.errors if not names or card.name in names else ():
                console.print(f"[dim]{name} {card.name} on {error.design}[/]")
                yield name, card, error.design, comparisons(
                    card, error.design, library, technology, out=BUILD / "energy",
                    view=View(as_json=True), scope=card.fitted.scope)


def _table(measured):
    table = Table(title="Predicted energy against gate level, glitches included",
                  title_justify="left")
    for column in ("technology", "card", "on", "mean", "worst", "windows", "95 %", "constant",
                   "worst"):
        table.add_column(column, justify="left" if column in ("technology", "card", "on")
                         else "right", no_wrap=True)
    for technology, card, design, found in measured:
        error = summarize(design, found)
        table.add_row(technology, card.name, design, *(f"{100 * value:.1f} %" for value in (
            error.mean, error.worst, error.windows_mean, error.windows_p95,
            error.constant_mean, error.constant_worst)))
    return table


def _data_sets(measured):
    """Signed errors of each data set, the model's and the constant's."""
    names = list(dict.fromkeys(found.name for *_, compared in measured for found in compared))
    table = Table(title="By data set: model (constant per cycle), %", title_justify="left")
    for column in ("technology", "card", "on", *names):
        table.add_column(column, justify="right" if column in names else "left")
    for technology, card, design, compared in measured:
        by_name = {found.name: f"{100 * found.error:+.1f} ({100 * found.constant_error:+.0f})"
                   for found in compared}
        table.add_row(technology, card.name, design, *(by_name.get(name, "") for name in names))
    return table


def _plot(measured, path):
    """Predicted against gate-level energy, a point for each window."""
    figure, axes = plt.subplots(figsize=(7.2, 5.4))
    for technology in dict.fromkeys(entry[0] for entry in measured):
        windows = [found.windows_pj for name, _, _, compared in measured if name == technology
                   for found in compared]
        predicted, gate = (np.concatenate(side) / WINDOW for side in zip(*windows, strict=True))
        axes.scatter(gate, predicted, s=5, linewidths=0, alpha=0.45, color=COLOURS[technology],
                     label=f"{technology}, {len(gate):,} windows", rasterized=True)
    low, high = axes.get_xlim()
    low = max(low, min(np.concatenate(found.windows_pj).min() for *_, compared in measured
                       for found in compared) / WINDOW)
    line = np.array([low, high])
    axes.plot(line, line, color="black", linewidth=0.8)
    axes.fill_between(line, 0.9 * line, 1.1 * line, color="black", alpha=0.08, linewidth=0,
                      label="10 % either way")
    axes.set(xscale="log", yscale="log", xlabel="gate level, pJ per cycle and design",
             ylabel="predicted from toggles at RTL, pJ per cycle",
             title=f"Windows of {WINDOW} cycles, designs and data that no coefficient has seen")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit("\n".join(f"error: {message}" for message in error.messages))
