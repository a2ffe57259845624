"""SRAM macros, as their libraries describe them, in the place of a core's memories."""

from dataclasses import dataclass

from energy.gate_level.library import load_library
from energy.sram_liberty import describe_macro

__all__ = ["Macro", "cover", "read_macro"]

SLEW_S, LOAD_F = 0.1e-9, 10e-15  # at which a macro's access time is read


@dataclass(frozen=True)
class Macro:
    """A single-port SRAM macro; ``access_s`` is from the clock edge to its slowest output."""

    name: str
    words: int
    width: int
    area_um2: float
    access_s: float


def read_macro(path):
    """The `Macro` of a Liberty file; `UserError` if it has none."""
    said = describe_macro(path)
    cell = next(cell for cell in load_library(path).cells.values() if cell.is_macro)
    delays = [float(table(SLEW_S, LOAD_F)) for pin in cell.pins.values() for arc in pin.arcs
              for table in (arc.cell_rise, arc.cell_fall) if table]
    return Macro(cell.name, said["words"], said["width"], said["area_um2"],
                 max(delays, default=0.0))


def cover(shape, macros):
    """The macro that covers a memory with the least area, and how many of it; (None, 0) if none.

    Side by side for its width, in a stack for its words. No single-port macro does for a memory
    that reads and writes in one cycle.
    """
    if shape["ports"] != "1rw" or not macros:
        return None, 0
    counts = {macro: -(-shape["depth"] // macro.words) * -(-shape["width"] // macro.width)
              for macro in macros}
    best = min(counts, key=lambda macro: counts[macro] * macro.area_um2)
    return best, counts[best]
