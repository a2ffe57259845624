"""The memories of a core as a testbench sees them: what the manifest says, and conversions.

Everything outside the simulator speaks of *words* of *containers* (`host.windows`); the memory
arrays themselves hold their numbers as packed bits.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from host.windows import HostWindow, window_fields

__all__ = ["Bank", "SimulatedMemory", "simulated_memories"]


@dataclass(frozen=True)
class Bank:
    """One SRAM instance: row ``r`` holds containers of the memory word ``first + r * step``.

    Parameters
    ----------
    path: str
        Instance path below the top module.
    depth, first, step: int
        Rows, the memory word in row 0, and the words from one row to the next.
    containers, widths: tuple of int
        The containers of the memory word in a row, lowest bits first, and the bits of each.
    """

    path: str
    depth: int
    first: int
    step: int
    containers: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def array(self):
        """Path of the Verilog array; every SRAM component calls it ``array``."""
        return f"{self.path}.array"

    def rows(self, words):
        """Which of the given memory words this bank holds (a mask), and in which rows."""
        offset = words - self.first
        held = (offset >= 0) & (offset % self.step == 0) & (offset < self.depth * self.step)
        return held, offset[held] // self.step

    def to_hex(self, values):
        """Each row packed, as the hexadecimal digits that ``$readmemh`` takes."""
        container, bit = self._bit_places
        bits = ((values[:, container] >> bit) & 1).astype(np.uint8)
        packed = np.ascontiguousarray(np.packbits(bits, axis=1, bitorder="little")[:, ::-1])
        digits, step = packed.tobytes().hex(), 2 * packed.shape[1]
        return [digits[i:i + step] for i in range(0, len(digits), step)]

    def from_hex(self, lines, values):
        """Put packed rows, as ``$writememh`` gives them, into the columns that they belong to."""
        size = -(-sum(self.widths) // 8)
        digits = "".join(line.rjust(2 * size, "0") for line in lines)
        packed = np.frombuffer(bytes.fromhex(digits), dtype=np.uint8).reshape(-1, size)
        bits = np.unpackbits(packed[:, ::-1], axis=1, bitorder="little").astype(np.int64)
        low = 0
        for container, width in zip(self.containers, self.widths, strict=True):
            values[:, container] = bits[:, low:low + width] @ (1 << np.arange(width))
            low += width

    @cached_property
    def _bit_places(self):
        """Container and bit in it of each bit of a row, lowest first."""
        return np.array([(container, bit)
                         for container, width in zip(self.containers, self.widths, strict=True)
                         for bit in range(width)]).T


@dataclass(frozen=True)
class SimulatedMemory(HostWindow):
    """One logical memory: its window on the bus and its banks.

    Parameters
    ----------
    name, base, words, word_stride_bytes, container_bits, fields
        As of a `HostWindow`.
    banks: tuple of Bank
    """

    banks: tuple[Bank, ...]


def simulated_memories(manifest):
    """The `SimulatedMemory` objects of a manifest by name, in the order of their windows."""
    return {window["memory"]: _memory(window, manifest) for window in manifest["windows"]}


def _memory(window, manifest):
    entries = [entry for entry in manifest["memories"] if entry["name"] == window["memory"]]
    return SimulatedMemory(**window_fields(window), banks=tuple(_banks(entries, window)))


def _banks(entries, window):
    """What each instance holds.

    The banks of the activation memory interleave the words of each half, as their names tell;
    where lanes are structs, each field has an instance of its own, in their order; else there is
    one instance.
    """
    fields = [field["bits"] for field in window["fields"]]
    real = [place for place, bits in enumerate(fields) if bits]
    for position, entry in enumerate(entries):
        interleaved = re.search(r"half_(\d+)_bank_(\d+)$", entry["path"])
        half, bank = map(int, interleaved.groups()) if interleaved else (0, 0)
        step = len(entries) // 2 if interleaved else 1
        places = real if interleaved or len(entries) == 1 else [real[position]]
        held = [(first + place, fields[place])
                for first in range(0, window["lanes"], len(fields)) for place in places]
        yield Bank(path=entry["path"], depth=entry["depth"],
                   first=half * step * entry["depth"] + bank, step=step,
                   containers=tuple(container for container, _ in held),
                   widths=tuple(width for _, width in held))
