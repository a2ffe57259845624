"""Decodes the value changes of a VCD, many lines at a time."""

from dataclasses import dataclass

import numpy as np

from generators.errors import UserError

__all__ = ["UNKNOWN", "Changes", "Decoder"]

UNKNOWN = 2  # the value of x and z beside 0 and 1
_TIME, _VECTOR, _IGNORED, _STRANGE = range(3, 7)
_PADDING = 8  # bytes beyond the last line that may be read
_DIRECT = 3  # longest code that indexes a table; longer ones are searched

_KINDS = np.full(256, _STRANGE, np.uint8)
for _characters, _kind in (
    ("0", 0),
    ("1", 1),
    ("xXzZ", UNKNOWN),
    ("#", _TIME),
    ("bB", _VECTOR),
    ("rRsS$\n", _IGNORED),
):
    _KINDS[list(_characters.encode())] = _kind
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(8)], np.uint64)


@dataclass(frozen=True)
class Changes:
    """Changes of single bits, in no order.

    Attributes
    ----------
    times: int ndarray
        Times of the chunk in ticks; the first one is where the chunk before it ended.
    slots, values: int ndarray
        Which bit changed, and to what: 0, 1 or ``UNKNOWN``.
    order: int ndarray
        Line of each change; the changes of one bit follow each other in this order.
    moments: int ndarray, [lines]
        Index into ``times`` of each line.
    """

    times: np.ndarray
    slots: np.ndarray
    values: np.ndarray
    order: np.ndarray
    moments: np.ndarray


class Decoder:
    """Decodes chunks of whole lines, one after the other.

    Parameters
    ----------
    signals: dict of bytes to (int, int)
        First slot and width of each identifier code that counts.
    name: str
        The file's, for messages.
    """

    def __init__(self, signals, name):
        self.name = name
        self.time = 0
        codes = np.array([int.from_bytes(code, "little") for code in signals], np.uint64)
        order = np.argsort(codes)
        self.codes = codes[order]
        self.firsts = np.array([first for first, _ in signals.values()], np.int64)[order]
        self.widths = np.array([width for _, width in signals.values()], np.int64)[order]
        longest = max(map(len, signals), default=0)
        if longest > _PADDING - 1:
            raise UserError(
                f"{name}: has identifier codes of {longest} characters; "
                f"name a VCD that Icarus wrote"
            )
        self.table = None
        if longest <= _DIRECT:
            # Untouched pages of the table take no memory.
            self.table = np.zeros(1 << 8 * _DIRECT, np.int32)
            self.table[self.codes] = np.arange(1, len(codes) + 1)

    def decode(self, chunk):
        """`Changes` of a chunk of bytes, which ends with a newline."""
        text = np.frombuffer(chunk + bytes(_PADDING), np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        starts = np.empty_like(ends)
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
        kinds = _KINDS[text[starts]]
        if kinds.max() == _STRANGE:
            line = np.argmax(kinds == _STRANGE)
            shown = bytes(chunk[starts[line] : ends[line]][:40]).decode(errors="replace")
            raise UserError(
                f"{self.name}: {shown!r} is not a value change; "
                f"name a VCD that Icarus or Verilator wrote"
            )
        is_time = kinds == _TIME
        times = np.append(self.time, _decimals(text, starts[is_time] + 1, ends[is_time]))
        self.time = times[-1]
        lines = np.flatnonzero(kinds <= UNKNOWN)
        signals = self._signals(text, starts[lines] + 1, ends[lines])
        known = signals >= 0
        lines, signals = lines[known], signals[known]
        parts = [(self.firsts[signals], kinds[lines], lines)]
        vectors = np.flatnonzero(kinds == _VECTOR)
        if len(vectors):
            parts.append(self._vector_bits(text, starts[vectors] + 1, ends[vectors], vectors))
        return Changes(
            times, *(np.concatenate(part) for part in zip(*parts, strict=True)), np.cumsum(is_time)
        )

    def _signals(self, text, starts, ends):
        """Which signal each code is, -1 if it does not count."""
        lengths = ends - starts
        numbers = _words(text, starts) & _MASKS[np.minimum(lengths, _PADDING - 1)]
        if self.table is not None:
            return self.table[np.where(lengths <= _DIRECT, numbers, 0)] - 1
        found = np.minimum(np.searchsorted(self.codes, numbers), len(self.codes) - 1)
        return np.where((self.codes[found] == numbers) & (lengths < _PADDING), found, -1)

    def _vector_bits(self, text, starts, ends, lines):
        """Slots, values and lines of the bits of vector changes."""
        spaces = np.flatnonzero(text == ord(" "))
        gaps = spaces[np.minimum(np.searchsorted(spaces, starts), len(spaces) - 1)]
        signals = self._signals(text, gaps + 1, ends)
        known = signals >= 0
        starts, gaps, lines, signals = starts[known], gaps[known], lines[known], signals[known]
        widths = self.widths[signals]
        change = np.repeat(np.arange(len(lines)), widths)
        bits = np.arange(len(change)) - np.repeat(np.cumsum(widths) - widths, widths)
        # Values are cut at the left: a leading 0 or 1 stands for more 0s, x and z for more of them.
        places = gaps[change] - 1 - bits
        cut = places < starts[change]
        values = _KINDS[text[np.where(cut, starts[change], places)]]
        values[cut & (values == 1)] = 0
        return self.firsts[signals][change] + bits, values, lines[change]


def _words(text, starts):
    """The eight bytes at each start as one number, the first byte lowest."""
    # Two aligned reads: numpy is slow where it must read words across their bounds.
    words = np.concatenate([text, np.zeros(-len(text) % 8 + 8, np.uint8)]).view("<u8")
    shifts = (starts & 7).astype(np.uint64) << np.uint64(3)
    low = words[starts >> 3] >> shifts
    # Shifting by 64 is undefined, so the upper part goes in two steps.
    return low | words[(starts >> 3) + 1] << (np.uint64(63) - shifts) << np.uint64(1)


def _decimals(text, starts, ends):
    numbers = np.zeros(len(starts), np.int64)
    lengths = ends - starts
    for place in range(lengths.max(initial=0)):
        inside = place < lengths
        digits = text[starts[inside] + place].astype(np.int64) - ord("0")
        numbers[inside] = 10 * numbers[inside] + digits
    return numbers
