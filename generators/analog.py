"""Analog compute-in-memory as a configuration asks for it."""

from typing import Annotated, Literal

from pydantic import Field

from hw.cim.analog.parameters import SIGMA_BITS, AnalogCimParameters, AnalogNoise
from hw.parameters import Overflow

from .cim import MOST_BITS, one_of
from .sections import EngineKind, Section, Side, Whole, operand_problems

__all__ = ["ANALOG_CIM", "AnalogCimSection", "NoiseSection"]

Absolute = Annotated[float, Field(strict=True, ge=0, le=16, allow_inf_nan=False)]
Relative = Annotated[float, Field(strict=True, ge=0, le=0.25, allow_inf_nan=False)]


class NoiseSection(Section):
    """What is not ideal, each as a standard deviation; 0 is off.

    All of it is an integer function of the seed, the same in hardware and in the golden model.
    """

    seed: Annotated[Whole, Field(ge=0, lt=1 << 32)] = 1
    """Another seed is another chip."""
    thermal: Absolute = 0.0
    """Of each conversion, in column sums: 1 is what an input of 1 on a cell of 1 adds."""
    offset: Absolute = 0.0
    """Of the offset of each physical column, in column sums."""
    gain: Relative = 0.0
    """Of the gain of each physical column, relative: 0.01 is one percent."""
    cell: Relative = 0.0
    """Of what each cell adds, relative."""


class AnalogCimSection(Section):
    """Analog compute-in-memory: columns of cells add up, converters read them in slices."""

    kind: Literal["analog_cim"]
    """The engine's family."""
    rows: Annotated[Whole, Field(ge=8, le=1024)]
    """Rows of the array: input lanes."""
    columns: Side
    """Weights in a row: output lanes."""
    banks: one_of(1, 2, 4, 8) = 2
    """Weights in each cell: one computes while another is written."""
    dac_bits: Annotated[Whole, Field(ge=1, le=4)] = 1
    """Bits of every input that a word line takes at once."""
    cell_bits: Annotated[Whole, Field(ge=1, le=4)] = 1
    """Bits of a weight in one cell; a weight takes as many physical columns as it has slices."""
    rows_active: Annotated[Whole, Field(ge=8, le=256)]
    """Word lines that are driven at once."""
    columns_per_adc: Annotated[Whole, Field(ge=1, le=256)]
    """Physical columns that a converter serves in turn; more of them cost cycles."""
    adc_bits: Annotated[Whole, Field(ge=2, le=12)]
    """Resolution of the converters; what a code stands for is chosen per layer."""
    noise: NoiseSection = NoiseSection()
    """What is not ideal (default: nothing)."""


def _analog(section, formats):
    noise = section.noise
    sigmas = {name: round(getattr(noise, name) * (1 << SIGMA_BITS))
              for name in ("thermal", "offset", "gain", "cell")}
    return AnalogCimParameters(
        rows=section.rows, columns=section.columns, banks=section.banks,
        dac_bits=section.dac_bits, cell_bits=section.cell_bits, rows_active=section.rows_active,
        columns_per_adc=section.columns_per_adc, adc_bits=section.adc_bits,
        noise=AnalogNoise(seed=noise.seed, **sigmas), **formats)


def _analog_problems(section, formats):
    yield from operand_problems(formats, 1, MOST_BITS)
    inputs, weights = formats["inputs"], formats["weights"]
    if section.rows_active > section.rows:
        yield (f"engine.rows_active: {section.rows_active} is more than the {section.rows} rows; "
               "use as many or fewer")
    if section.dac_bits > inputs.bits:
        yield (f"engine.dac_bits: {section.dac_bits} is more than the {inputs.bits} bits of "
               f"{inputs} inputs; use fewer")
    magnitude = max(1, weights.bits - weights.signed)
    if section.cell_bits > magnitude:
        yield (f"engine.cell_bits: {section.cell_bits} is more than the {magnitude} bits of "
               f"{weights} weights without their sign; use fewer")
        return
    engine = _analog(section, formats)
    slices = len(engine.slices)
    fits = [*(n for n in range(1, slices) if slices % n == 0),
            *(n * slices for n in range(1, section.columns + 1) if section.columns % n == 0)]
    if section.columns_per_adc not in fits:
        *most, last = map(str, fits)
        choices = f"{', '.join(most)} or {last}" if most else last
        yield (f"engine.columns_per_adc: {section.columns_per_adc} does not share out "
               f"{section.columns} columns of {slices} slices; use {choices}")
    sums = formats["accumulator"]
    if formats["overflow"] is Overflow.ERROR and engine.partial_sum.bits > sums.bits:
        yield (f"precision.accumulator: {sums} does not hold all that the converters can yield; "
               f"use {engine.partial_sum} or wider")


ANALOG_CIM = EngineKind(AnalogCimSection, _analog, _analog_problems)
