"""Calibration cards: what a component's toggles cost in one cell library, with the error of that.

A card is a linear model of one component's energy, fitted to gate-level simulations of the netlist
that Yosys maps it to. It holds for components of exactly its parameters, in its library.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from generators.documents import load_document
from generators.errors import UserError

from .partial_products import PartialProducts

__all__ = ["Card", "LinearModel", "Variant", "cards_in", "load_cards"]

_FOLDER = Path(__file__).parent / "technologies"


def _version(value):
    if value != 1:
        raise ValueError(f"{value} is not a known version; use 1")
    return value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinearModel(_Model):
    """Energy in pJ: ``clock_pj`` a cycle, plus a coefficient for every toggle."""

    clock_pj: float
    """Per clock cycle, whatever happens: not fitted, but what the clock's edges cost."""
    toggles: dict[str, list[float]]
    """By net of the component, pJ per toggle of each bit, lowest first."""
    multipliers: list[PartialProducts] = []
    """Partial products among the nets, which follow from others."""

    def energy_pj(self, values):
        """Energy of each cycle.

        Parameters
        ----------
        values: dict of str to numpy.ndarray
            ``uint8[cycles + 1, bits]`` of the component's nets; the first row is the cycle before.
        """
        values = values | {product.name: product.values(values[product.plain],
                                                        values[product.recoded])
                           for product in self.multipliers}
        energy = self.clock_pj
        for net, coefficients in self.toggles.items():
            energy = energy + (values[net][1:] != values[net][:-1]) @ np.array(coefficients)
        return energy


class Variant(_Model):
    """Components with these parameters; arrays have a few variants, of different widths."""

    parameters: dict[str, int | str | bool | None]
    """As the manifest has them; a component with others has no card."""
    module: str
    cells: int
    area_um2: float
    leakage_nw: float
    mean_pj: float
    """A cycle in the data that the model was fitted to, every data set counting alike."""
    fitted_cycles: int
    """Cycles of all instances that the model was fitted to."""
    left_out_rms: float
    """Root mean square error of one cycle of a data set left out of the fit, in terms of its mean
    energy."""
    model: LinearModel


class LibraryUsed(_Model):
    name: str
    sha256: str
    voltage_v: float
    temperature_c: float
    process: float


class Conditions(_Model):
    period_ns: float
    wire_ff_per_fanout: float
    input_slew_ns: float
    glitches: bool
    clock_tree: bool


class Fitted(_Model):
    """What the coefficients were fitted to."""

    designs: list[str]
    """Cores that the components were in."""
    scope: str
    """Instance that was simulated at gate level."""
    netlists: list[str]
    """SHA-256 of the mapped netlist of each design."""
    data_sets: list[str]
    seed: int


class HeldOut(_Model):
    """Errors on data that no coefficient has seen, as fractions of the gate-level energy."""

    design: str
    """Core that the error was measured on."""
    instances: int
    cycles: int
    mean: float
    """Of the data sets' errors, without their signs."""
    worst: float
    windows_mean: float
    windows_p95: float
    """Of all components together in windows of 10 cycles."""
    constant_mean: float
    constant_worst: float
    """Of one energy per cycle, the mean of what was fitted: the baseline."""
    data_sets: dict[str, float]
    """Signed error of each data set."""


class Card(_Model):
    """One component family in one library."""

    version: Annotated[int, AfterValidator(_version)]
    name: str
    kind: str
    """Kind of the component in manifests."""
    library: LibraryUsed
    tools: dict[str, str]
    conditions: Conditions
    fitted: Fitted
    errors: list[HeldOut]
    variants: Annotated[list[Variant], Field(min_length=1)]

    @property
    def error(self):
        """The error to state with a figure: the worst of any held-out data set and array."""
        return max(found.worst for found in self.errors)

    def variant(self, component):
        """The `Variant` for a component of a manifest, or None."""
        if component["kind"] != self.kind:
            return None
        return next((variant for variant in self.variants
                     if variant.parameters == component["parameters"]), None)


@cache
def load_cards(technology):
    """The cards that come with a technology, by the name of its folder in ``technologies``."""
    return _cards(_FOLDER / technology)


def cards_in(folder):
    """The cards in a folder.

    Raises
    ------
    UserError
        Where there are none, and with every problem of a card.
    """
    cards = _cards(Path(folder))
    if not cards:
        raise UserError(f"cards: {folder} holds no .yaml files; name the folder that `ergon "
                        f"calibrate` has written cards to")
    return cards


def _cards(folder):
    return tuple(load_document(path, Card) for path in sorted(folder.glob("*.yaml")))
