"""Roofline of a core: what its memories could feed against what its array could compute."""

from .memories import logical_memories

__all__ = ["roofline"]

_PORTS = {"sram_1rw": 1, "sram_1r1w": 2}


def roofline(manifest, run):
    """Peaks of the core and the place of each layer under them.

    Returns
    -------
    dict
        ``peak_macs_per_cycle``; ``bytes_per_cycle``, what all ports of all on-chip memories move
        if each is busy in every cycle; ``points``, one for each layer that multiplies and reads
        memory, with ``name``, ``macs_per_byte`` (of memory traffic) and ``macs_per_cycle``.
    """
    word_bytes = {memory.name: memory.word_bytes for memory in logical_memories(manifest)}
    points = []
    for layer in run["layers"]:
        moved = sum(word_bytes[name] * (access["reads"] + access["writes"])
                    for name, access in layer["accesses"].items() if name in word_bytes)
        if moved and layer["macs"]:
            points.append({"name": layer["name"], "macs_per_byte": layer["macs"] / moved,
                           "macs_per_cycle": layer["macs"] / layer["cycles"]})
    return {
        "peak_macs_per_cycle": run["peak_macs_per_cycle"],
        "bytes_per_cycle": sum(memory["width"] / 8 * _PORTS[memory["kind"]]
                               for memory in manifest["memories"]),
        "points": points,
    }
