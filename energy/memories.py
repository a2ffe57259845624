"""Prices the memories: the cycles in which their enables are high x energy per access.

Where the technology knows it of its SRAMs, the other cycles and leakage have a price too.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from .parts import Part, common_path

__all__ = ["LogicalMemory", "logical_memories", "memory_parts", "scratchpad_parts"]


@dataclass(frozen=True)
class LogicalMemory:
    """All SRAMs that go by one name.

    Parameters
    ----------
    name: str
    banks: list of dict
        Their entries in the manifest.
    abreast: int
        SRAMs that hold parts of the same word and are accessed together.
    """

    name: str
    banks: list
    abreast: int

    @property
    def word_bytes(self):
        bits = sum(bank["depth"] * bank["width"] for bank in self.banks)
        return bits * self.abreast / sum(bank["depth"] for bank in self.banks) / 8


def logical_memories(manifest):
    """The `LogicalMemory` objects of a manifest; without a window, no SRAMs are abreast."""
    words = {window["memory"]: window["words"] for window in manifest["windows"]}
    banks = defaultdict(list)
    for bank in manifest["memories"]:
        banks[bank["name"]].append(bank)
    for name, found in banks.items():
        depth = sum(bank["depth"] for bank in found)
        yield LogicalMemory(name, found, abreast=depth // words.get(name, depth))


def memory_parts(manifest, activity, technology):
    """Yields a `Part` for each logical memory, its accesses counted in words, and one for idling.

    Both views are the same: bit lines are precharged and swing whatever the data is, and no
    published number separates data from the rest.
    """
    period_ns = manifest["clock"]["period_ns"]
    idle = _Idle(technology.sram, activity.duration_ns, period_ns)
    for memory in logical_memories(manifest):
        total = _Accesses(technology.sram)
        for bank in memory.banks:
            read = activity.cycles_high(bank["read_enable"], period_ns)
            written = activity.cycles_high(bank["write_enable"], period_ns)
            total.add(read, written, bank["depth"], bank["width"])
            idle.add(bank, read + written)
        yield total.part(kind="sram", name=memory.name, abreast=memory.abreast,
                         paths=[bank["path"] for bank in memory.banks])
    if idle.paths:
        yield idle.part()


def scratchpad_parts(manifest, activity, technology):
    """Yields a `Part` for the like scratchpads of all processing elements, by their names.

    Priced as an SRAM of their size; both views are the same.
    """
    period_ns = manifest["clock"]["period_ns"]
    groups = defaultdict(list)
    for component in manifest["components"]:
        if component["kind"] == "scratchpad":
            name = component["path"].rpartition(".")[2]
            groups[re.sub(r"_\d+$", "", name)].append(component)
    for name, components in groups.items():
        total = _Accesses(technology.sram)
        for component in components:
            path, p = component["path"], component["parameters"]
            read = activity.cycles_high(f"{path}.read_en", period_ns)
            written = activity.cycles_high(f"{path}.write_en", period_ns)
            total.add(read, written, p["depth"], p["width"])
        yield total.part(kind="scratchpad", name=name, abreast=1,
                         paths=[component["path"] for component in components])


@dataclass
class _Accesses:
    """Energy of the accesses of several arrays, and the range that it lies in."""

    sram: object
    reads: float = 0
    writes: float = 0
    energy: float = 0.0
    low: float = 0.0
    high: float = 0.0
    widest: float = 1.0

    def add(self, reads, writes, depth, width):
        sram = self.sram
        self.reads += reads
        self.writes += writes
        for count, energy, factor in (
                (reads, sram.read_pj(depth, width), sram.read_factor(depth, width)),
                (writes, sram.write_pj(depth, width), sram.write_factor(depth, width))):
            self.widest = max(self.widest, factor)
            self.energy += count * energy
            self.low += count * energy / factor
            self.high += count * energy * factor

    def part(self, kind, name, abreast, paths):
        reads, writes = self.reads // abreast, self.writes // abreast
        factor = (max(self.high / self.energy, self.energy / self.low) if self.energy
                  else self.widest)
        return Part(path=common_path(paths), kind=kind, part=name, count=len(paths),
                    unit="accesses", actions=reads + writes, fixed_pj=self.energy,
                    activity_pj=self.energy, error_factor=factor, reads=reads, writes=writes)


@dataclass
class _Idle:
    """Cycles in which SRAMs are not selected, and the leakage of all cycles."""

    sram: object
    duration_ns: float
    period_ns: float
    cycles: float = 0.0
    energy: float = 0.0
    factor: float = 1.0
    paths: list = field(default_factory=list)

    def add(self, bank, accesses):
        if not self.sram.idle_is_known:
            return
        shape = bank["depth"], bank["width"]
        cycles = max(0.0, self.duration_ns / self.period_ns - accesses)
        self.paths.append(bank["path"])
        self.cycles += cycles
        self.energy += (cycles * self.sram.idle_pj(*shape)
                        + 1e-6 * self.sram.leakage_nw(*shape) * self.duration_ns)  # nW ns = 1e-6 pJ
        self.factor = max(self.factor, self.sram.read_factor(*shape))

    def part(self):
        return Part(path=common_path(self.paths), kind="sram_idle", part="cycles and leakage",
                    count=len(self.paths), unit="cycles", actions=self.cycles,
                    fixed_pj=self.energy, activity_pj=self.energy, error_factor=self.factor)
