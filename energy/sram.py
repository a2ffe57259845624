"""Energy of accesses to SRAMs of any size, from published points or from a table of macros."""

import math
from dataclasses import dataclass
from functools import cached_property

from .sram_macros import MacroTable

__all__ = ["ACCESS_BITS", "MacroSram", "PublishedSram"]

_KIB = 1024
_CAPACITIES = {"sram_8_kib": 8 * _KIB, "sram_32_kib": 32 * _KIB, "sram_1_mib": 1024 * _KIB}
ACCESS_BITS = 64  # the width that published energies are for


@dataclass(frozen=True)
class PublishedSram:
    """Reads and writes alike, of arrays with one or two ports.

    Parameters
    ----------
    section: SramPoints
    register_toggle_pj: float
        Below the energy of the registers that a word would need, no access falls.
    """

    section: object
    register_toggle_pj: float
    idle_is_known = False

    def read_pj(self, depth, width):
        """One access to a word in an array of ``depth`` words of ``width`` bits.

        Log-log in capacity through the published points, whose outermost slopes are continued;
        never below the registers that the word would need; in proportion to the width.
        """
        capacity = depth * width / 8
        points = [(size, getattr(self.section, name).value) for name, size in _CAPACITIES.items()]
        below, above = points[:2] if capacity < points[1][0] else points[1:]
        slope = math.log(above[1] / below[1]) / math.log(above[0] / below[0])
        published = below[1] * (capacity / below[0]) ** slope
        return max(published, ACCESS_BITS * self.register_toggle_pj) * width / ACCESS_BITS

    write_pj = read_pj

    def read_factor(self, depth, width):
        """The energy lies between ``read_pj / factor`` and ``read_pj * factor``."""
        return max(getattr(self.section, name).error_factor for name in _CAPACITIES)

    write_factor = read_factor

    def rules(self):
        """How numbers between and beyond the published ones are made, one sentence each."""
        small = self.section.sram_8_kib.value, self.section.sram_32_kib.value
        slope = math.log(small[1] / small[0]) / math.log(4)
        return (
            f"SRAM: log-log in the capacity of one bank; below 8 KiB with the slope of 8 to 32 KiB "
            f"(capacity^{slope:.2f}), not below {ACCESS_BITS * self.register_toggle_pj:.2f} pJ "
            f"per 64 bits, the energy of as many register bits; in proportion to the word's width; "
            f"reads, writes, one- and two-port arrays alike.",
        )


