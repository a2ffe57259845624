"""What every section of a configuration is made of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hw.formats import NumberFormat

__all__ = ["Accumulator", "Depth", "Operand", "Section", "Side", "Text", "Version", "Whole"]

MAX_ARRAY = 256  # rows and columns of the largest published systolic array
MAX_DEPTH = 1 << 20  # words: an array of 256 lanes still has its window in 32 address bits


def _operand(name):
    number = NumberFormat.parse(name)
    if not 2 <= number.bits <= 16:
        raise ValueError(f"{name} has {number.bits} bits; use 2 to 16")
    return name


def _accumulator(name):
    number = NumberFormat.parse(name)
    if not number.signed:
        raise ValueError(f"{name} has no sign; use int<bits>")
    if not 2 <= number.bits <= 32:
        raise ValueError(f"{name} has {number.bits} bits; use 2 to 32")
    return name


def _version(value):
    if value != 1:
        raise ValueError(f"{value} is not a known version; use 1")
    return value


Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]
Version = Annotated[Whole, AfterValidator(_version)]
Side = Annotated[Whole, Field(ge=1, le=MAX_ARRAY)]
Depth = Annotated[Whole, Field(ge=2, le=MAX_DEPTH)]
Operand = Annotated[Text, AfterValidator(_operand)]
Accumulator = Annotated[Text, AfterValidator(_accumulator)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
