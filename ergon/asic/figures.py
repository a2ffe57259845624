"""What a core occupies and how fast it is in a standard-cell library."""

import json
from collections import Counter
from pathlib import Path

from energy.gate_level.library import load_library
from energy.netlist import instance_modules
from generators.asic import map_to_library
from generators.config import load_config
from generators.derive import derive
from generators.errors import UserError
from generators.generate import generate
from hw.cim.analog.parameters import AnalogCimParameters

from ..catalog import core_file
from .memories import cover, read_macro
from .timing import core_timing

__all__ = ["asic"]

FOLDER = "asic"
NEVER = "wires, the clock tree, setup times and what place and route adds"


def asic(config, liberty, *, macros=(), out, view):
    """Map a core to a library: area, longest path and density.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    liberty: str or Path
        Standard cells, ``.lib`` or ``.lib.gz``.
    macros: sequence of str or Path
        Liberty files of single-port SRAM macros. A memory takes as many of one of them as cover
        its words and its width, of the one with which it is smallest.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View

    Returns
    -------
    dict
        ``config, library, yosys, clock_ns, peak_macs_per_cycle``; ``modules`` and ``memories``,
        lists by falling area, of all instances and without modules inside; ``logic_um2``,
        ``engine_um2`` (logic), ``buffers`` and ``buffers_um2`` of the nets with many inputs,
        ``memory_um2`` (of the macros), ``area_um2`` (logic, buffers and macros);
        ``gops_per_mm2`` and ``engine_gops_per_mm2``, two operations a MAC, at the clock;
        ``path_ns, start, end, through`` (None where the library has no delays to go by, and then
        no buffers); ``without``: what the figures leave out, a list of phrases.

    Raises
    ------
    UserError
        For a library or macro that cannot be read, a core that the library cannot make, or an
        analog array.
    """
    accelerator = load_config(core_file(config))
    if isinstance(derive(accelerator).engine, AnalogCimParameters):
        raise UserError(f"config: the array of {accelerator.name} is analog, and its Verilog a "
                        "model of it; name a digital core")
    known = [read_macro(path) for path in macros]
    with view.step(f"Generating {accelerator.name}"):
        path = Path(generate(accelerator, Path(out) / accelerator.name))
    manifest = json.loads(path.read_text())
    top, verilog = manifest["top"], path.with_suffix(".v").read_text()
    models = path.with_name(manifest["models"]) if manifest["models"] else None
    with view.step(f"Mapping {accelerator.name} to {Path(liberty).name}"):
        mapped = map_to_library(path.with_suffix(".v"), top, liberty, path.parent / FOLDER,
                                models=models)
    memories = _memories(manifest, mapped, known)
    with view.step("Finding the longest path"):
        timing, reason = _timing(mapped, top, verilog + (models.read_text() if models else ""),
                                 liberty, memories)
    instances = instance_modules(verilog, top)
    modules = _modules(mapped, instances, timing.pop("settles_ns", {}))
    engine = next(component["module"] for component in manifest["components"]
                  if component["path"] == "engine")
    engine_um2 = mapped.modules[engine].area_um2
    memory_um2 = sum(memory["area_um2"] or 0.0 for memory in memories)
    area_um2 = mapped.area_um2 + timing.get("buffers_um2", 0.0) + memory_um2
    gops = 2 * manifest["peak_macs_per_cycle"] / manifest["clock"]["period_ns"]
    return {
        "config": manifest["name"], "library": Path(liberty).name, "yosys": mapped.yosys,
        "clock_ns": manifest["clock"]["period_ns"],
        "peak_macs_per_cycle": manifest["peak_macs_per_cycle"], "modules": modules,
        "memories": memories, "logic_um2": mapped.area_um2, "engine_um2": engine_um2,
        "memory_um2": memory_um2, "area_um2": area_um2,
        "gops_per_mm2": 1e6 * gops / area_um2, "engine_gops_per_mm2": 1e6 * gops / engine_um2,
        "buffers": 0, "buffers_um2": 0.0, "path_ns": None, "start": None, "end": None,
        "through": [], **timing,
        "without": [*_left_out(mapped, memories), *reason, NEVER],
    }


def _memories(manifest, mapped, known):
    """Each SRAM module, how many macros of which kind cover it, and their area; None without."""
    shapes = {component["module"]: component["parameters"]
              for component in manifest["components"] if component["kind"] == "sram"}
    rows = []
    for name, number in mapped.black_boxes.items():
        if name in shapes:
            shape = shapes[name]
            macro, count = cover(shape, known)
            rows.append({
                "module": name, "instances": number, "words": shape["depth"],
                "width": shape["width"], "macro": macro and macro.name,
                "macros": macro and number * count,
                "area_um2": macro and number * count * macro.area_um2,
                "access_ns": macro and 1e9 * macro.access_s})
    return sorted(rows, key=lambda row: (-(row["area_um2"] or 0.0), row["module"]))


def _timing(mapped, top, verilog, liberty, memories):
    """Results of `core_timing`, and why there are none."""
    access = dict.fromkeys(mapped.black_boxes, 0.0)
    access |= {memory["module"]: 1e-9 * (memory["access_ns"] or 0.0) for memory in memories}
    try:
        library = load_library(liberty)
    except UserError as error:
        return {}, [f"the longest path ({error})"]
    return core_timing(mapped, top, verilog, library, access), []


def _modules(mapped, instances, settles_ns):
    """One row per module that has cells of its own."""
    settled = Counter()
    for path, time in settles_ns.items():
        settled[instances[path]] = max(settled[instances[path]], time)
    rows = [{"module": name, "instances": module.placed,
             "cells": module.placed * sum(module.cells.values()),
             "area_um2": module.placed * module.own_um2, "settles_ns": settled.get(name)}
            for name, module in mapped.modules.items() if module.cells]
    return sorted(rows, key=lambda row: (-row["area_um2"], row["module"]))


def _left_out(mapped, memories):
    """What has no area here."""
    if missing := [memory["module"] for memory in memories if memory["macro"] is None]:
        yield f"SRAM that no given macro stands for ({', '.join(missing)})"
    if boxes := sorted(mapped.black_boxes.keys() - {memory["module"] for memory in memories}):
        yield f"the black boxes {', '.join(boxes)}"
