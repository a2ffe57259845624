"""Reads the values that signals have in each clock cycle of a waveform."""

from pathlib import Path

import numpy as np
import pywellen

from generators.errors import UserError

from .waveform import core_prefix, plain_name, value_bits

__all__ = ["read_cycles"]


def read_cycles(path, top, signals, edges_ns):
    """The values of signals just before each clock edge: what registers take at that edge.

    Parameters
    ----------
    path: str or Path
        An FST or VCD file.
    top: str
        The manifest's top module.
    signals: iterable of str
        Paths below the core, as in `Activity.nets`.
    edges_ns: numpy.ndarray
        Times of the clock edges, rising.

    Returns
    -------
    dict of str to numpy.ndarray
        ``uint8[edges, bits]`` of each signal, lowest bit first; unknown bits are 0.

    Raises
    ------
    UserError
        For an unreadable file or a signal that is not in it.
    """
    path = Path(path)
    try:
        wave = pywellen.Waveform(str(path))
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{path}: is not a complete FST or VCD file "
                        f"({' '.join(str(error).split())}); record it again") from None
    unit_ns = wave.timescale.factor * 10.0 ** (wave.timescale.unit.to_exponent() + 9)
    prefix = core_prefix(wave, top)
    found = {}
    for var in wave.all_vars():
        name = plain_name(var)
        if prefix is not None and name.startswith(prefix):
            found.setdefault(name.removeprefix(prefix), var)
    missing = sorted(set(signals) - found.keys())
    if missing:
        raise UserError(f"{path.name}: {len(missing)} signals are not in it, such as {missing[0]}; "
                        f"record the core that the manifest describes")
    return _sampled(wave, {name: found[name] for name in signals},
                    np.rint(np.asarray(edges_ns) / unit_ns).astype(np.int64))


def _sampled(wave, variables, edges):
    changes = {str(var.signal_id): ([], []) for var in variables.values()}

    def change(time, signal, value):
        times, values = changes[str(signal)]
        times.append(time)
        values.append(value)

    wave.stream_changes(change, list(variables.values()))
    sampled = {}
    for name, var in variables.items():
        times, values = changes[str(var.signal_id)]
        bits = np.vstack([np.zeros((1, var.bitwidth), np.uint8),
                          value_bits(values, var.bitwidth).astype(np.uint8)])
        # The last change before the edge; one at the edge itself is what the edge has caused.
        sampled[name] = bits[np.searchsorted(np.array(times, np.int64), edges, side="left")]
    return sampled
