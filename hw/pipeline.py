"""Registers spread over the levels of a piece of logic."""

from amaranth import Signal

__all__ = ["delayed", "spread"]


def spread(registers, levels):
    """How many registers follow each of 0 to ``levels`` levels, 0 being the operands.

    The registers cut the levels into ``registers + 1`` parts of about equal length.
    """
    places = [-(-number * levels // (registers + 1)) for number in range(1, registers + 1)]
    return [places.count(level) for level in range(levels + 1)]


def delayed(m, value, registers, name):
    """``value`` behind ``registers`` registers; they have no reset."""
    for number in range(registers):
        register = Signal(value.shape(), name=f"{name}_register_{number}", reset_less=True)
        m.d.sync += register.eq(value)
        value = register
    return value
