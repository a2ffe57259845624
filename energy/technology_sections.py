"""Sections of a technology file: numbers with unit, source and error, and estimates with bands."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

__all__ = ["AdcRange", "Band", "ClockTree", "Constant", "Dram", "Model", "Number", "SramMacros",
           "SramPoints", "Version", "Wires", "ascending"]


def _number(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number; write it like 0.03 or 1.0e-3")
    if not 0 < value < math.inf:
        raise ValueError(f"{value} is not a positive number; write the published value")
    return float(value)


def _factor(value):
    if value < 1:
        raise ValueError(f"{value} is below 1; a factor of 1 means exact, 2 means half to double")
    return value


def _version(value):
    if value != 1:
        raise ValueError(f"{value} is not a known version; use 1")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Version = Annotated[int, AfterValidator(_version)]


class Model(BaseModel):
    """Frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Constant(Model):
    """One number of a technology.

    ``published`` is read from the source, ``measured`` by this project's gate-level simulation of a
    netlist in the source's library, ``assumed`` chosen with the reason in the note.
    """

    value: Number
    unit: Literal["pJ"]
    per: str
    kind: Literal["published", "assumed", "measured"]
    source: str
    error_factor: Annotated[Number, AfterValidator(_factor)]
    note: str = ""


def ascending(section, *pairs):
    """Reject a section of constants of which the first of a pair is larger than the second."""
    for smaller, larger in pairs:
        low, high = getattr(section, smaller).value, getattr(section, larger).value
        if low > high:
            raise ValueError(f"{smaller} is {low:g} pJ, more than {larger} with {high:g} pJ; "
                             f"correct one of them")


class SramPoints(Model):
    """Energies per access that were published for three capacities."""

    kind: Literal["points"]
    sram_8_kib: Constant
    sram_32_kib: Constant
    sram_1_mib: Constant

    @model_validator(mode="after")
    def _ordered(self):
        ascending(self, ("sram_8_kib", "sram_32_kib"), ("sram_32_kib", "sram_1_mib"))
        return self


class SramMacros(Model):
    """A table of macros: a name that `energy.sram_macros` knows, or the path of a YAML file."""

    kind: Literal["macros"]
    table: str


class Dram(Model):
    """Energies to move a word to or from DRAM, whatever the logic is made in."""

    dram_low: Constant
    dram_high: Constant
    hbm: Constant

    @model_validator(mode="after")
    def _ordered(self):
        ascending(self, ("dram_low", "dram_high"))
        return self


class Band(Model):
    """An estimate and the range that it stands for."""

    low: Number
    typical: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self):
        if not self.low <= self.typical <= self.high:
            raise ValueError(f"low, typical and high are {self.low:g}, {self.typical:g} and "
                             f"{self.high:g}; write them in ascending order")
        return self


class Wires(Model):
    """Capacitance of the wire to each input that a net drives, where nothing is placed yet."""

    ff_per_fanout: Band
    reason: str


class ClockTree(Model):
    """What distributes the clock, where no tree is built yet.

    Parameters
    ----------
    pin_ff: float
        Capacitance of a flip-flop's clock pin.
    wire_ff: Band
        Wire to each flip-flop.
    buffers: Band
        Energy of the buffers, as a share of that of pins and wires.
    source: str
        Key of the library that ``pin_ff`` and the buffers are read from.
    """

    pin_ff: Number
    wire_ff: Band
    buffers: Band
    source: str
    reason: str


class AdcRange(Model):
    """Energy per conversion of the published converters in a range of effective bits."""

    enob: tuple[Number, Number]
    p10_pj: Number
    p50_pj: Number
    p90_pj: Number
    converters: int
    source: str
