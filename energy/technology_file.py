"""The typed form of ``technologies/*.yaml``: numbers with unit, source and error."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

__all__ = ["TechnologyFile"]


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


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Constant(_Model):
    """One number of a technology."""

    value: Number
    unit: Literal["pJ"]
    per: str
    kind: Literal["published", "assumed"]
    source: str
    error_factor: Annotated[Number, AfterValidator(_factor)]
    note: str = ""


class Constants(_Model):
    """The numbers that every technology must state."""

    int_add_8: Constant
    int_add_32: Constant
    int_mul_8: Constant
    int_mul_32: Constant
    sram_8_kib: Constant
    sram_32_kib: Constant
    sram_1_mib: Constant
    dram_low: Constant
    dram_high: Constant
    register_bit: Constant

    @model_validator(mode="after")
    def _ordered(self):
        for smaller, larger in (("int_add_8", "int_add_32"), ("int_mul_8", "int_mul_32"),
                                ("sram_8_kib", "sram_32_kib"), ("sram_32_kib", "sram_1_mib"),
                                ("dram_low", "dram_high")):
            low, high = getattr(self, smaller).value, getattr(self, larger).value
            if low > high:
                raise ValueError(f"{smaller} is {low:g} pJ, more than {larger} with {high:g} pJ; "
                                 f"correct one of them")
        return self


class CimConstants(_Model):
    """What a technology must state besides to price compute-in-memory."""

    bitwise_32: Constant
    cell_line: Constant
    dac_bit: Constant
    adc_step: Constant


class TechnologyFile(_Model):
    """One technology."""

    version: Annotated[int, AfterValidator(_version)]
    name: str
    description: str
    node_nm: Number
    voltage_v: Number
    sources: dict[str, str]
    checks: list[str]
    constants: Constants
    compute_in_memory: CimConstants | None = None

    @property
    def all_constants(self):
        """Every constant and its name."""
        return [*self.constants, *(self.compute_in_memory or ())]

    @model_validator(mode="after")
    def _cited(self):
        for section in ("constants", "compute_in_memory"):
            for name, constant in getattr(self, section) or ():
                if constant.source not in self.sources:
                    raise ValueError(f"{section}.{name} cites {constant.source}, which sources "
                                     f"does not list; add it there")
        return self
