"""Prices the memories: the cycles in which their enables are high x energy per access."""

import re
from collections import defaultdict
from dataclasses import dataclass

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
    """Yields a `Part` for each logical memory, its accesses counted in words.

    Both views are the same: bit lines are precharged and swing whatever the data is, and no
    published number separates data from the rest.
    """
    period_ns = manifest["clock"]["period_ns"]
    for memory in logical_memories(manifest):
        reads = writes = 0
        energy = 0.0
        for bank in memory.banks:
            read = activity.cycles_high(bank["read_enable"], period_ns)
            written = activity.cycles_high(bank["write_enable"], period_ns)
            energy += (read + written) * technology.sram_access_pj(bank["depth"], bank["width"])
            reads, writes = reads + read, writes + written
        reads, writes = reads // memory.abreast, writes // memory.abreast
        yield Part(path=common_path(bank["path"] for bank in memory.banks), kind="sram",
                   part=memory.name, count=len(memory.banks), unit="accesses",
                   actions=reads + writes, fixed_pj=energy, activity_pj=energy,
                   error_factor=technology.error_factor, reads=reads, writes=writes)


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
        reads = writes = 0
        energy = 0.0
        for component in components:
            path, p = component["path"], component["parameters"]
            read = activity.cycles_high(f"{path}.read_en", period_ns)
            written = activity.cycles_high(f"{path}.write_en", period_ns)
            energy += (read + written) * technology.sram_access_pj(p["depth"], p["width"])
            reads, writes = reads + read, writes + written
        yield Part(path=common_path(component["path"] for component in components),
                   kind="scratchpad", part=name, count=len(components), unit="accesses",
                   actions=reads + writes, fixed_pj=energy, activity_pj=energy,
                   error_factor=technology.error_factor, reads=reads, writes=writes)
