"""Tables of SRAM macros, and what they say of sizes that they do not list.

Between the macros a model is fitted, by least squares of relative errors:
``energy = a width + b words width + c sqrt(words width)``: what stands at the end of each bit line,
the bit lines with their cells, and what grows with the side of the array (decoder, word lines).
Of nineteen combinations of such terms, and of products of powers, it missed the macros the least
when each in turn was left out of the fit. Area has ``sqrt(words)``, ``width`` and ``words width``.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from generators.documents import load_document
from generators.errors import UserError

from .technology_sections import Model, Number, Version

__all__ = ["Fit", "Macro", "MacroTable", "cacti_points", "load_macros"]

_FOLDER = Path(__file__).parent / "published"
_COEFFICIENTS = 3
_TREND_NODES = 3  # of one size, to continue their energies to another node


class Macro(Model):
    """One macro: energies per access and per clock cycle in which it is not selected."""

    words: Annotated[int, Field(ge=1)]
    width: Annotated[int, Field(ge=1)]
    read_pj: Number
    write_pj: Number
    idle_pj: float
    leakage_nw: float
    area_um2: Number


@dataclass(frozen=True)
class Fit:
    """Three coefficients, and how far each macro is missed by the fit to all others.

    Parameters
    ----------
    coefficients: tuple of float
    left_out: tuple of float
        Relative errors, one for each macro of the table.
    """

    coefficients: tuple[float, ...]
    left_out: tuple[float, ...]

    def __call__(self, words, width):
        return float(np.dot(_terms(words, width), self.coefficients))

    @property
    def mean_error(self):
        return float(np.mean(np.abs(self.left_out)))

    @property
    def worst_error(self):
        return float(np.max(np.abs(self.left_out)))


def _terms(words, width):
    return width, words * width, (words * width) ** 0.5


def _fit(sizes, values):
    rows = np.array([_terms(*size) for size in sizes]) / np.array(values)[:, None]

    def solved(kept):
        return np.linalg.lstsq(rows[kept], np.ones(kept.sum()), rcond=None)[0]

    every = np.arange(len(rows))
    left_out = [float(rows[index] @ solved(every != index)) - 1 for index in every]
    return Fit(tuple(map(float, solved(every >= 0))), tuple(left_out))


class MacroTable(Model):
    """Macros of one generator, at one corner."""

    version: Version
    name: str
    description: str
    source: str
    node_nm: Number
    voltage_v: Number
    corner: str
    temperature_c: float
    macros: list[Macro]

    @model_validator(mode="after")
    def _fittable(self):
        if len({(macro.words, macro.width) for macro in self.macros}) <= _COEFFICIENTS:
            raise ValueError(f"{len(self.macros)} macros are too few to fit {_COEFFICIENTS} "
                             f"coefficients and check them; list {_COEFFICIENTS + 1} or more sizes")
        for fit in (self.read_fit, self.write_fit):
            if min(fit.coefficients) < 0:
                raise ValueError("energy of the macros falls as they grow; correct the "
                                 "numbers or list macros of more sizes")
        return self

    def _fitted(self, values):
        return _fit([(macro.words, macro.width) for macro in self.macros], values)

    @cached_property
    def read_fit(self):
        """`Fit` of the energy of a read, in pJ."""
        return self._fitted([macro.read_pj for macro in self.macros])

    @cached_property
    def write_fit(self):
        """`Fit` of the energy of a write, in pJ."""
        return self._fitted([macro.write_pj for macro in self.macros])

    @cached_property
    def leakage_nw_per_bit(self):
        """Mean over the macros."""
        return float(np.mean([macro.leakage_nw / (macro.words * macro.width)
                              for macro in self.macros]))

    @cached_property
    def idle_pj(self):
        """A clock cycle in which a macro is not selected: mean over the macros."""
        return float(np.mean([macro.idle_pj for macro in self.macros]))

    def listed(self, words, width):
        """The macro of this size, or None."""
        return next((macro for macro in self.macros
                     if (macro.words, macro.width) == (words, width)), None)

    @cached_property
    def disagreement(self):
        """Energies of macros over those that CACTI would give at the same node.

        CACTI's energies of one size are continued to the node of the macros by a power of the node.

        Returns
        -------
        dict of (words, width) to (float, float)
            Read and write, of the sizes that both have.
        """
        found = {}
        for macro in self.macros:
            points = [point for point in cacti_points()
                      if (point.words, point.width) == (macro.words, macro.width)]
            if len(points) >= _TREND_NODES:
                nodes = [point.node_nm for point in points]
                found[macro.words, macro.width] = tuple(
                    energy / _continued(nodes, published, self.node_nm) for energy, published in (
                        (macro.read_pj, [point.read_pj for point in points]),
                        (macro.write_pj, [point.write_pj for point in points])))
        return found


def _continued(nodes, energies, node):
    slope, offset = np.polyfit(np.log(nodes), np.log(energies), 1)
    return float(np.exp(offset + slope * np.log(node)))


class _Point(Model):
    node_nm: Number
    words: int
    width: int
    read_pj: Number
    write_pj: Number


class _Points(Model):
    version: Version
    name: str
    source: str
    points: list[_Point]


def cacti_points():
    """CACTI's energies per access: ``node_nm, words, width, read_pj, write_pj``."""
    return load_document(_FOLDER / "sram_cacti.yaml", _Points).points


def load_macros(name):
    """Load a `MacroTable` by its name, or from a YAML file by its path.

    Raises
    ------
    UserError
        With every problem of the file, or the known names.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        known = sorted(file.stem.removeprefix("sram_") for file in _FOLDER.glob("sram_*.yaml")
                       if file.stem != "sram_cacti")
        if name not in known:
            raise UserError(f"sram.table: {name} is not known; use {', '.join(known)} or the path "
                            f"of a YAML file")
        path = _FOLDER / f"sram_{name}.yaml"
    return load_document(path, MacroTable)
