"""What a user asks for: the typed form of ``configs/cores/*.yaml``."""

from typing import Annotated, Literal, Union

from pydantic import Field, create_model

from hw.parameters import Overflow

from .documents import load_document
from .engines import ENGINE_KINDS, SystolicSection
from .sections import Accumulator, Depth, Operand, Section, Side, Text, Version, Whole

__all__ = ["AcceleratorConfig", "accelerator_model", "load_config", "schemas"]


def load_config(path):
    """Read and validate a core's YAML file; see `AcceleratorConfig`.

    Raises
    ------
    UserError
        With every problem at once.
    """
    return load_document(path, accelerator_model())


def schemas():
    """JSON Schemas of the files that a user writes, by name, for editors."""
    return {"core": accelerator_model().model_json_schema()}


class Precision(Section):
    """Number formats: ``int<bits>`` or ``uint<bits>``."""

    inputs: Operand
    """Activations, 1 to 16 bits as the engine allows."""
    weights: Operand
    """Weights, 1 to 16 bits as the engine allows."""
    accumulator: Accumulator
    """Sums, signed, 2 to 32 bits."""
    overflow: Overflow = Overflow.ERROR
    """``error`` demands an accumulator that cannot overflow; or ``saturate``, or ``wrap``."""
    reduction: Annotated[Whole, Field(ge=1, le=1 << 24)] = 4096
    """Products that the longest sum adds up; with ``overflow: error`` the accumulator holds it."""


class Memories(Section):
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


class PostProcessing(Section):
    """Bias, requantization and clamping of results."""

    lanes: Side
    """Results per cycle; divides the engine's columns."""
    multiplier_bits: Annotated[Whole, Field(ge=8, le=32)] = 32
    """Width of the requantization multiplier; 32 equals LiteRT's arithmetic to the bit."""
    cycles: Literal[1, 8, 16, 32, 64] = 1
    """Cycles per result; above 1, lanes multiply by shifts and additions and are small."""


class AcceleratorConfig(Section):
    """One core: an engine, its formats, its memories and its post-processing."""

    version: Version
    """Version of this file format: 1."""
    name: Text
    """Name of the top module: a Verilog identifier."""
    description: Text = ""
    """One line for people."""
    engine: SystolicSection
    precision: Precision
    memories: Memories
    post_processing: PostProcessing
    prefetch: bool = True
    """Fetch a job's descriptor while the one before runs; ``false`` saves flip-flops."""
    word_lanes: Side | None = None
    """Activations per memory word; divides rows and columns (default: their greatest divisor)."""


def accelerator_model():
    """`AcceleratorConfig` with the engine kinds that exist now, told apart by ``engine.kind``."""
    sections = tuple(kind.section for kind in ENGINE_KINDS.values())
    engine = Annotated[Union[sections], Field(  # noqa: UP007
        discriminator="kind", description="The compute array; its keys depend on its kind.")]
    return create_model("AcceleratorConfig", __base__=AcceleratorConfig, engine=engine)
