"""Makes the Verilog that Yosys writes pleasant to read, without changing what it says.

Yosys splits a register into a combinational block and a flip-flop, lists ports twice, numbers the
nets between instances and escapes names. Each rewrite below undoes one of these; and a memory
without contents gets its zeros.
"""

import re
from collections import Counter

from .keywords import verilog_name

__all__ = ["tidy"]

MODULE = re.compile(r"^module (\S+?) ?\(.*?\);\n(.*?)^endmodule\n", re.MULTILINE | re.DOTALL)
DECLARATION = re.compile(r"^  (input|output|wire|reg) (\[-?\d+:\d+\] )?(\w+)(?:  ?= ([^;]+))?;\n",
                         re.MULTILINE)
FLIP_FLOP = re.compile(r"^  always @\(posedge clk\)\n    (\w+) <= (_\d+_);\n", re.MULTILINE)
BLOCK = re.compile(r"^  always @\* begin\n    if \(_wake_\) begin end\n(.*?)^  end\n",
                   re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"^( +)(\{.*?\}|\S+) = (.*);\n", re.MULTILINE)
# Attributes, except those of memories, which tell an FPGA flow how to map them.
ATTRIBUTES = re.compile(r"^ *\(\* .* \*\)\n(?!  reg \[.*\] \w+ \[)", re.MULTILINE)
LONG_ZERO = re.compile(r"'[hd]0+\b")
MEMORY = re.compile(r"^  reg \[(\d+):0\] (\w+) \[(\d+):0\];\n(?!  initial)", re.MULTILINE)
SHORT_IF = re.compile(r"^( +)(if \(.*\) )begin\n +((?!if )[^\n]*;)\n\1end\n", re.MULTILINE)
INSTANCE = re.compile(r"^  (\w+) +(\w+) \(\n((?:    \.\w+\(.*\),?\n)+)  \);\n", re.MULTILINE)
IS_ZERO = re.compile(r"(?<== )! (.*);\n")
WHOLE_PORT = re.compile(r"\.(\w+)\((\w+)\)")
ALIAS = re.compile(r"^  assign (\w+) = [^;]+;\n", re.MULTILINE)
IDENTIFIER = re.compile(r"(?<![\w.'])[A-Za-z_]\w*")  # no port of an instance, no digits of a number

# An `always @*` block whose inputs never change would never run: this register's change at
# time zero wakes all of them. (A value in the declaration is no event for SystemVerilog.)
WAKE = "  reg _wake_;\n  initial _wake_ = 1'b0;\n"


def tidy(text, ports):
    """Rewrite Yosys's Verilog.

    Parameters
    ----------
    text: str
        What ``write_verilog`` printed.
    ports: dict of str to dict of str to str
        Modules in the order to write them, each with its ports in the order to declare them and
        their directions, ``i`` or ``o``. Modules without ports here keep theirs as they are.
    """
    text = LONG_ZERO.sub("'h0", ATTRIBUTES.sub("", text))
    text, names = _unescape(text)
    ports = {names.get(module, module): {names.get(port, port): direction
                                         for port, direction in known.items()}
             for module, known in ports.items()}
    bodies = {match[1]: match[2] for match in MODULE.finditer(text)}
    return "\n".join(_module(name, bodies[name], ports) for name in ports if name in bodies)


def _unescape(text):
    """Plain identifiers in place of escaped ones, and the names that have changed."""
    text = re.sub(r"\\\$auto\$verilog_backend\S* ", "_wake_", text)
    taken = set(re.findall(r"(?<!\\)\b[A-Za-z_]\w*", text))
    names = {}
    for escaped in dict.fromkeys(re.findall(r"\\(\S+) ", text)):
        names[escaped] = _free(verilog_name(re.sub(r"\W", "_", escaped)), taken)
    return re.sub(r"\\(\S+) ", lambda match: names[match[1]], text), names


