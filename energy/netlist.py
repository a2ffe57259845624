"""Finds the registers of a core in its generated Verilog.

Activity files do not say which nets are registers, and counting every net would count aliases
twice. The generator's Verilog is regular: one statement on a line, non-blocking assignments only
to registers, instances as ``module name (``.
"""

import re
from dataclasses import dataclass, field

from generators.errors import UserError

__all__ = ["instance_modules", "module_nets", "products", "register_paths"]

_NAME = r"(\\\S+|[A-Za-z_]\w*)"  # an escaped one ends with a space of its own
_MODULE = re.compile(rf"module {_NAME} ?\(")
_INSTANCE = re.compile(rf"  {_NAME} {_NAME} +\($")
# The target of the first `<=` that is no comparison: outside of brackets, with no `=` before it.
_REGISTER = re.compile(rf"[^=]*?(?<![\w$\\]){_NAME} *(?:\[[\d:]+\] *)?<= ")
_GROUP = re.compile(r"\([^()]*\)")
_NET = re.compile(rf"  (?:(input|output) )?(?:wire|reg) (?:\[(\d+):0\] )?{_NAME} ?"
                  r"(?: = \S+)?[,;]?$")
_UNNAMED = "_signal"  # Amaranth's
_FACTOR = rf"(?:\$signed\({_NAME} ?\)|{_NAME})"
_PRODUCT = re.compile(rf"  assign \S+ += {_FACTOR} +\* {_FACTOR} ?;")


@dataclass
class _Module:
    registers: dict = field(default_factory=dict)  # names in order of appearance, as dict keys
    instances: dict = field(default_factory=dict)  # instance name -> module name


def register_paths(verilog, top):
    """Paths of all registers below the module ``top``, memory arrays and temporaries left out.

    Parameters
    ----------
    verilog: str
        The text of the generated Verilog file.
    top: str
        The manifest's top module.

    Returns
    -------
    list of str
        ``engine.mesh.column_0.pe_0.sum_o``: dots between instances, as in `Activity.nets`.
    """
    modules = _modules(verilog)
    if top not in modules:
        raise UserError(f"the Verilog has no module {top}; use the Verilog and the manifest of one "
                        f"generation")
    paths = []
    pending = [("", top)]
    while pending:
        prefix, name = pending.pop()
        module = modules.get(name, _Module())
        paths += [prefix + register for register in module.registers]
        pending += [(f"{prefix}{instance}.", inner)
                    for instance, inner in reversed(module.instances.items())]
    return paths


def instance_modules(verilog, top):
    """The Verilog module of every instance below ``top``, by its path; of ``top`` itself by ""."""
    modules = _modules(verilog)
    found, pending = {}, [("", top)]
    while pending:
        path, name = pending.pop()
        found[path] = name
        pending += [(f"{path}.{instance}".lstrip("."), inner) for instance, inner
                    in modules.get(name, _Module()).instances.items()]
    return found


def module_nets(verilog, module, *, unnamed=False):
    """The nets that a module declares, but for temporaries.

    Parameters
    ----------
    verilog, module: str
    unnamed: bool
        With signals that the hardware's description has no name for (``_signal_25``), which may be
        registers.

    Returns
    -------
    dict of str to (str or None, int)
        Direction of a port (None of another net) and bits.
    """
    nets = {}
    for line in _body(verilog, module).splitlines():
        if match := _NET.match(line):
            name = _plain(match[3])
            if not name.startswith(("$", "_")) or (unnamed and name.startswith(_UNNAMED)):
                nets[name] = match[1], int(match[2] or 0) + 1
    return nets


def products(verilog, module):
    """The multiplications of two whole nets in a module.

    Returns
    -------
    list of ((str, bool), (str, bool))
        Both factors: net, and whether it is signed.
    """
    found = []
    for match in _PRODUCT.finditer(_body(verilog, module)):
        factors = tuple((_plain(name or signed), bool(signed)) for signed, name in
                        ((match[1], match[2]), (match[3], match[4])))
        if not any(net.startswith(("$", "_")) for net, _ in factors):
            found.append(factors)
    return found


def _body(verilog, module):
    """The text of a module, without its first and its last line."""
    start = re.search(rf"^module {re.escape(module)} ?\(", verilog, re.MULTILINE).end()
    return verilog[start:verilog.index("\nendmodule", start)]


def _modules(verilog):
    modules = {}
    module = None
    for line in verilog.splitlines():
        if match := _MODULE.match(line):
            module = modules[_plain(match[1])] = _Module()
        elif match := _REGISTER.match(_without_groups(line)):
            name = _plain(match[1])
            if not name.startswith(("$", "_")):
                module.registers[name] = None
        elif match := _INSTANCE.match(line):
            module.instances[_plain(match[2])] = _plain(match[1])
    return modules


def _without_groups(line):
    """The line without anything in parentheses, such as conditions."""
    while "(" in line and line != (shorter := _GROUP.sub("", line)):
        line = shorter
    return line


def _plain(name):
    return name.removeprefix("\\")
