"""The kinds of engines that a configuration can ask for: the one table that `config` looks in."""

from typing import Literal

from hw.parameters import Dataflow
from hw.systolic.parameters import SystolicParameters

from .analog import ANALOG_CIM
from .cim import DIGITAL_CIM
from .dot_product import DOT_PRODUCT
from .row_stationary import ROW_STATIONARY
from .sections import EngineKind, Section, Side, operand_problems

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


def _systolic(section, formats):
    return SystolicParameters(rows=section.rows, columns=section.columns,
                              dataflow=Dataflow(section.dataflow), **formats)


def _systolic_problems(section, formats):
    return operand_problems(formats, 2, 16)


ENGINE_KINDS = {
    "systolic": EngineKind(SystolicSection, _systolic, _systolic_problems),
    "digital_cim": DIGITAL_CIM,
    "analog_cim": ANALOG_CIM,
    "dot_product": DOT_PRODUCT,
    "row_stationary": ROW_STATIONARY,
}
