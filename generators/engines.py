"""The kinds of engines that a configuration can ask for: the one table that `config` looks in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hw.parameters import Dataflow, SystolicParameters

from .sections import Section, Side

__all__ = ["ENGINE_KINDS", "EngineKind", "SystolicSection"]


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
    """

    section: type
    derive: Callable


class SystolicSection(Section):
    """A systolic array of multiply-accumulate units."""

    kind: Literal["systolic"]
    """The engine's family."""
    dataflow: Dataflow
    """The operand that stays in the array; ``switchable`` is weight- or output-stationary."""
    rows: Side
    """Rows of the array: input lanes."""
    columns: Side
    """Columns of the array: output lanes."""


def _systolic(section, formats):
    return SystolicParameters(rows=section.rows, columns=section.columns,
                              dataflow=section.dataflow, **formats)


ENGINE_KINDS = {
    "systolic": EngineKind(SystolicSection, _systolic),
}
