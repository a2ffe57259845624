"""What the processing elements of all dataflows have in common."""

from amaranth import Signal
from amaranth.lib import data

__all__ = ["delayed", "down", "each", "multiplier_parameters", "name_suffix"]


def down(shape, ways):
    """The shape of what runs down the columns of an element, of numbers of a shape."""
    return shape if ways == 1 else data.ArrayLayout(shape, ways)


def each(value, ways):
    """Its numbers, column by column."""
    return [value] if ways == 1 else [value[way] for way in range(ways)]


def name_suffix(ways, multiplier):
    """The end of a module's name."""
    if multiplier is None:
        return ""
    shares = f"_x{ways}" if ways > 1 else ""
    return f"{shares}_{'dsp' if multiplier.dsp else 'logic'}_{multiplier.latency}"


def multiplier_parameters(ways, multiplier):
    """What sets an element apart from one with a plain product."""
    if multiplier is None:
        return {}
    return {"ways": ways, "latency": multiplier.latency, "dsp": multiplier.dsp}


def delayed(m, element, name, cycles):
    """A control bit of the row, so many cycles after it came; the next element's is the first."""
    bit = getattr(element, f"{name}_o" if cycles else f"{name}_i")
    for cycle in range(2, cycles + 1):
        later = Signal(name=f"{name}_{cycle}")
        m.d.sync += later.eq(bit)
        bit = later
    return bit
