"""The command ``ergon profile``, and its result as people read it."""

from typing import Annotated

import typer
from rich.table import Table

from energy.formatting import energy, number, percent
from energy.parts import kind_name

from .console import View
from .options import (
    BUILD,
    GEMM,
    Cards,
    ConfigArgument,
    ConfigOption,
    Json,
    Mapping,
    Out,
    Seed,
    Simulator,
    SimulatorOption,
    Technology,
    Workload,
    chosen,
)
from .profile import profile
from .profile_files import PROFILE, write_profile
from .tables import show_verdict

__all__ = ["profile_power", "show_profile"]


def profile_power(
        config: ConfigArgument = None, config_option: ConfigOption = None,
        workload: Workload = GEMM, technology: Technology = "osu018", cards: Cards = None,
        window: Annotated[int, typer.Option("--window", min=1, help="Cycles of a window.")] = 10,
        simulator: SimulatorOption = Simulator.VERILATOR, seed: Seed = 1, mapping: Mapping = None,
        out: Out = BUILD, as_json: Json = False):
    """Power over time of all components that have calibration cards."""
    view = View(as_json)
    found, folder = profile(
        chosen(config, config_option), workload, technology=technology, cards=cards,
        simulator=simulator.value, window_cycles=window, seed=seed, mapping=mapping, out=out,
        view=view)
    with view.step("Drawing"):
        write_profile(found, folder)
    data = found.to_dict()

    def show(console, _):
        show_profile(console, data)
        for name in PROFILE:
            console.print(str(folder / name), soft_wrap=True)

    view.result(data, show)
    if data["mismatches"] or data["cycles"] != data["predicted_cycles"]:
        raise typer.Exit(1)


def show_profile(console, data):
    """Power, energy by layer, what the figures cover and how far they may be off."""
    peak = data["peak"]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    facts.add_row("mean power", f"[bold]{_power(data['mean_mw'])}[/], of which "
                                f"{_power(data['floor_mw'])} clock and leakage")
    facts.add_row("peak", f"[bold]{_power(peak['power_mw'])}[/] for {peak['cycles']:,} cycles, in "
                          f"{peak['layer']}: run {peak['run']:,}, from cycle {peak['cycle']:,} on")
    facts.add_row("energy", f"[bold]{energy(data['energy_pj'])}[/] in {data['cycles']:,} cycles of "
                            f"{data['period_ns']:g} ns")
    without = ", ".join(f"{count:,} {kind}" for kind, count in data["without"].items())
    facts.add_row("covers", f"{data['calibrated']:,} of {data['components']:,} components; no card "
                            f"for {without}")
    if data["uncalibrated"]:
        facts.add_row("uncalibrated", "; ".join(data["uncalibrated"]))
    console.print(facts)
    console.print()
    layers = _table("layer", "cycles", "energy", "mean power", "highest window")
    for layer in data["layers"]:
        layers.add_row(layer["name"], f"{layer['cycles']:,}", energy(layer["energy_pj"]),
                       _power(layer["mean_mw"]), _power(layer["peak_mw"]))
    console.print(layers)
    console.print()
    cards = _table(f"cards of {data['technology']}", "components", "energy", "windows", "95 %",
                   "total")
    for card in data["cards"]:
        cards.add_row(card["name"], f"{card['instances']:,} x {kind_name(card['kind'])}",
                      energy(card["energy_pj"]),
                      *(f"± {percent(card[name])}"
                        for name in ("windows_mean", "windows_p95", "worst")))
    console.print(cards)
    console.print("[dim]errors against gate level, on data and arrays that were never fitted: of "
                  "windows of 10 cycles, the mean and the 95th percentile; of totals, the worst[/]",
                  soft_wrap=True)
    show_verdict(console, data)


def _table(*columns):
    table = Table(box=None)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=not index)
    return table


def _power(value_mw):
    """A power with the prefix that leaves 1 to 999 before the point."""
    for unit, scale in (("W", 1e-3), ("mW", 1), ("µW", 1e3)):
        if value_mw * scale >= 1:
            return f"{number(value_mw * scale)} {unit}"
    return f"{number(value_mw * 1e6)} nW"
