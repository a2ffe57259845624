"""Seconds and bytes of generated Verilog: cores, and engines alone of growing size.

The first conversion of a process may compile Yosys's WebAssembly; it is not counted.
"""

import os
import time
from dataclasses import replace

from rich.table import Table

from ergon.console import View
from generators.verilog import convert
from hw.adder_tree import TreeStyle
from hw.core import Core
from hw.families import family_of

from .cores import parameters_of

__all__ = ["CORES", "MACRO", "MACRO_BYTES", "SIDES", "macro_engine", "run", "table"]

CORES = ("systolic_ws_16x16_int8", "systolic_os_16x16_int8", "systolic_is_16x16_int8")
CORE_SECONDS = 5
SIDES = (8, 16, 32, 64, 128)    # of the square engines
ENGINE_SECONDS, ENGINE_BYTES = 10, 300_000
MACRO = 1024, 256               # rows and columns of the largest digital compute-in-memory macro
MACRO_SECONDS, MACRO_BYTES = 20, 1_000_000


def run(console):
    """Measure, print, and return one dict per core or engine."""
    _convert(_core(CORES[0])[0])
    rows = []
    for name in CORES:
        with View().step(f"Generating {name}, twice"):
            row = _measured(*_core(name))
        rows.append(row | {"what": "core", "rows": 16, "columns": 16,
                           "target_seconds": CORE_SECONDS})
    for name in CORES:
        for side in SIDES:
            with View().step(f"Generating {side}x{side} engine of {name}, twice"):
                row = _measured(*_engine(name, side))
            rows.append(row | {"what": "engine", "rows": side, "columns": side})
            if side == SIDES[-1]:
                rows[-1] |= {"target_seconds": ENGINE_SECONDS, "target_bytes": ENGINE_BYTES}
    for style in TreeStyle:
        with View().step(f"Generating a {MACRO[0]}x{MACRO[1]} macro, {style.value}, twice"):
            row = _measured(macro_engine(style), f"digital cim, {style.value}")
        rows.append(row | {"what": "engine", "rows": MACRO[0], "columns": MACRO[1],
                           "target_seconds": MACRO_SECONDS, "target_bytes": MACRO_BYTES})
    console.print(table(rows))
    return rows


def _core(name):
    parameters = parameters_of(name)
    return Core(parameters), parameters.engine.dataflow.value


def _engine(name, side):
    engine = replace(parameters_of(name).engine, rows=side, columns=side)
    return family_of(engine).alone(engine), engine.dataflow.value


def macro_engine(style):
    """An engine of one large macro, its trees in that style."""
    engine = parameters_of("digital_cim_64x16_int8").engine
    engine = replace(engine, rows=MACRO[0], columns=MACRO[1], tree=style)
    return family_of(engine).component(engine, 1)


def _measured(component, title):
    """The faster of two conversions, and what came out."""
    first, second = _convert(component), _convert(component)
    text, seconds, processor_seconds = min(first, second, key=lambda answer: answer[1])
    return {"engine": title, "seconds": seconds,
            "processor_seconds": processor_seconds, "bytes": len(text.encode()),
            "modules": text.count("\nendmodule"), "identical": first[0] == second[0]}


def _convert(component):
    """Verilog, and the seconds that it took: of the clock, and of all processors."""
    began, used = time.perf_counter(), os.times()[:4]
    text, _ = convert(component, name="top", header="")
    return text, time.perf_counter() - began, sum(os.times()[:4]) - sum(used)


def table(rows):
    """What was measured, as people read it."""
    table = Table("what", "size", "engine", "seconds", "target", "CPU s", "ms/side", "kB",
                  "target", "modules", "twice", title="Generation of Verilog", box=None)
    for column in table.columns[3:10]:
        column.justify = "right"
    for row in rows:
        table.add_row(
            row["what"], f"{row['rows']}x{row['columns']}", row["engine"].replace("_", " "),
            f"{row['seconds']:.2f}", _limit(row["seconds"], row.get("target_seconds"), "s"),
            f"{row['processor_seconds']:.2f}",
            f"{1000 * row['seconds'] / row['rows']:.0f}",
            f"{row['bytes'] / 1000:.0f}",
            _limit(row["bytes"] / 1000, row.get("target_bytes", 0) / 1000, "kB"),
            f"{row['modules']}", "identical" if row["identical"] else "[red]different[/]")
    return table


def _limit(value, target, unit):
    if not target:
        return ""
    return f"{'[green]<' if value < target else '[red]≥'} {target:g} {unit}[/]"
