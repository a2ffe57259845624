"""Technologies: energies per operation with unit, source and error, and how they interpolate."""

import math
from dataclasses import dataclass
from pathlib import Path

from generators.documents import load_document
from generators.errors import UserError

from .technology_file import TechnologyFile

__all__ = ["Technology", "available_technologies", "load_technology"]

_FOLDER = Path(__file__).parent / "technologies"
_KIB = 1024
_SRAM_CAPACITIES = {"sram_8_kib": 8 * _KIB, "sram_32_kib": 32 * _KIB, "sram_1_mib": 1024 * _KIB}
_ACCESS_BITS = 64  # the width that published SRAM and DRAM energies are for
_BITWISE_BITS = 32  # that of the published bitwise operation


@dataclass(frozen=True)
class Technology:
    """Energies of any operation, from the constants of one technology. All results are in pJ."""

    file: TechnologyFile

    @property
    def name(self):
        return self.file.name

    @property
    def error_factor(self):
        """The widest band of the constants; the file's ``checks`` say where rules stay inside."""
        return max(constant.error_factor for _, constant in self.file.constants)

    def _pj(self, name):
        return getattr(self.file.constants, name).value

    def adder_pj(self, bits):
        """One addition: a line through 8 and 32 bits, in proportion to the bits below 8."""
        low, high = self._pj("int_add_8"), self._pj("int_add_32")
        return low * bits / 8 if bits < 8 else low + (high - low) * (bits - 8) / (32 - 8)

    @property
    def multiplier_exponent(self):
        """p of ``energy ~ (product of widths)^p`` through both published multipliers."""
        return math.log(self._pj("int_mul_32") / self._pj("int_mul_8")) / math.log(32**2 / 8**2)

    def multiplier_pj(self, a_bits, b_bits):
        """One multiplication: a power of the product of widths, through 8x8 and 32x32 bits."""
        return self._pj("int_mul_8") * (a_bits * b_bits / 8**2) ** self.multiplier_exponent

    @property
    def register_toggle_pj(self):
        """One toggle of one register bit."""
        return self._pj("register_bit")

    def sram_access_pj(self, depth, width):
        """One read or write of a word in an array of ``depth`` words of ``width`` bits.

        Log-log in capacity through the published points, whose outermost slopes are continued;
        never below the registers that the word would need; in proportion to the width.
        """
        capacity = depth * width / 8
        points = [(size, self._pj(name)) for name, size in _SRAM_CAPACITIES.items()]
        below, above = points[:2] if capacity < points[1][0] else points[1:]
        slope = math.log(above[1] / below[1]) / math.log(above[0] / below[0])
        published = below[1] * (capacity / below[0]) ** slope
        floor = _ACCESS_BITS * self.register_toggle_pj
        return max(published, floor) * width / _ACCESS_BITS

    def dram_pj(self, size_bytes):
        """Lowest and highest published energy to move ``size_bytes`` to or from DRAM."""
        accesses = size_bytes * 8 / _ACCESS_BITS
        return accesses * self._pj("dram_low"), accesses * self._pj("dram_high")

    def cim(self, name):
        """The `Constant` of compute-in-memory that goes by this name.

        Raises
        ------
        UserError
            Where the technology has none.
        """
        if self.file.compute_in_memory is None:
            raise UserError(f"technology {self.name}: compute_in_memory is missing, and without "
                            f"it a compute-in-memory core has no price; add it, or use "
                            f"horowitz_45nm")
        return getattr(self.file.compute_in_memory, name)

    @property
    def full_adder_pj(self):
        """One full adder of a tree."""
        return self.adder_pj(1)

    @property
    def cell_product_pj(self):
        """One product of an input bit and a stored bit."""
        return self.cim("bitwise_32").value / _BITWISE_BITS

    @property
    def cell_line_pj(self):
        """One bit cell's length of a word or bit line, up and back down."""
        return self.cim("cell_line").value

    def adc_pj(self, bits):
        """One conversion: Walden's figure of merit x 2^bits."""
        return self.cim("adc_step").value * 2**bits

    def rules(self):
        """How numbers between and beyond the published ones are made, one sentence each."""
        product_law = self._pj("int_mul_8") * (32 / 8) ** 2 / self._pj("int_mul_32") - 1
        small = self._pj("sram_8_kib"), self._pj("sram_32_kib")
        slope = math.log(small[1] / small[0]) / math.log(4)
        rules = (
            f"Adders: a line through 8 and 32 bits, {self.adder_pj(16):.3f} pJ at 16 bits; in "
            f"proportion to the bits below 8.",
            f"Multipliers: (product of widths)^{self.multiplier_exponent:.3f}, through 8x8 and "
            f"32x32 bits; a plain product of widths would miss the second by {product_law:+.1%}.",
            f"SRAM: log-log in the capacity of one bank; below 8 KiB with the slope of 8 to 32 KiB "
            f"(capacity^{slope:.2f}), not below {_ACCESS_BITS * self.register_toggle_pj:.2f} pJ "
            f"per 64 bits, the energy of as many register bits; in proportion to the word's width; "
            f"reads, writes, one- and two-port arrays alike.",
        )
        return (*rules, *self._cim_rules()) if self.file.compute_in_memory else rules

    def _cim_rules(self):
        pj = self.adc_pj
        return (
            f"Bit cells: a product is one bit of a bitwise operation, "
            f"{1000 * self.cell_product_pj:.2f} fJ; a row's write is one to an SRAM of the "
            f"array's rows and banks.",
            f"Adder trees: {1000 * self.full_adder_pj:.2f} fJ per full adder, one of an addition's "
            f"bits; a half adder is half of one.",
            f"ADC: E = FOM_W x 2^ENOB, R. H. Walden, IEEE JSAC 17, 1999; a converter of b bits is "
            f"taken to resolve all of them: {pj(4):.2f} pJ at 4 bits, {pj(6):.2f} pJ at 6, "
            f"{pj(8):.2f} pJ at 8.",
        )


def available_technologies():
    """Names that `load_technology` knows without a path."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_technology(name):
    """Load a technology by its name, or from a YAML file by its path.

    Raises
    ------
    UserError
        With every problem of the file, or the known names.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in available_technologies():
            raise UserError(f"technology: {name} is not known; use "
                            f"{', '.join(available_technologies())} or the path of a YAML file")
        path = _FOLDER / f"{name}.yaml"
    return Technology(load_document(path, TechnologyFile))
