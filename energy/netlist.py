"""Finds the registers of a core in its generated Verilog.

Activity files do not say which nets are registers, and counting every net would count aliases
twice. The generator's Verilog is regular: one statement on a line, non-blocking assignments only
to registers, instances as ``module name (``.
"""

import re
from dataclasses import dataclass, field

from generators.errors import UserError

__all__ = ["register_paths"]

_NAME = r"(\\\S+|[A-Za-z_]\w*)"
_MODULE = re.compile(rf"module {_NAME} ?\(")
_INSTANCE = re.compile(rf"  {_NAME} {_NAME} \($")
# The target of the first `<=` that is no comparison: outside of brackets, with no `=` before it.
_REGISTER = re.compile(rf"[^=]*?(?<![\w$\\]){_NAME} *(?:\[[\d:]+\] *)?<= ")
_GROUP = re.compile(r"\([^()]*\)")


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
