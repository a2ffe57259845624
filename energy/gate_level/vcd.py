"""Counts the toggles of nets in a VCD, in one pass over the file with numpy.

The text is cut into chunks of whole lines; nothing is done per line or per net in Python.
"""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from energy.gate_level.netlist import CONSTANTS
from energy.gate_level.vcd_changes import UNKNOWN, Decoder
from energy.gate_level.vcd_header import read_header
from generators.errors import UserError

__all__ = ["Toggles", "read_vcd"]

_CHUNK = 1 << 20  # bytes; the arrays of a chunk are some thirty times as large, and stay in caches
_MISSING_LIMIT = 0.01  # share of nets that a simulator may have left out


@dataclass(frozen=True)
class Toggles:
    """Activity of nets.

    Attributes
    ----------
    names: list of str
    toggles: int ndarray, [nets] or [windows, nets]
        Changes between 0 and 1. A change from or to x or z is none.
    high_s: float ndarray, [nets]
        Seconds at 1 in the whole span.
    duration_s: float
        Length of the span.
    edges_s: float ndarray, [windows + 1], or None
        Where the windows begin and end; the last one may be shorter.
    missing: int
        How many of the nets the file lacks: they count as resting at 0.
    """

    names: list
    toggles: np.ndarray
    high_s: np.ndarray
    duration_s: float
    edges_s: np.ndarray | None = None
    missing: int = 0

    @property
    def totals(self):
        """Toggles of each net in the whole span."""
        return self.toggles if self.edges_s is None else self.toggles.sum(axis=0)


def read_vcd(path, scope, names, *, start_s=0.0, end_s=None, window_s=None):
    """Count the toggles of the nets of one instance.

    A change at the very start of the span is its initial value; one at its very end counts. The
    same holds for windows, so their sum is what the whole span counts.

    Parameters
    ----------
    path: str or Path
        A .vcd or .vcd.gz file.
    scope: str
        The instance below which the names are, such as ``tb.dut``.
    names: list of str
        Nets to count, as in `Netlist.nets`; constants are known without the file.
    start_s, end_s: float
        The span that counts. It begins no sooner than the first time in the file; None ends it
        with the last one.
    window_s: float or None
        Count apart in windows of this length, from the start on.

    Raises
    ------
    UserError
        For a file that is unreadable or no VCD, a scope that it lacks, a span beyond it, or more
        than 1 % of the names missing.
    """
    path = Path(path)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            header = read_header(file, path.name, scope)
            signals, slots, missing = _slots(header, names, path.name)
            decoder = Decoder(signals, path.name)
            counter = _Counter(
                sum(width for _, width in signals.values()),
                [None if at is None else at / header.tick_s for at in (start_s, end_s, window_s)],
            )
            for chunk in _chunks(file, header.rest):
                counter.count(decoder.decode(chunk))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is damaged or ends early"
        raise UserError(f"{path}: cannot be read ({reason}); name a VCD file") from None
    if end_s is None:
        counter.end = decoder.time
    if not counter.start < counter.end <= decoder.time:
        span = ", ".join(f"{at * header.tick_s * 1e9:g}" for at in (counter.start, counter.end))
        raise UserError(
            f"{path.name}: the span {span} ns is not within the file, which ends at "
            f"{decoder.time * header.tick_s * 1e9:g} ns; simulate longer"
        )
    return _collect(counter, header.tick_s, names, slots, missing)


def _slots(header, names, file):
    """Identifier code to first slot and width; slot of each name, or -1; how many are missing."""
    signals, slots, size, missing = {}, [], 0, []
    for name in names:
        code, bit = header.bits.get(name, (None, 0))
        if code is None:
            slots.append(-1)
            if name not in CONSTANTS:
                missing.append(name)
            continue
        if code not in signals:
            signals[code] = size, header.widths[code]
            size += header.widths[code]
        slots.append(signals[code][0] + bit)
    if len(missing) > _MISSING_LIMIT * len(names):
        share = 100 * len(missing) / len(names)
        raise UserError(
            f"{file}: is of another netlist: {len(missing)} of {len(names)} nets "
            f"({share:.1f} %), such as {missing[0]}, are not in it; "
            f"simulate this netlist and dump its whole scope"
        )
    return signals, np.array(slots), len(missing)


