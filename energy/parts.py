"""The lines of an energy report."""

import re
from dataclasses import dataclass

__all__ = ["Part", "common_path"]


@dataclass(frozen=True)
class Part:
    """Like parts of all components of one kind, with two figures for their energy.

    Parameters
    ----------
    path: str
        Instance paths below the top, ``*`` where they differ.
    kind, part: str
        Component kind and which part of it: ``multiplier``, ``adder``, ``registers``, or the
        logical name of a memory.
    count: int
        Instances.
    unit: str
        What is counted: ``operations``, ``accesses`` or ``toggles``.
    actions: float
        How often it happened, over all instances.
    fixed_pj: float
        Actions x energy per action, as if all data were uniformly random.
    activity_pj: float
        The energy scaled by how much the data really toggled.
    reads, writes: int or None
        Accesses, of memories only.
    """

    path: str
    kind: str
    part: str
    count: int
    unit: str
    actions: float
    fixed_pj: float
    activity_pj: float
    reads: int | None = None
    writes: int | None = None

    @property
    def label(self):
        """What a reader calls it."""
        kind = {"pe": "PE"}.get(self.kind, self.kind.replace("_", " "))
        return f"{self.part} SRAM" if self.kind == "sram" else f"{kind} {self.part}"


def common_path(paths):
    """Several instance paths as one: ``mesh.column_*.pe_*``."""
    patterns = {}
    for path in paths:
        pieces = re.split(r"(\d+)", path)
        patterns.setdefault(tuple(pieces[::2]), []).append(pieces[1::2])
    return ", ".join(_pattern(texts, numbers) for texts, numbers in patterns.items())


def _pattern(texts, numbers):
    places = [values[0] if len(set(values)) == 1 else "*" for values in zip(*numbers, strict=True)]
    return "".join(text + place for text, place in zip(texts, [*places, ""], strict=True))
