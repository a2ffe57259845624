"""Reads FST and VCD waveforms, as Icarus and Verilator write them, into an `Activity`."""

from pathlib import Path

import numpy as np
import pywellen

from generators.errors import UserError

from .activity import Net, is_core, require_nets

__all__ = ["core_prefix", "plain_name", "read_waveform", "value_bits"]

_UNKNOWN_AS_ZERO = str.maketrans("xXzZuUwWlLhH-", "0" * 13)
_BATCH = 1 << 20  # changes held before they are counted, which bounds the memory used


def read_waveform(path, top, windows_ns=None):
    """Read the `Activity` of the core ``top`` from an FST or VCD file.

    Parameters
    ----------
    path: str or Path
        The waveform.
    top: str
        The manifest's top module. Scopes above the core are skipped; see `is_core`.
    windows_ns: list of (float, float) or None
        The times that count, in order and apart; None counts from the first change to the last.

    Raises
    ------
    UserError
        For a file that is unreadable, truncated, no waveform, or of another design.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: is not a file; name an FST or VCD waveform")
    try:
        wave = pywellen.Waveform(str(path))
        unit = wave.timescale.factor * 10.0 ** (wave.timescale.unit.to_exponent() + 9)
        windows = None if windows_ns is None else np.rint(np.array(windows_ns) / unit)
        paths, counters = _select(wave, top, windows)
        start, end = _count(wave, counters)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path.name}: is not a complete FST or VCD file ({reason}); "
                        f"run the simulation to its end again") from None
    if windows is not None:
        start, end = 0, _elapsed(np.array([end]), windows)[0]
    nets = {name: counters[signal].net(end, unit) for name, signal in paths.items()}
    return require_nets(path.name, top, (end - start) * unit, nets)


def _select(wave, top, windows):
    """Net path -> signal, and signal -> `_Counter`, of everything below the core."""
    prefix = core_prefix(wave, top)
    # Nets that are derived from the core's lie beside it, in the same scopes.
    derived = prefix and f"{prefix.rstrip('.').rpartition('.')[0]}.derived."
    paths, counters = {}, {}
    for var in wave.all_vars():
        if not var.bitwidth or var.name.lstrip("\\").startswith("$"):
            continue
        name = plain_name(var)
        if prefix is None or not name.startswith((prefix, derived)):
            continue
        # Aliases share a signal; its identity is only comparable as text.
        signal = str(var.signal_id)
        paths[name.removeprefix(prefix).removeprefix(derived)] = signal
        counters.setdefault(signal, _Counter(var, windows))
    return paths, counters


def plain_name(var):
    """A variable's path as Verilog has it, without escapes."""
    # Icarus splits an escaped name like `sum.lanes[1]` into scopes `sum.lanes` and `[1]`.
    return var.full_name.replace("\\", "").replace(".[", "[")


def core_prefix(wave, top):
    """What the names of all nets of the core begin with; None if it is not there."""
    names = sorted((scope.full_name for scope in wave.all_scopes()), key=len)
    return next((f"{name}." for name in names if is_core(name.split("."), top)), None)


def _count(wave, counters):
    """Feed all changes of the selected signals to their counters.

    Returns the times of the first and of the last change: a recording may begin in mid-simulation.
    """
    start, end, held = None, 0, 0

    def flush():
        for counter in counters.values():
            counter.flush()

    def change(time, signal, value):
        nonlocal start, end, held
        counters[str(signal)].changes.append((time, value))
        start = time if start is None else start
        end, held = time, held + 1
        if held >= _BATCH:
            flush()
            held = 0

    wave.stream_changes(change, [counter.var for counter in counters.values()])
    flush()
    return start or 0, end


def _elapsed(times, windows):
    """How much of the windows has passed at each of some times."""
    lengths = windows[:, 1] - windows[:, 0]
    passed = np.stack([np.cumsum(lengths) - lengths, np.cumsum(lengths)], axis=1)
    return np.interp(times, windows.reshape(-1), passed.reshape(-1))


class _Counter:
    """Counts toggles and high time of each bit of one signal, a batch of changes at a time."""

    def __init__(self, var, windows):
        self.var = var
        self.windows = windows
        self.width = var.bitwidth
        self.changes = []
        self.time = 0  # of the last change counted; until the first one, all bits are 0
        self.state = np.zeros(self.width, np.int64)
        self.toggles = np.zeros(self.width, np.int64)
        self.high = np.zeros(self.width)

    def flush(self):
        if not self.changes:
            return
        times = np.array([self.time, *(time for time, _ in self.changes)], np.int64)
        last = times[-1]
        bits = np.vstack([self.state, value_bits([value for _, value in self.changes], self.width)])
        self.changes = []
        flips = np.abs(np.diff(bits, axis=0))
        if self.windows is not None:
            # In a window: past its start, not past its end.
            edges = np.searchsorted(self.windows.reshape(-1), times[1:], side="left")
            flips = flips[edges % 2 == 1]
            times = _elapsed(times, self.windows)
        self.toggles += flips.sum(axis=0)
        self.high += (np.diff(times)[:, None] * bits[:-1]).sum(axis=0)
        self.time, self.state = last, bits[-1]

    def net(self, end, unit_ns):
        since = self.time if self.windows is None else _elapsed(self.time, self.windows)
        high = self.high + (end - since) * self.state
        return Net(toggles=tuple(map(int, self.toggles)),
                   high_ns=tuple(float(time) * unit_ns for time in high))


def value_bits(values, width):
    """Values (whole numbers, or text with unknown bits) as int64[values, width], lowest bit first.
    """
    size = (width + 7) // 8
    packed = b"".join(_number(value).to_bytes(size, "little") for value in values)
    rows = np.frombuffer(packed, np.uint8).reshape(len(values), size)
    return np.unpackbits(rows, axis=1, bitorder="little")[:, :width].astype(np.int64)


def _number(value):
    return value if isinstance(value, int) else int(value.translate(_UNKNOWN_AS_ZERO), 2)
