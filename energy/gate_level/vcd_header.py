"""The declarations at the head of a VCD: which identifier code stands for which nets."""

import re
from dataclasses import dataclass

from generators.errors import UserError

__all__ = ["Header", "read_header"]

_BLOCK = 1 << 16
_END = re.compile(rb"\$enddefinitions\s+\$end[ \t\r]*\n?")
_COMMAND = re.compile(r"\$(scope|upscope|var|timescale)\s+(.*?)\s*\$end(?!\S)", re.DOTALL)
_RANGE = re.compile(r"(.*?)\s*\[(-?\d+)(?::(-?\d+))?\]$")
_UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12, "fs": 1e-15}
_NOT_NETS = {"real", "realtime", "parameter", "event", "string"}


@dataclass(frozen=True)
class Header:
    """What a VCD declares below one scope.

    Attributes
    ----------
    tick_s: float
        Seconds of the file's unit of time.
    bits: dict of str to (bytes, int)
        Identifier code and bit of it, the rightmost being 0, of each net bit: ``pe_0.sum_o[3]``.
        Names of one net share a code.
    widths: dict of bytes to int
        Bits of each code.
    rest: bytes
        What was read of the file beyond the declarations.
    """

    tick_s: float
    bits: dict
    widths: dict
    rest: bytes


def read_header(file, name, scope):
    """Read the declarations of an open VCD.

    ``name`` is the file's in messages, ``scope`` is that of `read_vcd`.

    Raises
    ------
    UserError
        If it is no VCD or lacks the scope.
    """
    text = b""
    while (end := _END.search(text, max(0, len(text) - _BLOCK - 64))) is None:
        block = file.read(_BLOCK)
        if not block:
            raise UserError(f"{name}: has no $enddefinitions; name a VCD file")
        text += block
    bits, widths, scopes = {}, {}, {}
    tick_s, stack, prefix = None, [], None
    for command, body in _COMMAND.findall(text[: end.start()].decode(errors="replace")):
        if command == "var":
            if prefix is not None:
                _declare(body, prefix, bits, widths)
            continue
        if command == "timescale":
            tick_s = _tick(body, name)
            continue
        if command == "scope":
            stack.append(body.split()[-1].removeprefix("\\"))
        elif stack:
            stack.pop()
        path = ".".join(stack)
        scopes[path] = True
        prefix = f"{path}."[len(scope) + 1 :] if f"{path}.".startswith(f"{scope}.") else None
    if scope not in scopes:
        known = ", ".join(sorted(filter(None, scopes), key=len)[:3])
        raise UserError(f"{name}: has no scope {scope}; it has {known}")
    if tick_s is None:
        raise UserError(f"{name}: has no $timescale; run the simulation again")
    return Header(tick_s, bits, widths, text[end.end() :])


def _declare(body, prefix, bits, widths):
    kind, width, code, name = body.split(None, 3)
    if kind in _NOT_NETS or not (width := int(width)):
        return
    code = code.encode()
    widths[code] = width
    # Icarus marks an escaped name, which may itself end with an index.
    ranged = None if width == 1 and name.startswith("\\") else _RANGE.match(name)
    stem = prefix + (ranged[1] if ranged else name).removeprefix("\\")
    if ranged is None:
        right, step = 0, 1
    else:
        left = int(ranged[2])
        right = int(ranged[3] or left)
        step = 1 if left >= right else -1
    for bit in range(width):
        bits.setdefault(f"{stem}[{right + step * bit}]", (code, bit))
    if width == 1:  # a net with the range [0:0] is declared like one without
        bits[stem] = code, 0


def _tick(body, name):
    match = re.fullmatch(r"(\d+)\s*([munpf]?s)", body)
    if match is None:
        raise UserError(f"{name}: $timescale {body} is not a time; run the simulation again")
    return int(match[1]) * _UNITS_S[match[2]]
