"""What the commands of the gate level show."""

from rich.table import Table

from energy.calibration.held_out import WINDOW
from energy.formatting import number, percent

__all__ = ["show_calibration", "show_gatesim", "show_validation"]


def show_calibration(console, data):
    """A card's variants, and its errors on what was held out."""
    variants = _table(f"{data['name']}: {data['kind']} in {data['library']}", "module", "cells",
                      "area um2", "pJ/cycle", "leakage nW", "error of a cycle")
    for row in data["variants"]:
        variants.add_row(row["module"], f"{row['cells']:,}", f"{row['area_um2']:,.0f}",
                         _pj(row["pj_per_cycle"]), number(row["leakage_nw"]),
                         percent(row["left_out_rms"]))
    console.print(variants)
    console.print("[dim]pJ/cycle: mean of the data that were fitted; error of a cycle: root mean "
                  "square, data sets left out of the fit in turn[/]", soft_wrap=True)
    for design in data["held_out"]:
        console.print()
        errors = _table(f"held out: {design['design']}, {design['instances']} instances, "
                        f"{design['cycles']:,} cycles", "data", "error", "constant per cycle")
        for row in design["data_sets"]:
            errors.add_row(row["name"], _signed(row["error"]), _signed(row["constant_error"]))
        for name, key in (("mean size", "mean"), ("worst", "worst")):
            errors.add_row(name, percent(design[key]), percent(design[f"constant_{key}"]),
                           style="bold")
        console.print(errors)
        console.print(_windows(design), soft_wrap=True)
    console.print()
    console.print(data["card"], soft_wrap=True)


def show_gatesim(console, data):
    """Power, energy with its band of wires, and what takes the most."""
    _show_window(console, data, f"{data['component']} ({data['module']}) of {data['config']}")
    console.print(f"{data['cells']:,} cells, {data['area_um2']:,.0f} um2; its outputs equal the "
                  f"RTL's in every cycle")
    table = _table(None, "", "mW", "of all")
    for name in ("internal", "switching", "leakage", "total"):
        watts = data[f"{name}_w"]
        table.add_row(name, f"{1e3 * watts:.4g}", percent(watts / data["total_w"]))
    console.print(table)
    band = "; ".join(f"{_pj(wire['pj_per_cycle'])} pJ with {wire['ff']:g} fF"
                     for wire in data["wires"].values())
    console.print(f"[bold]{_pj(data['pj_per_cycle'])} pJ a cycle[/] of {data['period_ns']:g} ns",
                  soft_wrap=True)
    console.print(f"wires: {band} for each input that a net drives (loads and slews anew, the same "
                  f"simulation)", soft_wrap=True)
    console.print(_glitches(data), soft_wrap=True)
    for title, rows, label in (("instances", data["instances"], "path"),
                               ("cells", data["kinds"], "cell")):
        if len(rows) > 1:
            console.print()
            parts = _table(f"most expensive {title}", label, "cells", "pJ/cycle", "of all")
            for row in rows:
                parts.add_row(row[label] or "(itself)", f"{row['cells']:,}",
                              _pj(row["pj_per_cycle"]),
                              percent(row["pj_per_cycle"] / data["pj_per_cycle"]))
            console.print(parts)


def _glitches(data):
    if not data["glitches"]:
        return "glitches: not counted, the simulation has no delays"
    return (f"glitches: {percent(data['glitch_share'])} of internal and switching energy, by "
            f"comparison with a simulation without delays")


def show_validation(console, data):
    """Predicted and gate-level energy of each kind of component, and of its instances."""
    _show_window(console, data, f"{data['config']} in {data['library']}")
    table = _table("pJ/cycle of what was simulated", "component", "instances", "predicted",
                   "gate level", "error", "constant")
    for row in data["components"]:
        verdict = "red" if abs(row["error"]) > row["allowed"] else "green"
        table.add_row(row["kind"], f"{len(row['instances'])} of {row['count']:,}",
                      _pj(row["predicted_pj"]), _pj(row["gate_pj"]),
                      f"[{verdict}]{_signed(row['error'])}[/]", _signed(row["constant_error"]))
    console.print(table)
    for row in data["components"]:
        instances = _table(f"{row['kind']} by the card {row['card']}", "instance", "predicted",
                           "gate level", "error")
        for one in row["instances"]:
            instances.add_row(one["path"], _pj(one["predicted_pj"]), _pj(one["gate_pj"]),
                              _signed(one["error"]))
        console.print()
        console.print(instances)
        if row["windows_mean"] is not None:
            console.print(_windows(row), soft_wrap=True)
        console.print(f"the card states {percent(row['stated'])} at worst on unseen data; twice "
                      f"that is allowed here", soft_wrap=True)
    console.print()
    console.print("[dim]error: of the window's energy; constant: if every cycle cost the mean of "
                  "what was fitted. Columns of an array are simulated apart: their outputs have "
                  "the load of their own inputs of the same name (moving_o: moving_i).[/]",
                  soft_wrap=True)
    for refused in data["uncalibrated"]:
        console.print(f"[yellow]uncalibrated: {refused}[/]", soft_wrap=True)


def _show_window(console, data, what):
    window = data["window"]
    last = window["start"] + window["cycles"] - 1
    console.print(f"{what}: cycles {window['start']:,} to {last:,} of {window['layer_cycles']:,} "
                  f"in layer {window['layer']} of {data['workload']}", soft_wrap=True)


def _windows(row):
    return (f"windows of {WINDOW} cycles: off by {percent(row['windows_mean'])} in the mean, 95 % "
            f"of them within {percent(row['windows_p95'])}")


def _pj(value):
    return f"{value:,.2f}"


def _signed(fraction):
    return f"{100 * fraction:+.1f} %"


def _table(title, first, *columns):
    table = Table(title=title, title_justify="left", box=None)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table
