"""What FPGA families put in place of components that they have cells for."""

from ..multiplier import Multiplier
from ..sram import SinglePortSram
from . import ecp5, ice40

__all__ = ["family_cells", "multiplier_blocks"]

FAMILIES = {"ecp5": ecp5, "ice40": ice40}


def family_cells(family, spram=()):
    """What `StampLibrary` takes: for each type of component, what the family puts in its place.

    Parameters
    ----------
    family: str
        ``ecp5`` or ``ice40``.
    spram: collection of str
        Modules of single-port memories that go into an iCE40's SPRAM.
    """
    if family == "ecp5":
        return {Multiplier: ecp5.multiplier_cells}
    return {Multiplier: ice40.multiplier_cells,
            SinglePortSram: lambda sram: (ice40.Spram(sram) if sram.module_name in spram
                                          else sram)}


def multiplier_blocks(family, multiplier):
    """DSP blocks that a `Multiplier` takes on a family."""
    return FAMILIES[family].multiplier_blocks(multiplier)
