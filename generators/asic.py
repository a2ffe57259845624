"""Maps generated Verilog to a standard-cell library by Yosys: a netlist, and what it occupies."""

import hashlib
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import UserError
from .standard_cells import StandardCells

__all__ = ["Mapped", "MappedModule", "map_to_library"]

MODULE = re.compile(r"^module (\w+) ?\((.*?)^endmodule", re.MULTILINE | re.DOTALL)
PORTS = re.compile(r"\A.*?\);$", re.MULTILINE | re.DOTALL)
INSTANCE = re.compile(r"^ +(\w+) \S+ ?\(", re.MULTILINE)
INITIAL = re.compile(r"^  initial\n(?:    .*\n)+", re.MULTILINE)
MEMORY = re.compile(r"^ *reg (?:signed )?(?:\[[^]]*\] )?(\w+) \[", re.MULTILINE)


@dataclass(frozen=True)
class MappedModule:
    """One module of a netlist.

    Attributes
    ----------
    area_um2: float
        Of its cells and of all modules below; black boxes count nothing.
    own_um2: float
        Of its own cells alone.
    cells: dict of str to int
        Library cells of its own, by kind.
    parts: dict of str to int
        Modules and black boxes that it places, by name.
    placed: int
        How often the design has it.
    """

    area_um2: float
    own_um2: float
    cells: dict
    parts: dict
    placed: int


@dataclass(frozen=True)
class Mapped:
    """A design mapped to a library.

    Attributes
    ----------
    netlist: Path
        Structural Verilog: library cells, constants and plain assigns, one module per module of
        the design; registers and ports keep their names.
    sha256: str
        Of the netlist's text.
    area_um2: float
        By the library's cell areas, without black boxes.
    cells: dict of str to int
        Cells of the whole design, by kind; black boxes are not among them.
    black_boxes: dict of str to int
        Modules that are left as they are, such as SRAMs, and how often each is placed.
    modules: dict of str to MappedModule
    yosys: str
        Version.
    """

    netlist: Path
    sha256: str
    area_um2: float
    cells: dict
    black_boxes: dict
    modules: dict
    yosys: str


def map_to_library(verilog_path, top, liberty_path, folder, *, keep=(), models=None):
    """Map a module and all below it to the cells of a Liberty file.

    Each module is synthesized once, by itself, and stays a module: the netlist of a processing
    element is the same in an array of any size. Power-up values are dropped: silicon has none.
    SRAMs (modules named ``sram_…``) stay black boxes; the small memories of row-stationary elements
    (``scratchpad_…``) become flip-flops.

    Parameters
    ----------
    verilog_path, liberty_path: str or Path
        ``.lib`` or ``.lib.gz``.
    top: str
    folder: str or Path
        Made if missing; holds the netlist ``<top>_mapped.v`` and Yosys' files.
    keep: sequence of str
        Wires that stay nets although optimization could dissolve them, as Yosys selections such as
        ``pe_*/w:product``.
    models: str or Path, optional
        Verilog of modules that the design leaves out; they are black boxes too.

    Returns
    -------
    Mapped

    Raises
    ------
    UserError
        If Yosys is missing, the Liberty cannot be read, or it has no cell for some function.
    """
    folder = Path(folder)
    modules, boxes = _modules(verilog_path, models)
    if top not in modules:
        raise UserError(f"{verilog_path}: has no module {top}; name one that it has")
    library = StandardCells(liberty_path, folder)
    placed = _placed(modules, top)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: library.map(name, _alone(name, modules, boxes), keep),
                           placed)
        kinds, areas, texts = (dict(zip(placed, column, strict=True))
                               for column in zip(*results, strict=True))
    return _mapped(folder / f"{top}_mapped.v", top, placed, boxes, kinds, areas, texts)


def _modules(verilog_path, models):
    """Name to text of the modules to map, and of those to leave alone."""
    modules = dict(MODULE.findall(Path(verilog_path).read_text()))
    boxes = {name: modules.pop(name) for name in list(modules) if name.startswith("sram_")}
    boxes |= dict(MODULE.findall(Path(models).read_text())) if models is not None else {}
    for name, text in modules.items():
        if name.startswith("scratchpad_"):
            modules[name] = INITIAL.sub("", text)
        elif memory := MEMORY.search(text):
            raise UserError(f"{verilog_path}: {name} holds the memory {memory[1]} itself, which "
                            "would become flip-flops; place an SRAM or a scratchpad for it")
    return modules, boxes


def _placed(modules, top):
    """How often the top has each of ``modules``, itself included; parts stand before the whole."""
    found = {}

    @cache
    def within(name):
        total = Counter({name: 1})
        for part in INSTANCE.findall(modules[name]):
            if part in modules:
                total.update(within(part))
        found[name] = None
        return total

    total = within(top)
    return {name: total[name] for name in found}


def _alone(name, modules, boxes):
    """A module's text, and those that it places without their bodies.

    Nothing is optimized across modules, and reading a memory that is set to zero, word by word,
    takes Yosys a minute.
    """
    known = modules | boxes
    parts = sorted(set(INSTANCE.findall(modules[name])) & known.keys())
    return f"module {name} ({modules[name]}endmodule\n" + "".join(
        f"(* blackbox *)\nmodule {part} ({PORTS.match(known[part])[0]}\nendmodule\n"
        for part in parts)


def _mapped(netlist, top, placed, boxes, kinds, areas, texts):
    """Put the modules together, parts first."""
    modules, cells, black_boxes = {}, Counter(), Counter()
    for name, number in placed.items():
        parts = {kind: count for kind, count in kinds[name].items()
                 if kind in placed or kind in boxes}
        own = {kind: count for kind, count in kinds[name].items() if kind not in parts}
        below = sum(count * modules[part].area_um2 for part, count in parts.items()
                    if part in placed)
        modules[name] = MappedModule(area_um2=areas[name] + below, own_um2=areas[name], cells=own,
                                     parts=parts, placed=number)
        cells.update({kind: number * count for kind, count in own.items()})
        black_boxes.update({part: number * count for part, count in parts.items()
                            if part in boxes})
    version = re.search(r"Yosys (\S+)", texts[top])[1]
    text = f"/* Mapped by Yosys {version} */\n" + "".join(
        texts[name].split("\n", 1)[1] for name in placed)
    netlist.write_text(text)
    return Mapped(netlist=netlist, sha256=hashlib.sha256(text.encode()).hexdigest(),
                  area_um2=modules[top].area_um2, cells=dict(cells), black_boxes=dict(black_boxes),
                  modules=modules, yosys=version)
