"""What a user asks for: the typed form of ``configs/cores/*.yaml``."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hw.formats import NumberFormat
from hw.parameters import Dataflow, Overflow

from .documents import load_document

__all__ = ["AcceleratorConfig", "load_config", "schemas"]

MAX_ARRAY = 256  # rows and columns of the largest published systolic array
MAX_DEPTH = 1 << 20  # words: an array of 256 lanes still has its window in 32 address bits


def load_config(path):
    """Read and validate a core's YAML file; see `AcceleratorConfig`.

    Raises
    ------
    UserError
        With every problem at once.
    """
    return load_document(path, AcceleratorConfig)


def schemas():
    """JSON Schemas of the files that a user writes, by name, for editors."""
    return {"core": AcceleratorConfig.model_json_schema()}


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


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class SystolicEngine(_Section):
    """A systolic array of multiply-accumulate units."""

    kind: Literal["systolic"]
    """The engine's family."""
    dataflow: Dataflow
    """The operand that stays in the array; ``switchable`` is weight- or output-stationary."""
    rows: Side
    """Rows of the array: input lanes."""
    columns: Side
    """Columns of the array: output lanes."""


# A second family makes this `Annotated[SystolicEngine | ..., Field(discriminator="kind")]`.
Engine = SystolicEngine


class Precision(_Section):
    """Number formats: ``int<bits>`` or ``uint<bits>``."""

    inputs: Operand
    """Activations, 2 to 16 bits."""
    weights: Operand
    """Weights, 2 to 16 bits."""
    accumulator: Accumulator
    """Sums, signed, 2 to 32 bits."""
    overflow: Overflow = Overflow.ERROR
    """``error`` demands an accumulator that cannot overflow; or ``saturate``, or ``wrap``."""
    reduction: Annotated[Whole, Field(ge=1, le=1 << 24)] = 4096
    """Products that the longest sum adds up; with ``overflow: error`` the accumulator holds it."""


class Memories(_Section):
    """Depths of the core's memories in words, each a power of two."""

    activation_words: Depth
    """Both halves together; a word has ``word_lanes`` activations."""
    weight_words: Depth
    """A word has one weight per lane of the engine's weight stream."""
    accumulator_words: Depth
    """A word has one accumulator per column."""
    parameter_words: Depth
    """A word has bias, multiplier and shift for every post-processing lane."""
    program_words: Depth
    """A word has 32 bits."""


class PostProcessing(_Section):
    """Bias, requantization and clamping of results."""

    lanes: Side
    """Results per cycle; divides the engine's columns."""
    multiplier_bits: Annotated[Whole, Field(ge=8, le=32)] = 32
    """Width of the requantization multiplier; 32 equals LiteRT's arithmetic to the bit."""


class AcceleratorConfig(_Section):
    """One core: an engine, its formats, its memories and its post-processing."""

    version: Version
    """Version of this file format: 1."""
    name: Text
    """Name of the top module: a Verilog identifier."""
    description: Text = ""
    """One line for people."""
    engine: Engine
    precision: Precision
    memories: Memories
    post_processing: PostProcessing
    word_lanes: Side | None = None
    """Activations per memory word; divides rows and columns (default: their greatest divisor)."""
