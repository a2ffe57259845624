"""The far end of a serial line, in clock cycles of the near end and any part of them."""

__all__ = ["level", "received", "samples"]


def samples(data, bit_cycles, *, phase=0.0, idle=2):
    """What a receiver's clock sees of some bytes: one level per cycle.

    Parameters
    ----------
    data: bytes or sequence of (bytes, int)
        Bytes, or pairs of a byte and the level of its stop bit.
    bit_cycles: float
        Cycles per bit.
    phase: float
        Where between two clock edges the first byte begins.
    idle: int
        Bits of silence around the bytes.
    """
    bits = [1] * idle
    for entry in data:
        byte, stop = entry if isinstance(entry, tuple) else (entry, 1)
        bits += [0, *(byte >> place & 1 for place in range(8)), stop]
    bits += [1] * idle
    cycles = int(len(bits) * bit_cycles - phase)
    return [bits[int((cycle + phase) / bit_cycles)] for cycle in range(cycles)]


def level(levels, position):
    """The level at a place between cycles; the line is idle outside."""
    return levels[int(position)] if 0 <= position < len(levels) else 1


def received(levels, bit_cycles):
    """The bytes in a list of levels, each sampled in the middle of its bits."""
    data, position = [], 0
    while position < len(levels):
        if levels[position]:
            position += 1
            continue
        bits = [level(levels, position + bit_cycles * (bit + 0.5)) for bit in range(10)]
        assert (bits[0], bits[9]) == (0, 1), f"no frame at cycle {position}"
        data.append(sum(bit << place for place, bit in enumerate(bits[1:9])))
        position += int(bit_cycles * 9.5)
    return bytes(data)
