"""FPGA cells of the 4x4 cores by Yosys: of whole cores, and what each module takes."""

from rich.table import Table

from ergon.console import View

from .cores import generated
from .synthesis import COLUMNS, RECIPES, synthesize

__all__ = ["CORES", "instance_rows", "run"]

CORES = ("systolic_ws_4x4_int8", "systolic_os_4x4_int8", "systolic_is_4x4_int8")
PARTS = ("dsp", "ecp5")    # recipes whose cells are also counted module by module


def run(console):
    """Measure, print, and return one dict per core and recipe."""
    measured = []
    for name in CORES:
        core = generated(name)
        rows = [_measured(core, key) for key in RECIPES]
        console.print(_whole(name, rows))
        for row in rows:
            if row["parts"]:
                console.print(_parts(name, row))
        measured += rows
    console.print("[dim]cells: of an iCE40, LUTs and the flip-flops that cannot share a cell with "
                  "the LUT that feeds them; place and route adds a few for carries. Modules are "
                  "counted without the optimizations across them that a whole core gets.[/]")
    return measured


def _measured(core, key):
    recipe, parameters = RECIPES[key], core.parameters
    verilog = core.manifest_path.with_suffix(".v")

    def count(flatten):
        what = "whole" if flatten else "by module"
        with View().step(f"Synthesizing {parameters.name} for {recipe.title}, {what}"):
            return synthesize(verilog, parameters, recipe, flatten=flatten)

    whole, _ = count(flatten=True)[parameters.name]
    return {
        "core": parameters.name, "recipe": recipe.title, "cells": whole,
        "parts": instance_rows(count(flatten=False), parameters.name) if key in PARTS else [],
    }


def instance_rows(modules, top, depth=2):
    """The tree of modules as (level, copies, module, cells of all copies), largest LUTs first.

    Parameters
    ----------
    modules: dict
        Of `synthesize`, not flattened.
    top: str
    depth: int
        Levels below the top.
    """
    def total(name):
        cells, instances = modules[name]
        cells = dict(cells)
        for child, copies in instances.items():
            for column, number in total(child).items():
                cells[column] += copies * number
        return cells

    def walk(name, level, copies):
        cells = {column: copies * number for column, number in total(name).items()}
        yield {"level": level, "copies": copies, "module": name, "cells": cells}
        if level < depth:
            below = modules[name][1].items()
            for child, number in sorted(below, key=lambda item: -item[1] * total(item[0])["LUT4"]):
                yield from walk(child, level + 1, copies * number)

    return list(walk(top, 0, 1))


def _table(title, first):
    table = Table(title=title, title_justify="left", box=None)
    table.add_column(first, no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    return table


def _numbers(cells):
    return [str(cells[column] or "") for column in COLUMNS]


def _whole(name, rows):
    table = _table(f"{name}, flattened", "synthesis")
    for row in rows:
        table.add_row(row["recipe"], *_numbers(row["cells"]))
    return table


def _parts(name, row):
    table = _table(f"{name}, {row['recipe']}, by module", "module")
    for part in row["parts"]:
        copies = f"{part['copies']}x " if part["copies"] > 1 else ""
        table.add_row("  " * part["level"] + copies + part["module"], *_numbers(part["cells"]))
    return table
