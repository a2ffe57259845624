"""Compute-in-memory engines as a configuration asks for them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hw.adder_tree import TreeStyle
from hw.cim.parameters import DigitalCimParameters

from .keywords import VERILOG_KEYWORDS
from .sections import EngineKind, Section, Side, Text, Whole, operand_problems, verilog_identifier

__all__ = ["DIGITAL_CIM", "DigitalCimSection", "MacroGrid", "one_of"]

MOST_BITS = 8


def one_of(*choices):
    *most, last = map(str, choices)
    text = f"{', '.join(most)} or {last}"

    def check(value):
        if value not in choices:
            raise ValueError(f"{value} is not one of the choices; use {text}")
        return value

    return Annotated[Whole, AfterValidator(check)]


def _module(name):
    if name in VERILOG_KEYWORDS:
        raise ValueError(f"{name!r} is a word of the Verilog language; choose another name")
    if not verilog_identifier(name):
        raise ValueError(f"{name!r} is not the name of a Verilog module; use letters, digits and "
                         "single underscores, a letter first")
    return name


class MacroGrid(Section):
    """How many equal macros make up the engine."""

    rows: Side = 1
    """Macros below each other; their sums are added."""
    columns: Side = 1
    """Macros beside each other."""


class DigitalCimSection(Section):
    """Digital compute-in-memory: bit cells with an adder tree behind each column of bits."""

    kind: Literal["digital_cim"]
    """The engine's family."""
    rows: Annotated[Whole, Field(ge=8, le=1024)]
    """Rows of a macro: inputs that each column adds up."""
    columns: Side
    """Columns of a macro: weights in a row."""
    macros: MacroGrid = MacroGrid()
    """Macros of the engine."""
    bits_per_cycle: one_of(1, 2, 4) = 1
    """Bits of every input that enter in one cycle."""
    tree: TreeStyle = TreeStyle.CARRY_SAVE
    """How the trees add."""
    tree_registers: Annotated[Whole, Field(ge=0, le=8)] = 0
    """Pipeline registers inside of each tree."""
    banks: one_of(1, 2, 4, 8) = 2
    """Weights in each cell: one computes while another is written."""
    skip_zero_planes: Annotated[bool, Field(strict=True)] = False
    """Input digits that are zero in all active rows take no cycle."""
    cell_macro: Annotated[Text, AfterValidator(_module)] | None = None
    """Verilog module that takes the place of the bit cells of a column (default: synthesizable)."""


def _digital(section, formats):
    return DigitalCimParameters(
        rows=section.rows * section.macros.rows, columns=section.columns * section.macros.columns,
        macro_rows=section.macros.rows, macro_columns=section.macros.columns,
        bits_per_cycle=section.bits_per_cycle, tree=section.tree,
        tree_registers=section.tree_registers, banks=section.banks,
        skip_zero_planes=section.skip_zero_planes, cell_macro=section.cell_macro, **formats)


def _digital_problems(section, formats):
    yield from operand_problems(formats, 1, MOST_BITS)
    inputs = formats["inputs"]
    if section.bits_per_cycle > inputs.bits:
        yield (f"engine.bits_per_cycle: {section.bits_per_cycle} is more than the "
               f"{inputs.bits} bits of {inputs} inputs; use fewer")


DIGITAL_CIM = EngineKind(DigitalCimSection, _digital, _digital_problems)
