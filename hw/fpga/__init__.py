"""What FPGA families put in place of components that they have cells for."""

from ..multiplier import Multiplier
from . import ecp5, ice40

__all__ = ["CELLS"]

CELLS = {
    "ecp5": {Multiplier: ecp5.multiplier_cells},
    "ice40": {Multiplier: ice40.multiplier_cells},
}
