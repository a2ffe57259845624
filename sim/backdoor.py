"""Memory images straight into and out of the SRAM arrays, through files that the wrapper moves."""

from itertools import groupby
from pathlib import Path

import numpy as np
from cocotb.triggers import RisingEdge

from .testbench import all_banks

__all__ = ["BackDoor"]


class BackDoor:
    """Loads and stores words of [words, containers], one clock cycle for any number of them.

    The core must be idle, and does not notice: a program that it has prefetched stays prefetched
    until PROGRAM_BASE is written.

    Parameters
    ----------
    dut, clock: handle
        The wrapper of `sim.testbench` and the clock in it.
    memories: dict of str to SimulatedMemory
    """

    def __init__(self, dut, clock, memories):
        self.dut = dut
        self.clock = clock
        self.memories = memories
        self.positions = {bank: position
                          for position, bank in enumerate(all_banks(memories))}
        for folder in ("load", "store"):
            Path(folder).mkdir(exist_ok=True)

    async def load(self, loads):
        """Write a sequence of (memory, first word, values); later ones win."""
        selected = 0
        for name, group in groupby(sorted(loads, key=lambda load: load[0]), lambda load: load[0]):
            group = list(group)
            words = np.concatenate([first + np.arange(len(values)) for _, first, values in group])
            values = np.concatenate([values for _, _, values in group])
            for bank in self.memories[name].banks:
                held, rows = bank.rows(words)
                if len(rows):
                    _write_image(_image("load", bank), rows, bank.to_hex(values[held]))
                    selected |= 1 << self.positions[bank]
        if selected:
            self.dut.selected.value = selected
            await self._trigger(self.dut.load)

    async def store(self, name, first, words):
        """The values of ``words`` words from ``first`` on."""
        memory = self.memories[name]
        numbers = first + np.arange(words)
        parts = [(bank, *bank.rows(numbers)) for bank in memory.banks]
        parts = [(bank, held, rows) for bank, held, rows in parts if len(rows)]
        low = min(int(rows.min()) for _, _, rows in parts)
        high = max(int(rows.max()) for _, _, rows in parts)
        self.dut.selected.value = sum(1 << self.positions[bank] for bank, _, _ in parts)
        self.dut.first_row.value = low
        self.dut.last_row.value = high
        await self._trigger(self.dut.store)
        values = np.zeros((words, len(memory.fields)), dtype=np.int64)
        for bank, held, rows in parts:
            lines = _read_image(_image("store", bank))
            part = np.zeros((len(rows), values.shape[1]), dtype=np.int64)
            bank.from_hex([lines[row - low] for row in rows], part)
            values[np.ix_(held, bank.containers)] = part[:, bank.containers]
        return memory.interpret(values)

    async def _trigger(self, signal):
        signal.value = 1
        await RisingEdge(self.clock)
        signal.value = 0
        await RisingEdge(self.clock)


def _image(folder, bank):
    return Path(folder, f"{bank.path}.hex")


def _write_image(path, rows, digits):
    """Rows in any order; an address stands wherever the next row is not the one after."""
    breaks = np.diff(rows, prepend=-1) != 1
    breaks[0] = True
    path.write_text("\n".join(f"@{row:x}\n{line}" if new else line
                              for row, new, line in zip(rows, breaks, digits, strict=True)) + "\n")


def _read_image(path):
    """The rows of an image; Icarus puts addresses into comments."""
    return [line for line in path.read_text().split("\n") if line and not line.startswith("//")]
