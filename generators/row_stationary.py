"""Row-stationary engines as a configuration asks for them."""

from typing import Annotated, Literal

from pydantic import Field

from hw.parameters import Overflow
from hw.row_stationary.parameters import RowStationaryParameters

from .cim import one_of
from .sections import EngineKind, Section, Side, Whole, operand_problems

__all__ = ["ROW_STATIONARY", "RowStationarySection"]


class RowStationarySection(Section):
    """Elements with small memories; each convolves a row of a filter with a row of the input."""

    kind: Literal["row_stationary"]
    """The engine's family."""
    rows: Side
    """Rows of the array: filter rows that are added up or apart."""
    columns: Side
    """Columns of the array: rows of the output, and output lanes."""
    channels_per_beat: one_of(1, 2, 4, 8, 16) = 4
    """Channels of a pixel that are delivered per cycle: input lanes."""
    weights_per_beat: one_of(1, 2, 4, 8, 16) = 4
    """Weights that are delivered per cycle."""
    macs_per_pe: one_of(1, 2, 4) = 1
    """Channels that an element multiplies per cycle; at most those and the weights of a beat."""
    filter_scratchpad: Annotated[Whole, Field(ge=1, le=4096)]
    """Weights in each of an element's two banks; columns x channels_per_beat or more."""
    input_scratchpad: Annotated[Whole, Field(ge=1, le=256)]
    """Pixels in an element, each of channels_per_beat channels: the longest kernel row."""
    sum_scratchpad: Annotated[Whole, Field(ge=1, le=256)]
    """Partial sums in an element: filters that take turns in it; at least the columns."""
    zero_gating: Annotated[bool, Field(strict=True)] = False
    """Elements whose inputs are zero fetch no weights and hold their multipliers' operands."""


def _derive(section, formats):
    return RowStationaryParameters(
        rows=section.rows, columns=section.columns, channels_per_beat=section.channels_per_beat,
        weights_per_beat=section.weights_per_beat, macs_per_pe=section.macs_per_pe,
        filter_depth=section.filter_scratchpad, window_pixels=section.input_scratchpad,
        sum_depth=section.sum_scratchpad, zero_gating=section.zero_gating, **formats)


def _problems(section, formats):
    yield from operand_problems(formats, 1, 16)
    columns, macs, beat = section.columns, section.macs_per_pe, section.weights_per_beat
    if formats["overflow"] is Overflow.SATURATE:
        yield ("precision.overflow: saturate would depend on the order of the sums between the "
               "elements; use error or wrap")
    for name, lanes in (("channels_per_beat", section.channels_per_beat),
                        ("weights_per_beat", beat)):
        if lanes < macs:
            yield f"engine.{name}: {lanes} is less than the {macs} of macs_per_pe; use {macs}"
    # The transposer takes squares: vectors of as many filters as there are columns.
    if section.sum_scratchpad < columns:
        yield (f"engine.sum_scratchpad: {section.sum_scratchpad} is less than the {columns} "
               f"columns; use {columns} or more")
    depth, channels = section.filter_scratchpad, section.channels_per_beat
    least = -(-columns * channels // beat) * beat
    if depth < least:
        yield (f"engine.filter_scratchpad: {depth} is too small for {columns} filters of the "
               f"{channels} channels of a beat; use {least} or more")
    elif depth % beat:
        yield (f"engine.filter_scratchpad: {depth} is not a multiple of the {beat} weights of a "
               f"beat; use {depth - depth % beat}")


ROW_STATIONARY = EngineKind(RowStationarySection, _derive, _problems)
