"""Reads the SAIF files that Verilator writes with ``--trace-saif --trace-structs``.

Verilator puts one net bit on a line. One regular expression takes the whole text apart, and Python
sees each line once, as strings: a 16x16 core's 8 MB take a sixth of a second.
"""

import re
from pathlib import Path

from generators.errors import UserError

from .activity import Net, is_core, require_nets

__all__ = ["read_saif"]

# One line: a bit's name, its index if it has one, its high time and toggles; or whatever else.
_LINE = re.compile(r" *(?:\((\S+?)(?:\\\[(\d+)\\\])? \(T0 \d+\) \(T1 (\d+)\) [^C\n]*C (\d+)\)\)"
                   r"|(.*?))[ \r]*(?:\n|\Z)")
_INSTANCE = re.compile(r"\(INSTANCE (?:\"[^\"]*\" )?(\S+)$")
_HEADER = re.compile(r"\((\w+) ?(.*)\)$")
_UNITS_NS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3, "fs": 1e-6}


def read_saif(path, top):
    """Read the `Activity` of the core ``top``.

    Parameters
    ----------
    path: str or Path
        The SAIF file.
    top: str
        The manifest's top module. Scopes above the core are skipped, see `is_core`; nets that its
        testbench derives from the core's are as if they lay in it.

    Raises
    ------
    UserError
        For a file that is unreadable, truncated, no SAIF, or of another design.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a SAIF file") from None
    except UnicodeDecodeError:
        raise UserError(f"{path.name}: is not a SAIF file; name one that Verilator wrote") from None
    return _Reader(path.name, top).read(text)


class _Reader:
    """The state of reading one file: the open scopes and the bits found so far."""

    def __init__(self, name, top):
        self.name, self.top = name, top
        self.header = {}
        self.scopes = []  # open brackets: instance name (None if it is none), prefix around it
        self.prefix = None  # path of the open scope below the core, None outside of it
        self.bits = {}  # net path -> {bit index: (toggles, high time in units of the file)}

    def read(self, text):
        first = True
        name, bits = None, {}  # the latest net in the open scope
        for number, (net, index, high, toggles, other) in enumerate(_LINE.findall(text), 1):
            if net and self.scopes:
                if self.prefix is None or net[0] == "$":
                    continue
                if net != name:
                    name, bits = net, self.bits.setdefault(self.prefix + net, {})
                bits[int(index or 0)] = int(toggles), int(high)
                continue
            if not net and (not other or other.startswith("//")):
                continue
            if first and other != "(SAIFILE":
                raise UserError(f"{self.name}: is not a SAIF file; name one that Verilator wrote")
            first, name = False, None
            if not self._line(other):
                raise UserError(f"{self.name}: line {number} is not SAIF as Verilator writes it; "
                                f"name a file made with --trace-saif")
        if first or self.scopes:
            raise UserError(f"{self.name}: ends early; run the simulation to its end again")
        unit = self._unit_ns()
        nets = {path: self._net(path, bits, unit) for path, bits in self.bits.items()}
        return require_nets(self.name, self.top, self._duration() * unit, nets)

    def _line(self, text):
        """Take one line that is no bit; False if it is not understood."""
        if text == ")":
            return self._close()
        if text in ("(SAIFILE", "(NET"):
            self.scopes.append((None, self.prefix))
            return True
        instance = _INSTANCE.match(text)
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
        else:
            scopes = [scope for scope, _ in self.scopes if scope]
            if is_core(scopes, self.top) or scopes[-2:] == [f"{self.top}_tb", "derived"]:
                self.prefix = ""

    def _close(self):
        if not self.scopes:
            return False
        _, self.prefix = self.scopes.pop()
        return True

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
