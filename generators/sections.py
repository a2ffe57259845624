"""What every section of a configuration is made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hw.formats import NumberFormat

__all__ = ["Accumulator", "Depth", "EngineKind", "Operand", "Section", "Side", "Text", "Version",
           "Whole", "operand_problems", "verilog_identifier"]

MAX_ARRAY = 256  # rows and columns of the largest published systolic array
MAX_DEPTH = 1 << 20  # words: an array of 256 lanes still has its window in 32 address bits


def _operand(name):
    number = NumberFormat.parse(name)
    if number.bits > 16:
        raise ValueError(f"{name} has {number.bits} bits; use 1 to 16")
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


@dataclass(frozen=True)
class EngineKind:
    """One value of ``engine.kind``.

    Parameters
    ----------
    section: type
        What the ``engine`` section holds, a `Section` with a literal ``kind``.
    derive: function
        From that section and the number formats (a dict with ``inputs``, ``weights``,
        ``accumulator`` and ``overflow``) to the engine's parameters.
    problems: function
        From the same to sentences about what contradicts each other.
    """

    section: type
    derive: Callable
    problems: Callable = lambda section, formats: ()


def operand_problems(formats, least, most):
    """Sentences about operands that an engine does not multiply."""
    for name in ("inputs", "weights"):
        number = formats[name]
        if not least <= number.bits <= most:
            yield (f"precision.{name}: {number} has {number.bits} bits; this engine takes {least} "
                   f"to {most}")


def verilog_identifier(name):
    """Whether a name needs no escape in Verilog; two underscores in a row are ours."""
    return bool(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)) and "__" not in name