def _free(name, taken):
    """``name``, made different from all ``taken`` ones, and taken itself."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _module(name, body, ports):
    body = _merge_flip_flops(body)
    body = _drop_unused(_name_nets(body, ports))
    body = IS_ZERO.sub(r"\1 == 0;\n", body)
    body = SHORT_IF.sub(_short_if, MEMORY.sub(_zeros, body))
    body, header, wires = _declarations(body)
    wake = WAKE if "_wake_" in body else ""
    order = [*(port for port in ports[name] if port in header),
             *(port for port in header if port not in ports[name])]
    lines = ",\n".join(f"  {header[port]}" for port in order)
    return f"module {name} (\n{lines}\n);\n{wake}{''.join(wires)}{body}endmodule\n"


def _merge_flip_flops(body):
    """One clocked block for each register whose next value one combinational block computes."""
    uses = Counter(IDENTIFIER.findall(body))
    registers = {temporary: name for name, temporary in FLIP_FLOP.findall(body)}
    merged = set()

    def clocked(match):
        written = [target for line in ASSIGNMENT.finditer(match[1])
                   for target in IDENTIFIER.findall(line[2])]
        temporary = written[0] if len(set(written)) == 1 else None
        # Besides being written: the declaration and the flip-flop.
        if temporary not in registers or uses[temporary] != len(written) + 2:
            return match[0]
        merged.add(temporary)
        statements = ASSIGNMENT.sub(r"\1\2 <= \3;\n", match[1])
        statements = statements.replace(temporary, registers[temporary])
        first, rest = statements.split("\n", 1)
        left, _, right = first.strip("; ").partition(" <= ")
        # A register that opens with its own value just keeps it.
        kept = rest if left == right else statements
        return f"  always @(posedge clk) begin\n{kept}  end\n"

    body = BLOCK.sub(clocked, body)
    body = FLIP_FLOP.sub(lambda match: "" if match[2] in merged else match[0], body)
    return _undeclare(body, merged)


def _name_nets(body, ports):
    """Nets that an instance drives, called after the instance and its port."""
    declared = {match[3]: match[1] for match in reversed(list(DECLARATION.finditer(body)))}
    taken = set(IDENTIFIER.findall(body))
    names = {}
    for module, instance, connections in INSTANCE.findall(body):
        directions = ports.get(module, {})
        for port, net in WHOLE_PORT.findall(connections):
            if directions.get(port) == "o" and declared.get(net) == "wire" and net not in names:
                names[net] = _free(f"{instance}_{port}", taken)
    return IDENTIFIER.sub(lambda match: names.get(match[0], match[0]), body)


def _drop_unused(body):
    """Without wires that are only assigned: names that the source had for other nets."""
    uses = Counter(IDENTIFIER.findall(body))
    kinds = {match[3]: match[1] for match in reversed(list(DECLARATION.finditer(body)))}
    unused = {name for name in ALIAS.findall(body) if kinds.get(name) == "wire" and uses[name] == 2}
    if not unused:
        return body
    body = ALIAS.sub(lambda match: "" if match[1] in unused else match[0], body)
    return _drop_unused(_undeclare(body, unused))


def _undeclare(body, names):
    return DECLARATION.sub(lambda match: "" if match[3] in names else match[0], body)


def _short_if(match):
    line = f"{match[1]}{match[2]}{match[3]}\n"
    return line if len(line) <= 100 else match[0]


def _zeros(match):
    """A memory without contents of its own starts with zeros."""
    width, memory, words = int(match[1]) + 1, match[2], int(match[3]) + 1
    word = f"{memory}_word"
    return (f"{match[0]}  integer {word};\n  initial\n"
            f"    for ({word} = 0; {word} < {words}; {word} = {word} + 1)\n"
            f"      {memory}[{word}] = {width}'h0;\n")


def _declarations(body):
    """The body without declarations; ports as they stand in the header; wires and registers."""
    directions, header, wires = {}, {}, []
    for match in DECLARATION.finditer(body):
        kind, width, name, value = match[1], match[2] or "", match[3], match[4]
        start = f" = {value}" if value else ""
        if kind in ("input", "output"):
            directions[name] = kind
        elif name in directions:
            header[name] = f"{directions[name]} {kind} {width}{name}{start}"
        elif name != "_wake_" and width != "[-1:0] ":
            wires.append(f"  {kind} {width}{name}{start};\n")
    return DECLARATION.sub("", body), header, wires
