"""Shows a report: JSON and HTML files, a table on the terminal."""

import json
from pathlib import Path

from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.table import Table

from generators.files import write_files

from .efficiency import conditions
from .formatting import energy, number, percent, quantity
from .page import render_html

__all__ = ["REPORTS", "terminal_report", "write_report"]

REPORTS = ("report.json", "report.html")


def write_report(report, folder):
    """Write ``report.json`` and ``report.html`` into ``folder``, whole or not at all.

    Returns
    -------
    tuple of Path
        The two files.
    """
    texts = (json.dumps(report.to_dict(), indent=2) + "\n", render_html(report))
    write_files(folder, dict(zip(REPORTS, texts, strict=True)))
    return tuple(Path(folder) / name for name in REPORTS)


def terminal_report(report):
    """The report as a rich renderable: totals, components, layers, and what the figures are."""
    return Group(_totals(report), _components(report), _layers(report), _figure(report),
                 _caveats(report))


def _totals(report):
    run, error = report.run, report.error
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    grid.add_row("core, workload", f"[bold]{run['config']}[/], {run['workload']}")
    grid.add_row("energy", f"[bold]{energy(report.total_pj)}[/] activity-scaled "
                           f"({energy(error['low_pj'])} to {energy(error['high_pj'])})")
    grid.add_row("", f"{energy(report.baseline_total_pj)} at fixed energy per action")
    grid.add_row("per MAC", f"[bold]{number(report.per_mac(report.total_pj))} pJ[/], fixed "
                            f"{number(report.per_mac(report.baseline_total_pj))} pJ")
    peak = run["peak_macs_per_cycle"] * run["cycles"]
    if found := report.efficiency:
        core, macros = found["core"], found["macros"]
        grid.add_row("efficiency", f"[bold]{number(core['tops_per_watt'])} TOPS/W[/], macros alone "
                                   f"{number(macros['tops_per_watt'])} TOPS/W (a MAC is 2)")
        grid.add_row("", f"{number(core['fj_per_1b_operation'])} fJ per operation on 1 x 1 bit, "
                         f"macros alone {number(macros['fj_per_1b_operation'])} fJ")
        grid.add_row("", f"at {conditions(found)}")
    grid.add_row("work", f"{quantity(run['macs'])} MACs in {run['cycles']:,} cycles, "
                         f"{percent(run['macs'] / peak)} of peak")
    return Panel(grid, title="Energy", title_align="left", box=box.ROUNDED, border_style="cyan")


def _table(title, columns):
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=index > 0)
    return table


def _components(report):
    table = _table("By component", ("part", "actions", "fixed", "activity", "share", "error"))
    for part in report.parts:
        table.add_row(part.label, f"{quantity(part.actions)} {part.unit}",
                      energy(part.fixed_pj), energy(part.activity_pj),
                      percent(part.activity_pj / (report.total_pj or 1)), part.error_text)
    return table


def _layers(report):
    table = _table("By layer", ("layer", "MACs", "cycles", "of peak", "accesses", "fixed",
                                "activity", "pJ/MAC"))
    for layer in report.layers:
        accesses = sum(access["reads"] + access["writes"] for access in layer["accesses"].values())
        table.add_row(layer["name"], quantity(layer["macs"]), f"{layer['cycles']:,}",
                      percent(layer["utilization"]), quantity(accesses),
                      energy(layer["fixed_pj"]), energy(layer["activity_pj"]),
                      number(layer["pj_per_mac"]))
    table.add_row("outside layers", "", "", "", "", energy(report.outside["fixed_pj"]),
                  energy(report.outside["activity_pj"]), "", style="dim")
    return table


def _figure(report):
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, fact in report.figure.items():
        grid.add_row(name, fact["text"])
    return Panel(grid, title="What this figure is", title_align="left", box=box.ROUNDED,
                 border_style="cyan")


def _caveats(report):
    lines = [f"Technology {report.technology.name}: {report.error['text']}.",
             "Not priced: " + "; ".join(report.not_priced) + ".", *report.notes]
    return Panel("\n".join(lines), title="What these figures are not", title_align="left",
                 box=box.ROUNDED, border_style="yellow")
