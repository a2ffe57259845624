"""Reads activity from whatever file a simulator wrote."""

from pathlib import Path

from generators.errors import UserError

from .activity import combined
from .saif import read_saif
from .waveform import read_waveform

__all__ = ["read_activity"]

_SUFFIXES = (".saif", ".fst", ".vcd")


def read_activity(paths, top, windows_ns=None):
    """Read the `Activity` of the core ``top`` from SAIF, FST or VCD files and add it up.

    Parameters
    ----------
    paths: iterable of str or Path
        At least one file; several hold several runs of the same program.
    top: str
        The manifest's top module.
    windows_ns: list of (float, float) or None
        The times of a waveform that count; see `read_waveform`. A SAIF file has totals only.

    Raises
    ------
    UserError
        For another kind of file, and as `read_saif` and `read_waveform` do.
    """
    return combined([_read(Path(path), top, windows_ns) for path in paths])


def _read(path, top, windows_ns):
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise UserError(f"{path}: {suffix or 'no suffix'} is not a kind of activity file; use "
                        f"{', '.join(_SUFFIXES)}")
    if suffix == ".saif":
        return read_saif(path, top)
    return read_waveform(path, top, windows_ns)
