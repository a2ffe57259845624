"""Technologies: energies per operation with unit, source and error, and how they interpolate."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generators.documents import load_document
from generators.errors import UserError

from .sram import ACCESS_BITS, MacroSram, PublishedSram
from .sram_macros import load_macros
from .technology_file import TechnologyFile

__all__ = ["Technology", "available_technologies", "load_technology"]

_FOLDER = Path(__file__).parent / "technologies"
_BITWISE_BITS = 32  # width of the published bitwise operation
_FPGAS = ("fpga", "ecp5", "ice40")


@dataclass(frozen=True)
class Technology:
    """Energies of any operation, from the constants of one technology. All results are in pJ."""

    file: TechnologyFile

    @property
    def name(self):
        return self.file.name

    @property
    def error_factor(self):
        """The widest band of logic's constants; the file's ``checks`` say where rules hold."""
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

    @cached_property
    def sram(self):
        """`PublishedSram` or `MacroSram`: energies of reads and writes, and their errors.

        Raises
        ------
        UserError
            Where the table of macros is not known or has problems.
        """
        file = self.file
        if file.sram.kind == "points":
            return PublishedSram(file.sram, self.register_toggle_pj)
        return MacroSram(load_macros(file.sram.table), file.node_nm, file.voltage_v)

    def dram_pj(self, size_bytes):
        """Lowest and highest published energy to move ``size_bytes`` to or from DRAM."""
        accesses, dram = size_bytes * 8 / ACCESS_BITS, self.file.dram
        return accesses * dram.dram_low.value, accesses * dram.dram_high.value

    def hbm_pj(self, size_bytes):
        """Published energy to move ``size_bytes`` to or from DRAM stacked on the package."""
        return size_bytes * 8 * self.file.dram.hbm.value

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
        rules = (
            f"Adders: a line through 8 and 32 bits, {self.adder_pj(16):.3f} pJ at 16 bits; in "
            f"proportion to the bits below 8.",
            f"Multipliers: (product of widths)^{self.multiplier_exponent:.3f}, through 8x8 and "
            f"32x32 bits; a plain product of widths would miss the second by {product_law:+.1%}.",
            *self.sram.rules(),
        )
        return (*rules, *self._cim_rules()) if self.file.compute_in_memory else rules

    def _cim_rules(self):
        pj = self.adc_pj
        survey = "; ".join(
            f"{row.enob[0]:g} to {row.enob[1]:g} effective bits, {row.p10_pj:g}, {row.p50_pj:g}, "
            f"{row.p90_pj:g} pJ ({row.converters})" for row in self.file.adc_survey)
        return (
            f"Bit cells: a product is one bit of a bitwise operation, "
            f"{1000 * self.cell_product_pj:.2f} fJ; a row's write is one to an SRAM of the "
            f"array's rows and banks.",
            f"Adder trees: {1000 * self.full_adder_pj:.2f} fJ per full adder, one of an addition's "
            f"bits; a half adder is half of one.",
            f"ADC: E = FOM_W x 2^ENOB, R. H. Walden, IEEE JSAC 17, 1999; a converter of b bits is "
            f"taken to resolve all of them: {pj(4):.2f} pJ at 4 bits, {pj(6):.2f} pJ at 6, "
            f"{pj(8):.2f} pJ at 8." + (f" Published converters of any node, 10th percentile, "
                                       f"median, 90th (how many): {survey}." if survey else ""),
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
    if str(name).lower() in _FPGAS:
        raise UserError(f"technology: {name} has no switching model; an FPGA's energy is its "
                        f"board's power times the time of a run, so measure that power and use "
                        f"the run's cycles and clock")
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in available_technologies():
            raise UserError(f"technology: {name} is not known; use "
                            f"{', '.join(available_technologies())} or the path of a YAML file")
        path = _FOLDER / f"{name}.yaml"
    technology = Technology(load_document(path, TechnologyFile))
    _ = technology.sram  # its table is a file of its own, with problems of its own
    return technology
