"""Dot-product engines as a configuration asks for them."""

from typing import Annotated, Literal

from pydantic import Field

from hw.adder_tree import TreeStyle
from hw.dot_product.parameters import DotProductParameters
from hw.parameters import Overflow

from .sections import EngineKind, Section, Side, Whole, operand_problems

__all__ = ["DOT_PRODUCT", "DotProductSection"]

MOST_WEIGHTS = 1024     # in a beat: as many bits as the accumulators of 256 columns have


class DotProductSection(Section):
    """Columns that all see the input vector; each adds up its products in a tree."""

    kind: Literal["dot_product"]
    """The engine's family."""
    rows: Side
    """Products of a column: input lanes."""
    columns: Side
    """Dot products per cycle: output lanes."""
    weight_rows: Side = 1
    """Rows of weights that are loaded per cycle; divides rows. All of them: a tile per cycle."""
    tree: TreeStyle = TreeStyle.CARRY_SAVE
    """How the trees add."""
    tree_registers: Annotated[Whole, Field(ge=0, le=8)] = 1
    """Pipeline registers inside of each tree."""
    depthwise: Annotated[bool, Field(strict=True)] = False
    """Columns can add up a window of their own channel: depthwise layers and average pooling."""


def _derive(section, formats):
    return DotProductParameters(
        rows=section.rows, columns=section.columns, weight_rows=section.weight_rows,
        tree=section.tree, tree_registers=section.tree_registers,
        depthwise=section.depthwise, **formats)


def _problems(section, formats):
    yield from operand_problems(formats, 1, 16)
    if section.depthwise and formats["overflow"] is Overflow.SATURATE:
        yield ("engine.depthwise: windows would saturate elsewhere than single products do; use "
               "precision.overflow: error or wrap, or depthwise: false")
    rows, loaded = section.rows, section.weight_rows
    most = min(loaded, MOST_WEIGHTS // section.columns)
    fits = max(n for n in range(1, most + 1) if rows % n == 0)
    if rows % loaded:
        yield f"engine.weight_rows: {loaded} does not divide the {rows} rows; use {fits}"
    elif loaded > most:
        yield (f"engine.weight_rows: {loaded} rows of {section.columns} weights are more than the "
               f"{MOST_WEIGHTS} of a beat; use {fits}")


DOT_PRODUCT = EngineKind(DotProductSection, _derive, _problems)
