"""Reads activity from whatever file a simulator wrote."""

from pathlib import Path

from generators.errors import UserError

from .activity import combined
from .saif import read_saif
from .waveform import read_waveform

__all__ = ["read_activity"]

_READERS = {".saif": read_saif, ".fst": read_waveform, ".vcd": read_waveform}


def read_activity(paths, top):
    """Read the `Activity` of the core ``top`` from SAIF, FST or VCD files and add it up.

    Parameters
    ----------
    paths: iterable of str or Path
        At least one file; several hold several runs of the same program.
    top: str
        The manifest's top module.

    Raises
    ------
    UserError
        For another kind of file, and as `read_saif` and `read_waveform` do.
    """
    return combined([_read(Path(path), top) for path in paths])


def _read(path, top):
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise UserError(f"{path}: {suffix or 'no suffix'} is not a kind of activity file; use "
                        f"{', '.join(_READERS)}")
    return _READERS[suffix](path, top)
