"""Reads the SAIF files that Verilator writes with ``--trace-saif --trace-structs``.

Verilator puts one net bit on a line, so the file is read line by line: a 16x16 core's several MB
take about a second.
"""

import re
from pathlib import Path

from generators.errors import UserError

from .activity import Net, is_core, require_nets

__all__ = ["read_saif"]

_BIT = re.compile(r" *\((\S+) \(T0 \d+\) \(T1 (\d+)\).* \(TC (\d+)\)\)$")
_INSTANCE = re.compile(r" *\(INSTANCE (?:\"[^\"]*\" )?(\S+)$")
_HEADER = re.compile(r"\((\w+) ?(.*)\)$")
_INDEX = re.compile(r"(.*)\\\[(\d+)\\\]$")
_UNITS_NS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3, "fs": 1e-6}


def read_saif(path, top):
    """Read the `Activity` of the core ``top``.

    Parameters
    ----------
    path: str or Path
        The SAIF file.
    top: str
        The manifest's top module. Scopes above the core are skipped; see `is_core`.

    Raises
    ------
    UserError
        For a file that is unreadable, truncated, no SAIF, or of another design.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as lines:
            return _Reader(path.name, top).read(lines)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a SAIF file") from None
    except UnicodeDecodeError:
        raise UserError(f"{path.name}: is not a SAIF file; name one that Verilator wrote") from None


class _Reader:
    """The state of reading one file: the open scopes and the bits found so far."""

    def __init__(self, name, top):
        self.name, self.top = name, top
        self.header = {}
        self.scopes = []  # open brackets: instance name (None if it is none), prefix around it
        self.prefix = None  # path of the open scope below the core, None outside of it
        self.bits = {}  # net path -> {bit index: (toggles, high time in units of the file)}

    def read(self, lines):
        first = True
        for number, line in enumerate(lines, 1):
            line = line.rstrip()
            if not line or line.startswith("//"):
                continue
            if first and line != "(SAIFILE":
                raise UserError(f"{self.name}: is not a SAIF file; name one that Verilator wrote")
            first = False
            if not self._line(line):
                raise UserError(f"{self.name}: line {number} is not SAIF as Verilator writes it; "
                                f"name a file made with --trace-saif")
        if first or self.scopes:
            raise UserError(f"{self.name}: ends early; run the simulation to its end again")
        unit = self._unit_ns()
        nets = {path: self._net(path, bits, unit) for path, bits in self.bits.items()}
        return require_nets(self.name, self.top, self._duration() * unit, nets)

    def _line(self, line):
        """Take one line; False if it is not understood."""
        bit = _BIT.match(line)
        if bit:
            if self.prefix is not None:
                self._bit(*bit.groups())
            return bool(self.scopes)
        text = line.lstrip()
        if text == ")":
            return self._close()
        if text in ("(SAIFILE", "(NET"):
            self.scopes.append((None, self.prefix))
            return True
        instance = _INSTANCE.match(line)
        if instance:
            self._open(instance[1].replace("\\", ""))
            return True
        header = _HEADER.match(text)
        if header and len(self.scopes) == 1:
            self.header[header[1]] = header[2]
        return bool(header)

    def _open(self, name):
        self.scopes.append((name, self.prefix))
        if self.prefix is not None:
            self.prefix += f"{name}."
        elif is_core([scope for scope, _ in self.scopes if scope], self.top):
            self.prefix = ""

    def _close(self):
        if not self.scopes:
            return False
        _, self.prefix = self.scopes.pop()
        return True

    def _bit(self, name, high, toggles):
        if name.startswith("$"):
            return
        indexed = _INDEX.match(name)
        name, index = (indexed[1], int(indexed[2])) if indexed else (name, 0)
        bits = self.bits.setdefault(self.prefix + name, {})
        bits[index] = int(toggles), int(high)

    def _net(self, path, bits, unit):
        ordered = [bits[index] for index in sorted(bits)]
        if len(ordered) != max(bits) - min(bits) + 1:
            raise UserError(f"{self.name}: bits of {path} are missing; run the simulation again")
        return Net(toggles=tuple(toggles for toggles, _ in ordered),
                   high_ns=tuple(high * unit for _, high in ordered))

    def _unit_ns(self):
        match = re.fullmatch(r"(\d+) ?([munpf]?s)", self.header.get("TIMESCALE", ""))
        if match is None:
            raise UserError(f"{self.name}: TIMESCALE is missing or not a time; "
                            f"name a file that Verilator wrote")
        return int(match[1]) * _UNITS_NS[match[2]]

    def _duration(self):
        text = self.header.get("DURATION", "")
        if not text.isdecimal():
            raise UserError(f"{self.name}: DURATION is missing or not a number; "
                            f"name a file that Verilator wrote")
        return int(text)
