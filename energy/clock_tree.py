"""Energy of distributing the clock: an estimate, where no tree is built yet."""

from dataclasses import dataclass

from generators.errors import UserError

__all__ = ["ClockTreeEnergy", "clock_tree_pj"]


@dataclass(frozen=True)
class ClockTreeEnergy:
    """Energy per clock cycle in pJ: the estimate, its range and the sentence that explains it."""

    low: float
    typical: float
    high: float
    reason: str


def clock_tree_pj(technology, sinks, pin_cap_ff=None):
    """Energy per clock cycle of the clock's net, wires and buffers.

    In a cycle the net is charged and discharged once: ``sinks (pin + wire) (1 + buffers) V^2``.
    What a flip-flop itself takes from its supply when the clock toggles is not included: that is
    internal power of the cell, which calibration cards count.

    Parameters
    ----------
    technology: Technology
    sinks: int
        Flip-flops, and one for each SRAM.
    pin_cap_ff: float or None
        Capacitance of a clock pin; None for that of the technology's flip-flop.

    Returns
    -------
    ClockTreeEnergy

    Raises
    ------
    UserError
        Where the technology states nothing of clock trees.
    """
    file = technology.file
    if file.clock_tree is None:
        raise UserError(f"technology {file.name}: clock_tree is missing, and without it the clock "
                        f"has no price; add it, or use a technology with a Liberty library")
    tree, pin_ff = file.clock_tree, pin_cap_ff or file.clock_tree.pin_ff

    def energy(which):
        load_ff = sinks * (pin_ff + getattr(tree.wire_ff, which))
        return 1e-3 * load_ff * (1 + getattr(tree.buffers, which)) * file.voltage_v**2

    reason = (f"Clock tree, estimated: {sinks:,} sinks x ({pin_ff:.2f} fF of clock pin + "
              f"{tree.wire_ff.typical:g} fF of wire, {tree.wire_ff.low:g} to "
              f"{tree.wire_ff.high:g}) x {file.voltage_v:g}^2 V^2, and buffers for "
              f"{tree.buffers.typical:.0%} more, {tree.buffers.low:.0%} to "
              f"{tree.buffers.high:.0%}: {tree.reason}")
    return ClockTreeEnergy(energy("low"), energy("typical"), energy("high"), reason)
