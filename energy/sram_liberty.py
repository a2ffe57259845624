"""Reads the line of a table of SRAM macros from the macro's Liberty file."""

from generators.errors import UserError

from .gate_level.expressions import evaluate, variables
from .gate_level.library import load_library

__all__ = ["describe_macro"]


def describe_macro(path, *, clock="A_CLK", address="A_ADDR", output="A_DOUT",
                   read=("A_MEN", "A_REN"), write=("A_MEN", "A_WEN")):
    """What a macro's Liberty file states of accesses, as a mapping with the keys of `Macro`.

    Energy per access is the internal power of the clock pin, rising and falling, of all groups
    whose condition holds while the named pins are 1 and all others are 0.

    Parameters
    ----------
    path: str or Path
    clock, address, output: str
        The clock pin, and the buses for addresses and read data.
    read, write: tuple of str
        Pins that are 1 in a cycle that reads or writes.

    Raises
    ------
    UserError
        A file without a memory cell, or one that lacks these pins.
    """
    library = load_library(path)
    cell = next((cell for cell in library.cells.values() if cell.is_macro), None)
    if cell is None:
        raise UserError(f"{path}: {library.name} has no memory cell; give the Liberty file of a "
                        f"macro")
    missing = sorted({clock, *read, *write} - cell.pins.keys())
    if missing:
        raise UserError(f"{path}: {cell.name} has no pin {', '.join(missing)}; name those of this "
                        f"macro")

    def bits(bus):
        return sum(name.startswith(f"{bus}[") for name in cell.pins)

    def energy_pj(high):
        tables = [table for power in cell.pins[clock].powers
                  if power.when is None or evaluate(power.when, {
                      name: name in high for name in variables(power.when)})
                  for table in (power.rise, power.fall) if table]
        return round(1e12 * sum(float(table(0.0, 0.0)) for table in tables), 6)

    leakage_w = cell.cell_leakage_w or 0.0
    return {"words": 2**bits(address), "width": bits(output), "read_pj": energy_pj(read),
            "write_pj": energy_pj(write), "idle_pj": energy_pj(()),
            "leakage_nw": round(1e9 * leakage_w, 6), "area_um2": cell.area_um2}
