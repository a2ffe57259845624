"""Published chips to hold an estimate beside, as a ratio and never fitted."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from generators.documents import load_document

from .formatting import energy, number
from .technology_sections import Model, Number, Version

__all__ = ["Chip", "SiliconComparison", "compare_with_silicon", "matches", "published_chips"]

_FILE = Path(__file__).parent / "published" / "silicon.yaml"
_SAME = 1.10  # node and supply of a match differ by this factor or less
_FJ_PER_MAC = 2000  # at 1 TOPS/W: two operations of 1 pJ


class Chip(Model):
    """One operating point of one chip."""

    chip: str
    kind: Literal["cim", "accelerator"]
    node_nm: Number
    voltage_v: Number
    input_bits: Annotated[int, Field(ge=1)]
    weight_bits: Annotated[int, Field(ge=1)]
    tops_w_1b: Number
    source: str

    def fj_per_mac(self, input_bits, weight_bits):
        """Energy of a MAC; 1-bit operations per energy do not depend on how bits are grouped."""
        return _FJ_PER_MAC * input_bits * weight_bits / self.tops_w_1b

    def has_precision(self, input_bits, weight_bits):
        """Whether it computes with such operands; bit-serial macros take inputs of any length."""
        serial = self.kind == "cim" and self.input_bits == 1
        return self.weight_bits == weight_bits and (serial or self.input_bits == input_bits)

    def __str__(self):
        return (f"{self.chip}, {self.node_nm:g} nm, {self.voltage_v:g} V, {self.input_bits} x "
                f"{self.weight_bits} bits")


class _Chips(Model):
    version: Version
    sources: dict[str, str]
    chips: list[Chip]


@dataclass(frozen=True)
class SiliconComparison:
    """What published silicon says beside an estimate.

    Parameters
    ----------
    rows: tuple of dict
        ``chip``, ``kind``, ``node_nm``, ``voltage_v``, ``fj_per_mac``, ``source``, and ``ratio``:
        the estimate over the chip's energy. Empty where no chip matches.
    sentence: str
    """

    rows: tuple[dict, ...]
    sentence: str


@cache
def published_chips():
    """Every `Chip`, and the text of the sources by their keys."""
    document = load_document(_FILE, _Chips)
    return tuple(document.chips), document.sources


def matches(technology, input_bits, weight_bits):
    """Chips whose node and supply are within 10 % of the technology's, with the same operands."""
    file = technology.file
    return [chip for chip in published_chips()[0]
            if chip.has_precision(input_bits, weight_bits)
            and _factor(chip.node_nm, file.node_nm) <= _SAME
            and _factor(chip.voltage_v, file.voltage_v) <= _SAME]


def compare_with_silicon(technology, input_bits, weight_bits, pj_per_mac):
    """A `SiliconComparison` of an estimate with the chips that match, or with none."""
    found = matches(technology, input_bits, weight_bits)
    file = technology.file
    if not found:
        near = _nearest(file, input_bits, weight_bits)
        operands = ((input_bits, weight_bits) if near.has_precision(input_bits, weight_bits)
                    else (near.input_bits, near.weight_bits))
        return SiliconComparison((), (
            f"Published silicon: none of {len(published_chips()[0])} points of digital chips has "
            f"{file.node_nm:g} nm and {file.voltage_v:g} V within 10 % and {input_bits} x "
            f"{weight_bits} bits, and no ratio is given; the nearest is {near}, "
            f"{energy(near.fj_per_mac(*operands) / 1000)} per MAC."))
    rows = tuple({
        "chip": chip.chip, "kind": chip.kind, "node_nm": chip.node_nm,
        "voltage_v": chip.voltage_v, "fj_per_mac": chip.fj_per_mac(input_bits, weight_bits),
        "ratio": 1000 * pj_per_mac / chip.fj_per_mac(input_bits, weight_bits),
        "source": chip.source} for chip in found)
    ratios = ", ".join(f"{number(row['ratio'])} x {chip}"
                       for row, chip in zip(rows, found, strict=True))
    return SiliconComparison(rows, (
        f"Published silicon within 10 % of {file.node_nm:g} nm and {file.voltage_v:g} V with "
        f"{input_bits} x {weight_bits} bits: this figure is {ratios}; theirs are peaks, and those "
        f"of macros leave out what feeds them."))


def _factor(a, b):
    return max(a / b, b / a)


def _nearest(file, input_bits, weight_bits):
    """The least product of the factors between nodes and supplies, among chips of these operands.

    Among all chips where none has them.
    """
    chips = published_chips()[0]
    alike = [chip for chip in chips if chip.has_precision(input_bits, weight_bits)] or chips

    return min(alike, key=lambda chip: _factor(chip.node_nm, file.node_nm)
               * _factor(chip.voltage_v, file.voltage_v))