def _chunks(file, rest):
    """The file in pieces that end with a newline."""
    while block := file.read(_CHUNK):
        whole, newline, tail = (rest + block).replace(b"\r", b"").rpartition(b"\n")
        if newline:
            yield whole + newline
        rest = tail
    if rest:
        yield rest.replace(b"\r", b"") + b"\n"


class _Counter:
    """Adds up toggles and high time of slots; all times are in ticks of the file."""

    def __init__(self, slots, span):
        start, end, self.window = span
        self.start = np.rint(start)
        self.end = np.inf if end is None else np.rint(end)
        self.begun = False
        self.state = np.full(slots, UNKNOWN, np.int64)
        self.toggles = np.zeros((1, slots), np.int64)
        self.high = np.zeros(slots)

    def edges(self, until):
        """Bounds of the windows up to a time, in ticks."""
        if self.window is None:
            return np.array([self.start, np.inf])
        count = max(1, int(np.ceil((until - self.start) / self.window - 1e-9)))
        return np.rint(self.start + self.window * np.arange(count + 1))

    def count(self, changes):
        times = changes.times
        if not self.begun and len(times) > 1:
            self.start, self.begun = max(self.start, times[1]), True
        # Sorting one number is much faster than an index: slot, line, value from the top down.
        keys = np.sort(changes.slots << 34 | changes.order << 2 | changes.values)
        slots, values = keys >> 34, keys & 3
        moments = changes.moments[keys >> 2 & (1 << 32) - 1]
        last = np.append(slots[1:] != slots[:-1], True)[: len(slots)]
        before = np.empty_like(values)
        before[1:] = values[:-1]
        first = np.append(True, last[:-1])[: len(slots)]
        before[first] = self.state[slots[first]]
        self.state[slots[last]] = values[last]

        clipped = np.clip(times, self.start, self.end)
        rises, falls = (
            (ends == 1) & (others != 1) for ends, others in ((values, before), (before, values))
        )
        self.high += np.bincount(slots[falls], clipped[moments[falls]], len(self.high))
        self.high -= np.bincount(slots[rises], clipped[moments[rises]], len(self.high))

        edges = self.edges(times[-1])
        windows = np.searchsorted(edges, times) - 1
        windows[times > self.end] = -1
        self.reserve(len(edges) - 1)
        toggled = (values ^ before == 1) & (windows[moments] >= 0)
        places = windows[moments[toggled]] * len(self.high) + slots[toggled]
        np.add.at(self.toggles.reshape(-1), places, 1)

    def reserve(self, windows):
        if windows > len(self.toggles):
            more = max(windows - len(self.toggles), len(self.toggles))
            self.toggles = np.pad(self.toggles, ((0, more), (0, 0)))


def _collect(counter, tick_s, names, slots, missing):
    known = slots >= 0
    high = np.zeros(len(names))
    settled = counter.high + counter.end * (counter.state == 1)
    high[known] = settled[slots[known]]
    high[[name == CONSTANTS[1] for name in names]] = counter.end - counter.start
    edges = None
    if counter.window is not None:
        edges = counter.edges(counter.end)
        edges[-1] = counter.end
        counter.reserve(len(edges) - 1)
    toggles = np.zeros((1 if edges is None else len(edges) - 1, len(names)), np.int64)
    toggles[:, known] = counter.toggles[: len(toggles), slots[known]]
    return Toggles(
        names=names,
        toggles=toggles[0] if edges is None else toggles,
        high_s=high * tick_s,
        duration_s=float((counter.end - counter.start) * tick_s),
        edges_s=None if edges is None else edges * tick_s,
        missing=missing,
    )
