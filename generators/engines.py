"""The kinds of engines that a configuration can ask for: the one table that `config` looks in."""

from typing import Annotated, Literal

from pydantic import Field

from hw.parameters import Dataflow
from hw.systolic.parameters import SystolicParameters

from .analog import ANALOG_CIM
from .cim import DIGITAL_CIM
from .dot_product import DOT_PRODUCT
from .row_stationary import ROW_STATIONARY
from .sections import EngineKind, Section, Side, Whole, operand_problems

__all__ = ["ENGINE_KINDS", "SystolicSection"]


class SystolicSection(Section):
    """A systolic array of multiply-accumulate units."""

    kind: Literal["systolic"]
    """The engine's family."""
    dataflow: Literal["weight_stationary", "output_stationary", "input_stationary", "switchable"]
    """The operand that stays in the array; ``switchable`` is weight- or output-stationary."""
    rows: Side
    """Rows of the array: input lanes."""
    columns: Side
    """Columns of the array: output lanes."""
    arithmetic: Literal["auto", "dsp", "logic"] = "auto"
    """Multipliers on an FPGA: ``auto`` takes DSP blocks row by row as long as there are any."""
    multiplier_stages: Annotated[Whole, Field(ge=0, le=4)] = 0
    """Registers in each multiplier, each a cycle of latency; 2 or 3 are fastest on FPGAs."""
    edge_stages: Annotated[Whole, Field(ge=0, le=2)] = 0
    """Registers between the operand streams and the array, each a cycle of latency."""
    column_pairs: Annotated[bool, Field(strict=True)] = False
    """Pairs of columns take their inputs together, so that a DSP block can serve both."""


def _systolic(section, formats):
    plain = section.arithmetic == "auto" and not (
        section.multiplier_stages or section.column_pairs)
    return SystolicParameters(
        rows=section.rows, columns=section.columns, dataflow=Dataflow(section.dataflow),
        ways=2 if section.column_pairs else 1,
        multiplier_latency=None if plain else section.multiplier_stages,
        dsp_rows=0 if section.arithmetic == "logic" else section.rows,
        edge_stages=section.edge_stages, **formats)


def _systolic_problems(section, formats):
    yield from operand_problems(formats, 2, 16)
    if section.column_pairs and section.columns % 2:
        yield (f"engine.column_pairs: {section.columns} columns are no pairs; use an even number "
               "of columns or false")
    if section.column_pairs and section.dataflow not in ("weight_stationary", "output_stationary"):
        yield (f"engine.column_pairs: {section.dataflow} arrays have none; use weight_stationary, "
               "output_stationary or false")


ENGINE_KINDS = {
    "systolic": EngineKind(SystolicSection, _systolic, _systolic_problems),
    "digital_cim": DIGITAL_CIM,
    "analog_cim": ANALOG_CIM,
    "dot_product": DOT_PRODUCT,
    "row_stationary": ROW_STATIONARY,
}
