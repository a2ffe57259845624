"""Cells per weight bit of digital compute-in-memory, by the style of its trees.

A weight column alone: cells, a tree for each bit of a weight, shift-accumulator. And the whole
engine around it, on an ECP5: columns side by side, word lines, row decoder, control.
"""

from dataclasses import replace

from rich.table import Table

from ergon.catalog import core_file
from ergon.console import View
from generators.config import load_config
from generators.derive import derive
from generators.generate import generate_engine
from hw.adder_tree import TreeStyle
from hw.cim.column import Column

from .adder_trees import synthesized
from .cells import instance_rows
from .cores import BUILD
from .peers import CIM_ALONE_ECP5_LUTS
from .synthesis import RECIPES, synthesize

__all__ = ["CORES", "engine_luts", "run", "table"]

CORES = ("digital_cim_64x16_int8", "digital_cim_256x64_int4")
FLOWS = ("gates", "iCE40 LUTs", "ECP5 LUTs")


def run(console):
    """Measure, print, and return one dict per core and style."""
    rows = []
    for name in CORES:
        config = load_config(core_file(name))
        engine = derive(config).engine
        for style in TreeStyle:
            with View().step(f"Synthesizing a column and the engine of {name}, {style.value}"):
                column = Column(replace(engine, tree=style))
                section = config.engine.model_copy(update={"tree": style})
                whole = config.model_copy(update={"engine": section})
                rows.append({
                    "core": name, "style": style.value,
                    "bits": engine.rows_per_macro * engine.weights.bits,
                    "macs_per_cycle": derive(config).geometry.macs_per_cycle,
                    **{flow: synthesized(column, flow) for flow in FLOWS},
                    "engine": engine_luts(whole)})
    console.print(table(rows))
    console.print("[dim]bit: of a weight, whatever the number of banks; MAC: the engine's LUTs and "
                  "carries per multiply-accumulate and cycle at full input precision; CIM-GROUP's "
                  f"digital macro, 64x64 int8: {CIM_ALONE_ECP5_LUTS}[/]")
    return rows


def engine_luts(config):
    """An ECP5's LUTs of an engine alone, two for each carry cell."""
    verilog = generate_engine(config, BUILD / "cim_cells").with_suffix(".v")
    core = replace(derive(config), name=verilog.stem)
    modules = synthesize(verilog, core, RECIPES["ecp5"], flatten=False)
    cells = instance_rows(modules, core.name, depth=0)[0]["cells"]
    return cells["LUT4"] + 2 * cells["carry"]


def table(rows):
    """What was measured, as people read it."""
    table = Table("core", "trees", "gates/bit", "flip-flops/bit", "iCE40 LUTs/bit",
                  "ECP5 LUTs/bit", "engine: ECP5 LUTs/MAC", title="Cells per weight bit",
                  title_justify="left", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows:
        counts = [row["gates"]["cells"], row["gates"]["flip_flops"],
                  *(row[flow]["cells"] for flow in FLOWS[1:])]
        table.add_row(row["core"], row["style"].replace("_", "-"),
                      *(f"{count / row['bits']:.2f}" for count in counts),
                      f"{row['engine'] / row['macs_per_cycle']:.0f}")
    return table
