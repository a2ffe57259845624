"""Parses the structural subset of Verilog in which Yosys writes a mapped netlist."""

import re
from dataclasses import dataclass, field

from generators.errors import UserError

__all__ = ["Instance", "Module", "parse_modules"]

_TOKEN = re.compile(
    r"""\\\S+ | /\*.*?\*/ | //[^\n]* | \(\*.*?\*\) | "[^"]*"
    | \d*\s*'s?[bodh][0-9a-f?xz_]+ | [\w$]+ | \S""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SKIPPED = ("/*", "//", "(*")
_CONSTANT = re.compile(r"(\d*)\s*'s?([bodh])(.+)", re.IGNORECASE)
_DIGIT_BITS = {"b": 1, "o": 3, "h": 4}
_UNKNOWN_AS_ZERO = str.maketrans("xXzZ?", "00000", "_")


@dataclass(frozen=True)
class Instance:
    """A placed cell or module: ``connections`` is a list of (port, local bits, lowest first)."""

    kind: str
    name: str
    connections: list


@dataclass(frozen=True)
class Module:
    """One module over local bits numbered from 0; bits 0 and 1 are the constants.

    Attributes
    ----------
    ports: dict of str to str
        Direction of each port.
    wires: dict of str to list of int
        Bits of each net or port, lowest first.
    offsets: dict of str to (int, int)
        Index of the lowest bit of each, and the step to the next one: 1, or -1 in ``[0:7]``.
    names: list of str
        Name of each bit: ``x``, or ``x[3]`` for a net with a range.
    roots: list of int
        The bit that stands for each bit after the assignments have joined them.
    cells: list of Instance
    """

    ports: dict = field(default_factory=dict)
    wires: dict = field(default_factory=dict)
    offsets: dict = field(default_factory=dict)
    names: list = field(default_factory=lambda: ["1'b0", "1'b1"])
    roots: list = field(default_factory=lambda: [0, 1])
    cells: list = field(default_factory=list)

    def declare(self, name, bounds):
        if name in self.wires:
            return  # Yosys writes a port twice: as a wire and with its direction
        left, right = bounds or (0, 0)
        step = 1 if left >= right else -1
        bits = range(right, left + step, step)
        self.offsets[name] = right, step
        self.wires[name] = list(range(len(self.names), len(self.names) + len(bits)))
        self.names.extend(f"{name}[{index}]" if bounds else name for index in bits)
        self.roots.extend(self.wires[name])

    def root(self, bit):
        while self.roots[bit] != bit:
            bit = self.roots[bit]
        return bit

    def join(self, left, right):
        low, high = sorted((self.root(left), self.root(right)))
        self.roots[high] = low

    def settle(self):
        # What stands for a bit is a lower one, so it is settled already.
        for bit in range(len(self.roots)):
            self.roots[bit] = self.roots[self.roots[bit]]


def parse_modules(text):
    """Modules by name.

    Raises
    ------
    UserError
        For Verilog beyond nets, assignments of nets, and instances with named connections.
    """
    return _Parser(text).modules()


class _Parser:
    """Recursive descent over the tokens of the text."""

    def __init__(self, text):
        self.text = text
        self.tokens = [token for token in _TOKEN.findall(text) if not token.startswith(_SKIPPED)]
        self.tokens.append("")  # the end
        self.position = 0
        self.module = None

    def modules(self):
        modules = {}
        while self.tokens[self.position]:
            self.expect("module")
            name = self.name()
            self.module = modules[name] = Module()
            if self.accept("("):
                while not self.accept(")"):
                    self.name()
                    self.accept(",")
            self.expect(";")
            while not self.accept("endmodule"):
                self.statement()
            self.module.settle()
        if not modules:
            raise UserError("netlist: has no module; give the Verilog of a mapped design")
        return modules

    def statement(self):
        keyword = self.tokens[self.position]
        if keyword in ("input", "output", "inout", "wire"):
            self.position += 1
            self.declaration(keyword)
        elif keyword == "assign":
            self.position += 1
            left = self.expression()
            self.expect("=")
            right = self.expression()
            self.expect(";")
            if len(left) != len(right):
                self.fail()
            for pair in zip(left, right, strict=True):
                self.module.join(*pair)
        else:
            self.instance()

    def declaration(self, keyword):
        if keyword != "wire":
            self.accept("wire")
        self.accept("signed")
        bounds = self.range() if self.tokens[self.position] == "[" else None
        while True:
            name = self.name()
            self.module.declare(name, bounds)
            if keyword != "wire":
                self.module.ports[name] = keyword
            if not self.accept(","):
                break
        self.expect(";")

    def instance(self):
        kind, name = self.name(), self.name()
        connections = []
        self.expect("(")
        while not self.accept(")"):
            self.expect(".")
            port = self.name()
            self.expect("(")
            bits = []
            if not self.accept(")"):
                bits = self.expression()
                self.expect(")")
            connections.append((port, bits))
            self.accept(",")
        self.expect(";")
        self.module.cells.append(Instance(kind, name, connections))

    def expression(self):
        """Local bits of a net, slice, constant or concatenation, lowest first."""
        token = self.tokens[self.position]
        if token == "{":
            self.position += 1
            parts = []
            while not self.accept("}"):
                parts.append(self.expression())
                self.accept(",")
            return [bit for part in reversed(parts) for bit in part]
        if "'" in token and token[0] != "\\":
            self.position += 1
            return self.constant(token)
        name = self.name()
        bits = self.module.wires.get(name)
        if bits is None:  # Verilog's implicit net of one bit
            self.module.declare(name, None)
            bits = self.module.wires[name]
        if self.tokens[self.position] != "[":
            return bits
        right, step = self.module.offsets[name]
        first, last = ((index - right) * step for index in reversed(self.range()))
        if not 0 <= first <= last < len(bits):
            self.fail()
        return bits[first : last + 1]

    def range(self):
        self.expect("[")
        left = right = self.number()
        if self.accept(":"):
            right = self.number()
        self.expect("]")
        return left, right

    def constant(self, token):
        size, base, digits = _CONSTANT.fullmatch(token).groups()
        digits = digits.translate(_UNKNOWN_AS_ZERO)
        width = int(size or 32)
        base = base.lower()
        value = int(digits, 10 if base == "d" else 1 << _DIGIT_BITS[base])
        return [value >> bit & 1 for bit in range(width)]

    def name(self):
        token = self.tokens[self.position]
        if not (token[:1] in ("\\", "_", "$") or token[:1].isalpha()):
            self.fail()
        self.position += 1
        return token.removeprefix("\\")

    def number(self):
        token = self.tokens[self.position]
        if not token.isdecimal():
            self.fail()
        self.position += 1
        return int(token)

    def accept(self, token):
        if self.tokens[self.position] != token:
            return False
        self.position += 1
        return True

    def expect(self, token):
        if not self.accept(token):
            self.fail()

    def fail(self):
        wanted, line = self.position, self.text.count("\n") + 1
        for match in _TOKEN.finditer(self.text):
            if match[0].startswith(_SKIPPED):
                continue
            if wanted == 0:
                line = self.text.count("\n", 0, match.start()) + 1
                break
            wanted -= 1
        token = self.tokens[self.position] or "the end"
        raise UserError(
            f"netlist: line {line}: {token} is not expected in a structural netlist; "
            "give the Verilog that Yosys writes after mapping"
        )
