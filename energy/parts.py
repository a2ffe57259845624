"""The lines of an energy report."""

import re
from dataclasses import dataclass

from .formatting import number

__all__ = ["REFERENCE_ACTIVITY", "Part", "common_path", "kind_name"]

REFERENCE_ACTIVITY = 0.5  # toggles of uniform random data: each bit of the next value a coin flip
_NAMES = {"pe": "PE", "cim_cells": "bit cell", "cim_column": "weight column",
          "analog_columns": "analog cell", "analog_adc": "ADC", "word_lines": "word line",
          "sram_idle": "SRAM idle"}


@dataclass(frozen=True)
class Part:
    """Like parts of all components of one kind, with two figures for their energy.

    Parameters
    ----------
    path: str
        Instance paths below the top, ``*`` where they differ.
    kind, part: str
        Component kind and which part of it: ``multiplier``, ``adder``, ``registers``, what else it
        does, or the logical name of a memory. Of a calibrated component: ``data``, ``clock`` and
        ``leakage``.
    count: int
        Instances.
    unit: str
        What is counted: ``operations``, ``accesses``, ``toggles``, ``sums`` and so on.
    actions: float
        How often it happened, over all instances.
    fixed_pj: float
        Actions x energy per action, as if all data were uniformly random; of the ``data`` of a
        calibrated component, what the technology's constants make of the component this way.
    activity_pj: float
        The energy scaled by how much the data really toggled.
    error_factor: float
        The energy lies between ``activity_pj / error_factor`` and ``activity_pj * error_factor``.
    reads, writes: int or None
        Accesses, of memories only.
    calibrated: bool
        Whether the energy comes from a calibration card, and the error with it: that of the
        component's whole energy, which a fit divides into data and clock as suits it.
    """

    path: str
    kind: str
    part: str
    count: int
    unit: str
    actions: float
    fixed_pj: float
    activity_pj: float
    error_factor: float
    reads: int | None = None
    writes: int | None = None
    calibrated: bool = False

    @property
    def label(self):
        """What a reader calls it."""
        return (f"{self.part} SRAM" if self.kind == "sram"
                else f"{kind_name(self.kind)} {self.part}")

    @property
    def error_text(self):
        """Its error as a reader sees it: of a calibration card in percent, else as a factor."""
        if self.calibrated:
            return f"± {100 * (self.error_factor - 1):.1f} %"
        return f"x/÷ {number(self.error_factor)}"


def kind_name(kind):
    """What a reader calls a kind of component."""
    return _NAMES.get(kind, kind.replace("cim", "CIM").replace("_", " "))


def common_path(paths):
    """Several instance paths as one: ``mesh.column_*.pe_*``."""
    patterns = {}
    for path in paths:
        pieces = re.split(r"(\d+)", path)
        patterns.setdefault(tuple(pieces[::2]), []).append(pieces[1::2])
    return ", ".join(_pattern(texts, numbers) for texts, numbers in patterns.items())


def _pattern(texts, numbers):
    places = [values[0] if len(set(values)) == 1 else "*" for values in zip(*numbers, strict=True)]
    return "".join(text + place for text, place in zip(texts, [*places, ""], strict=True))
