"""The typed form of ``technologies/*.yaml``."""

from typing import Annotated

from pydantic import Field, model_validator

from .technology_sections import (
    AdcRange,
    ClockTree,
    Constant,
    Dram,
    Model,
    Number,
    SramMacros,
    SramPoints,
    Version,
    Wires,
    ascending,
)

__all__ = ["TechnologyFile"]


class Constants(Model):
    """Logic: what prices components that no calibration card covers."""

    int_add_8: Constant
    int_add_32: Constant
    int_mul_8: Constant
    int_mul_32: Constant
    register_bit: Constant

    @model_validator(mode="after")
    def _ordered(self):
        ascending(self, ("int_add_8", "int_add_32"), ("int_mul_8", "int_mul_32"))
        return self


class CimConstants(Model):
    """What a technology must state besides to price compute-in-memory."""

    bitwise_32: Constant
    cell_line: Constant
    dac_bit: Constant
    adc_step: Constant


class TechnologyFile(Model):
    """One technology.

    Parameters
    ----------
    library: str or None
        Name of the Liberty library that the logic is made of, None where there is none.
    liberty: str or None
        Where that library's file lies once ``liberty_package`` of Debian is installed; None where
        a user has to say.
    corner: str
    temperature_c: float or None
        None where the sources state none.
    """

    version: Version
    name: str
    description: str
    node_nm: Number
    voltage_v: Number
    library: str | None = None
    liberty: str | None = None
    liberty_package: str | None = None
    corner: str = "not stated"
    temperature_c: float | None = None
    sources: dict[str, str]
    checks: list[str]
    constants: Constants
    sram: Annotated[SramPoints | SramMacros, Field(discriminator="kind")]
    dram: Dram
    wires: Wires | None = None
    clock_tree: ClockTree | None = None
    compute_in_memory: CimConstants | None = None
    adc_survey: list[AdcRange] = []

    @property
    def all_constants(self):
        """Every constant and its name."""
        sections = (self.constants, self.sram, self.dram, self.compute_in_memory or ())
        return [(name, value) for section in sections for name, value in section
                if isinstance(value, Constant)]

    @model_validator(mode="after")
    def _cited(self):
        cited = [(f"{section}.{name}", value.source)
                 for section in ("constants", "sram", "dram", "compute_in_memory")
                 for name, value in getattr(self, section) or () if isinstance(value, Constant)]
        if self.clock_tree:
            cited.append(("clock_tree", self.clock_tree.source))
        cited += [(f"adc_survey[{index}]", row.source)
                  for index, row in enumerate(self.adc_survey)]
        for name, source in cited:
            if source not in self.sources:
                raise ValueError(f"{name} cites {source}, which sources does not list; "
                                 f"add it there")
        return self
