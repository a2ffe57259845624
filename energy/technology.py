"""Technologies: energies per operation with unit, source and error, and how they interpolate."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from generators.documents import load_document
from generators.errors import UserError

__all__ = ["Technology", "available_technologies", "load_technology"]

_FOLDER = Path(__file__).parent / "technologies"
_KIB = 1024
_SRAM_CAPACITIES = {"sram_8_kib": 8 * _KIB, "sram_32_kib": 32 * _KIB, "sram_1_mib": 1024 * _KIB}
_ACCESS_BITS = 64  # the width that published SRAM and DRAM energies are for


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


class TechnologyFile(_Model):
    """The typed form of ``technologies/*.yaml``."""

    version: Annotated[int, AfterValidator(_version)]
    name: str
    description: str
    sources: dict[str, str]
    checks: list[str]
    constants: Constants

    @model_validator(mode="after")
    def _cited(self):
        for name, constant in self.constants:
            if constant.source not in self.sources:
                raise ValueError(f"constants.{name} cites {constant.source}, which sources does "
                                 f"not list; add it there")
        return self


@dataclass(frozen=True)
class Technology:
    """Energies of any operation, from the constants of one technology. All results are in pJ."""

    file: TechnologyFile

    @property
    def name(self):
        return self.file.name

    @property
    def error_factor(self):
        """The widest band of the constants; the file's ``checks`` say where rules stay inside."""
        return max(constant.error_factor for _, constant in self.file.constants)

    def _pj(self, name):
        return getattr(self.file.constants, name).value

    def adder_pj(self, bits):
        """One addition: a line through 8 and 32 bits, in proportion to the bits below 8."""
        low, high = self._pj("int_add_8"), self._pj("int_add_32")
        return low * bits / 8 if bits < 8 else low + (high - low) * (bits - 8) / (32 - 8)

    @property
    def multiplier_exponent(self):
        """p of ``energy ~ (product of widths)^p`` through both published multipliers."""
        return math.log(self._pj("int_mul_32") / self._pj("int_mul_8")) / math.log(32**2 / 8**2)

    def multiplier_pj(self, a_bits, b_bits):
        """One multiplication: a power of the product of widths, through 8x8 and 32x32 bits."""
        return self._pj("int_mul_8") * (a_bits * b_bits / 8**2) ** self.multiplier_exponent

    @property
    def register_toggle_pj(self):
        """One toggle of one register bit."""
        return self._pj("register_bit")

    def sram_access_pj(self, depth, width):
        """One read or write of a word in an array of ``depth`` words of ``width`` bits.

        Log-log in capacity through the published points, whose outermost slopes are continued;
        never below the registers that the word would need; in proportion to the width.
        """
        capacity = depth * width / 8
        points = [(size, self._pj(name)) for name, size in _SRAM_CAPACITIES.items()]
        below, above = points[:2] if capacity < points[1][0] else points[1:]
        slope = math.log(above[1] / below[1]) / math.log(above[0] / below[0])
        published = below[1] * (capacity / below[0]) ** slope
        floor = _ACCESS_BITS * self.register_toggle_pj
        return max(published, floor) * width / _ACCESS_BITS

    def dram_pj(self, size_bytes):
        """Lowest and highest published energy to move ``size_bytes`` to or from DRAM."""
        accesses = size_bytes * 8 / _ACCESS_BITS
        return accesses * self._pj("dram_low"), accesses * self._pj("dram_high")

    def rules(self):
        """How numbers between and beyond the published ones are made, one sentence each."""
        product_law = self._pj("int_mul_8") * (32 / 8) ** 2 / self._pj("int_mul_32") - 1
        small = self._pj("sram_8_kib"), self._pj("sram_32_kib")
        slope = math.log(small[1] / small[0]) / math.log(4)
        return (
            f"Adders: a line through 8 and 32 bits, {self.adder_pj(16):.3f} pJ at 16 bits; in "
            f"proportion to the bits below 8.",
            f"Multipliers: (product of widths)^{self.multiplier_exponent:.3f}, through 8x8 and "
            f"32x32 bits; a plain product of widths would miss the second by {product_law:+.1%}.",
            f"SRAM: log-log in the capacity of one bank; below 8 KiB with the slope of 8 to 32 KiB "
            f"(capacity^{slope:.2f}), not below {_ACCESS_BITS * self.register_toggle_pj:.2f} pJ "
            f"per 64 bits, the energy of as many register bits; in proportion to the word's width; "
            f"reads, writes, one- and two-port arrays alike.",
        )


def available_technologies():
    """Names that `load_technology` knows without a path."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_technology(name):
    """Load a technology by its name, or from a YAML file by its path.

    Raises
    ------
    UserError
        With every problem of the file, or the known names.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in available_technologies():
            raise UserError(f"technology: {name} is not known; use "
                            f"{', '.join(available_technologies())} or the path of a YAML file")
        path = _FOLDER / f"{name}.yaml"
    return Technology(load_document(path, TechnologyFile))
