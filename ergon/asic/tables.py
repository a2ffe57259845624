"""What ``ergon asic`` shows."""

from rich.table import Table

from energy.formatting import number, percent

__all__ = ["show_asic"]

SHOWN = 20  # modules in the table; the JSON has all


def show_asic(console, data):
    """Area by module, memories, the longest path and density."""
    area = data["area_um2"]
    table = _table(f"{data['config']} in {data['library']}", "module", "placed", "cells",
                   "area um2", "of all", "settles ns")
    for row in data["modules"][:SHOWN]:
        settles = row["settles_ns"]
        table.add_row(row["module"], f"{row['instances']:,}", f"{row['cells']:,}",
                      f"{row['area_um2']:,.0f}", percent(row["area_um2"] / area),
                      "-" if settles is None else f"{settles:.2f}")
    rest = data["modules"][SHOWN:]
    if rest:
        below = sum(row["area_um2"] for row in rest)
        table.add_row(f"{len(rest)} others", "", f"{sum(row['cells'] for row in rest):,}",
                      f"{below:,.0f}", percent(below / area), "")
    table.add_row("buffers of nets with many inputs", "", f"{data['buffers']:,}",
                  f"{data['buffers_um2']:,.0f}", percent(data["buffers_um2"] / area), "")
    console.print(table)
    memories = _table(None, "memory", "placed", "words", "bits", "macro", "macros", "area um2",
                      "of all")
    for row in data["memories"]:
        memories.add_row(
            row["module"], f"{row['instances']:,}", f"{row['words']:,}", f"{row['width']:,}",
            *((row["macro"], f"{row['macros']:,}", f"{row['area_um2']:,.0f}",
               percent(row["area_um2"] / area)) if row["macro"] else ("none", "", "", "")))
    console.print()
    console.print(memories)
    console.print()
    for line in _figures(data):
        console.print(line, soft_wrap=True)


def _figures(data):
    yield (f"{1e-6 * data['area_um2']:.4g} mm2, of it the engine's logic "
           f"{1e-6 * data['engine_um2']:.4g} (cell areas by Yosys {data['yosys']})")
    yield (f"{number(data['gops_per_mm2'])} GOPS/mm2, of the engine's logic "
           f"{number(data['engine_gops_per_mm2'])}: 2 x {data['peak_macs_per_cycle']} operations "
           f"a cycle of {data['clock_ns']:g} ns")
    if data["path_ns"] is not None:
        verdict = "fits" if data["path_ns"] <= data["clock_ns"] else "does not fit"
        stations = " > ".join(f"{path or 'top'} ({time:.2f})" for path, time in data["through"])
        yield (f"longest path {data['path_ns']:.2f} ns, {number(1e3 / data['path_ns'])} MHz, by "
               f"the library's NLDM tables; {verdict} the clock of {data['clock_ns']:g} ns: from "
               f"{data['start']} over {stations} to {data['end']}")
    for phrase in data["without"]:
        yield f"[dim]without {phrase}[/]"


def _table(title, first, *columns):
    table = Table(title=title, title_justify="left", box=None)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table
