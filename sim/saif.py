"""Makes Verilator's activity files say what they were recorded for."""

import re
from pathlib import Path

__all__ = ["trim_saif"]


def trim_saif(path, start_ps):
    """Take the time before the recording out of a SAIF file of Verilator's.

    Verilator counts from the beginning of the simulation and takes every net for low until its
    recording begins. Afterwards, DURATION and T0 count from ``start_ps``; T1 was right before. A
    net that is high at the beginning keeps a toggle that never was.

    Parameters
    ----------
    path: Path
    start_ps: int
        When the recording began; the unit of time in the file must be a picosecond.
    """
    path = Path(path)
    text = path.read_text()
    if "(TIMESCALE 1ps)" not in text:
        raise ValueError(f"{path}: the unit of time is not 1ps")
    path.write_text(re.sub(r"\((DURATION|T0) (\d+)\)",
                           lambda match: f"({match[1]} {int(match[2]) - start_ps})", text))
