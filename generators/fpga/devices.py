"""FPGAs: what each has, and what a primitive takes of it."""

from collections import Counter
from dataclasses import dataclass

__all__ = ["ALONE", "DEVICES", "RESOURCES", "Device", "count_cells"]

# What tables show, in this order. A logic cell of an iCE40 is a LUT, a flip-flop, or both.
RESOURCES = ("logic cells", "LUTs", "FFs", "DSPs", "block RAMs", "SPRAMs", "LUT RAMs")
# Stands for an iCE40's flip-flop that no LUT can share its cell with.
ALONE = "(flip-flop alone)"


@dataclass(frozen=True)
class Device:
    """One FPGA.

    Parameters
    ----------
    name, family: str
        ``ecp5`` or ``ice40``.
    has: dict of str to int
        How much of each resource; what it is not counted in is missing.
    synthesis: str
        Yosys' command.
    nextpnr: tuple of str
        Options that choose the device.
    cells: dict of str to dict of str to int
        What each primitive takes; a trailing ``*`` stands for any ending.
    """

    name: str
    family: str
    has: dict
    synthesis: str
    nextpnr: tuple
    cells: dict

    def takes(self, cell):
        """Resources of a primitive and how much of each it takes."""
        for name, resources in self.cells.items():
            if cell == name or (name.endswith("*") and cell.startswith(name[:-1])):
                return resources
        return {}


DEVICES = {
    "LFE5U-85F": Device(
        "LFE5U-85F", "ecp5",
        {"LUTs": 83640, "FFs": 83640, "DSPs": 156, "block RAMs": 208},
        "synth_ecp5", ("--85k", "--package", "CABGA381", "--speed", "6"), {
            "LUT4": {"LUTs": 1}, "CCU2C": {"LUTs": 2}, "TRELLIS_FF": {"FFs": 1},
            "MULT18X18D": {"DSPs": 1}, "DP16KD": {"block RAMs": 1},
            # Four LUTs of memory and two for its write port.
            "TRELLIS_DPR16X4": {"LUTs": 6, "LUT RAMs": 1}}),
    "iCE40UP5K": Device(
        "iCE40UP5K", "ice40",
        {"logic cells": 5280, "LUTs": 5280, "FFs": 5280, "DSPs": 8, "block RAMs": 30,
         "SPRAMs": 4},
        "synth_ice40 -device u", ("--up5k", "--package", "sg48"), {
            "SB_LUT4": {"LUTs": 1, "logic cells": 1}, "SB_DFF*": {"FFs": 1},
            ALONE: {"logic cells": 1}, "SB_MAC16": {"DSPs": 1},
            "SB_RAM40_4K*": {"block RAMs": 1}, "SB_SPRAM256KA": {"SPRAMs": 1}}),
}


def count_cells(device, kinds):
    """Resources that primitives take.

    Parameters
    ----------
    device: Device
    kinds: mapping of str to int
        Primitives by their names and how many there are.

    Returns
    -------
    dict of str to int
        By the names in `RESOURCES`. LUT RAMs are in the LUTs, too.
    """
    counted = Counter(dict.fromkeys(RESOURCES, 0))
    for kind, number in kinds.items():
        for resource, amount in device.takes(kind).items():
            counted[resource] += amount * number
    return dict(counted)
