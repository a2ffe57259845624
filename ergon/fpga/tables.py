"""What ``ergon fpga`` shows."""

from rich.table import Table

from energy.formatting import percent
from generators.fpga.devices import RESOURCES

__all__ = ["show_fpga", "timing_verdict"]

LEAST = 0.01  # of the design's logic: smaller modules are left out of the terminal


def show_fpga(console, data):
    """Resources by module and in total, memories in logic, the clock and its slowest path."""
    names = [name for name in RESOURCES if name in data["resources"]]
    if any(row["resources"]["LUT RAMs"] for row in data["modules"]):
        names.append("LUT RAMs")
    table = Table(title=f"{data['config']} on {data['title']}", title_justify="left", box=None)
    table.add_column("module", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    total = data["modules"][0]["resources"]
    for row in data["modules"]:
        used = row["resources"]
        if used["LUTs"] + used["FFs"] < LEAST * (total["LUTs"] + total["FFs"]) and not (
                used["DSPs"] or used["block RAMs"] or used["SPRAMs"]):
            continue
        name = row["path"].rpartition(".")[2] or "board"
        table.add_row("  " * row["level"] + name,
                      *(f"{used[column]:,}" if used[column] else "" for column in names))
    for title, text in (("the device has", lambda entry: f"{entry['has']:,}"),
                        ("used", lambda entry: percent(entry["used"] / entry["has"]))):
        table.add_row(f"[dim]{title}", *(
            f"[dim]{text(data['resources'][name])}" if name in data["resources"] else ""
            for name in names))
    console.print(table)
    for memory in data["memories_in_logic"]:
        console.print(f"[yellow]{memory['path']}[/] ({memory['bits']:,} bits) is in logic: "
                      f"{memory['LUTs']:,} LUTs, {memory['FFs']:,} flip-flops")
    if "fmax_mhz" not in data:
        return
    placed = ", ".join(f"{entry['used']:,} of {entry['has']:,} {kind}"
                       for kind, entry in data["placed"].items() if entry["has"] > 4)
    console.print(f"placed: {placed}", soft_wrap=True)
    console.print(timing_verdict(data), soft_wrap=True)
    console.print(f"{data['bitstream']} ({data['bytes']:,} bytes)", soft_wrap=True)


def timing_verdict(data):
    """The highest frequency, whether that is enough, and what the slowest path goes through."""
    verdict = "[green]met[/]" if data["meets_timing"] else "[red]not met[/]"
    stations = " > ".join(
        f"{station['module'] or 'top'} ({station['logic_ns']:.1f} + {station['routing_ns']:.1f})"
        for station in data["path"])
    return (f"Fmax {data['fmax_mhz']:.1f} MHz, clock {data['clock_mhz']:g} MHz: {verdict}; slowest "
            f"path, in ns of logic + routing: {stations}")