@dataclass(frozen=True)
class MacroSram:
    """A size that the table lists takes the macro's energy, any other that of the fit.

    Words wider than the widest macro lie in macros side by side. Beyond the largest macro energy
    grows with the square root of capacity, as that of CACTI's arrays does from 32 KiB to 1 MiB; the
    band grows by the same factor, for one bank that alone works has the energy of the largest
    macro, and one undivided array that of all its cells. Below the smallest depth or width the fit
    is continued, and the band grows by the square root of how far.

    Parameters
    ----------
    table: MacroTable
    node_nm, voltage_v: float
        Of the logic around the SRAM. Where they are not those of the macros, energies are scaled
        by the square of the voltages' ratio and not by the node; the band grows by both ratios.
    """

    table: MacroTable
    node_nm: float
    voltage_v: float

    @property
    def is_scaled(self):
        return (self.node_nm, self.voltage_v) != (self.table.node_nm, self.table.voltage_v)

    @property
    def idle_is_known(self):
        """Leakage and deselected clocks are those of the macros' own process and voltage."""
        return not self.is_scaled

    def read_pj(self, depth, width):
        """One read of a word in an array of ``depth`` words of ``width`` bits."""
        return self._scale * self._unscaled("read", depth, width)

    def write_pj(self, depth, width):
        """One write of a word; see `read_pj`."""
        return self._scale * self._unscaled("write", depth, width)

    def read_factor(self, depth, width):
        """The energy lies between ``read_pj / factor`` and ``read_pj * factor``."""
        return self._band[0] * self._beyond(depth, width)

    def write_factor(self, depth, width):
        """The same of `write_pj`."""
        return self._band[1] * self._beyond(depth, width)

    def idle_pj(self, depth, width):
        """One clock cycle in which an array is not selected, without leakage."""
        return self._abreast(width)[0] * self.table.idle_pj

    def leakage_nw(self, depth, width):
        """Leakage of an array: the macros' is in proportion to their bits."""
        return self.table.leakage_nw_per_bit * depth * width

    def _unscaled(self, way, depth, width):
        abreast, share = self._abreast(width)
        words = min(depth, self._deepest(share))
        listed = self.table.listed(words, share)
        energy = (getattr(listed, f"{way}_pj") if listed
                  else getattr(self.table, f"{way}_fit")(words, share))
        return abreast * energy * (depth / words) ** 0.5

    def _abreast(self, width):
        """Macros side by side that a word needs, and the bits that each holds of it."""
        count = math.ceil(width / self._most("width"))
        return count, width / count

    def _deepest(self, width):
        """Words of the largest macro of a width."""
        bits = max(macro.words * macro.width for macro in self.table.macros)
        return min(self._most("words"), int(bits // width))

    def _most(self, name):
        return max(getattr(macro, name) for macro in self.table.macros)

    def _least(self, name):
        return min(getattr(macro, name) for macro in self.table.macros)

    @property
    def _scale(self):
        return (self.voltage_v / self.table.voltage_v) ** 2

    @cached_property
    def _band(self):
        """Widest disagreement of reads and writes with CACTI, and what scaling adds to it.

        Where no size can be compared, the worst error of the fit takes its place.
        """
        ratios = list(zip(*self.table.disagreement.values(), strict=True)) or [
            [1 + fit.worst_error] for fit in (self.table.read_fit, self.table.write_fit)]
        return tuple(self._assumed * max(max(ratio, 1 / ratio) for ratio in way) for way in ratios)

    @property
    def _assumed(self):
        """By how much another voltage and another node widen the band."""
        pairs = (self.voltage_v, self.table.voltage_v), (self.node_nm, self.table.node_nm)
        return math.prod(max(a / b, b / a) for a, b in pairs)

    def _beyond(self, depth, width):
        """By how much sizes outside of the table widen the band."""
        _, share = self._abreast(width)
        outside = (depth / self._deepest(share), self._least("words") / depth,
                   self._least("width") / share)
        return math.prod(max(1, ratio) for ratio in outside) ** 0.5

    def rules(self):
        """How energies of sizes that are no macro's are made, one sentence each."""
        table = self.table
        errors = ", ".join(
            f"{name} {fit.mean_error:.1%} in the mean and {fit.worst_error:.1%} at worst"
            for name, fit in (("reads", table.read_fit), ("writes", table.write_fit)))
        yield (f"SRAM: {table.name}, {len(table.macros)} macros at {table.voltage_v:g} V, "
               f"{table.corner} corner, {table.temperature_c:g} °C; other sizes by a width + "
               f"b words width + c sqrt(words width), wrong by ({errors}) for macros left out of "
               f"the fit; two-port arrays as if they had one port.")
        if table.disagreement:
            ratios = [ratio for pair in table.disagreement.values() for ratio in pair]
            yield (f"SRAM band: the macros take {min(ratios):.1f} to {max(ratios):.1f} times what "
                   f"CACTI 7, continued from 22 to 65 nm to {table.node_nm:g} nm, gives for the "
                   f"same sizes; reads are good to a factor of {self._band[0]:.1f}, writes to "
                   f"{self._band[1]:.1f}, and beyond the sizes of the macros to less.")
        if self.is_scaled:
            yield (f"SRAM voltage: the macros are of {table.node_nm:g} nm and {table.voltage_v:g} "
                   f"V; energies are multiplied by ({self.voltage_v:g} / {table.voltage_v:g})^2 = "
                   f"{self._scale:.2f}, an assumption that widens the band by "
                   f"{self._assumed:.2f}; leakage of this process is unknown and not priced.")
        else:
            yield (f"SRAM idle: {1000 * table.leakage_nw_per_bit:.1f} pW of leakage per bit at "
                   f"{table.temperature_c:g} °C, the same in every macro; a clock cycle without "
                   f"access takes {table.idle_pj:g} pJ.")
