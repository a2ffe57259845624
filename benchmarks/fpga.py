"""FPGA: arrays alone next to peers' on an ECP5-85F, and whole cores on their boards."""

from dataclasses import replace

from rich.table import Table

from ergon.console import View
from ergon.fpga.figures import fpga
from hw.families import family_of

from .cores import BUILD, parameters_of
from .fpga_harness import measure
from .peers import ARRAYS_ON_ECP5

__all__ = ["ARRAYS", "CORES", "run"]

# Array: published core, what of its engine is changed, most COMB per MAC and least MHz to reach.
ARRAYS = {
    "weight-stationary 8x8, DSP": ("systolic_ws_8x8_int8_dsp", {}, 40, 120),
    "output-stationary 8x8, DSP": ("systolic_os_8x8_int8_dsp", {}, 98, 110),
    "weight-stationary 8x8, logic": ("systolic_ws_8x8_int8_dsp", {"dsp_rows": 0}, 220, 110),
    "output-stationary 8x8, logic": ("systolic_os_8x8_int8_dsp", {"dsp_rows": 0}, 220, 110),
    "weight-stationary 8x8, plain products": (
        "systolic_ws_8x8_int8_dsp", {"multiplier_latency": None, "edge_stages": 0}, None, None),
    "weight-stationary 12x12, DSP": ("systolic_ws_12x12_int8_dsp", {}, None, None),
    "weight-stationary 16x16, logic": ("systolic_ws_16x16_int8_logic", {}, None, None),
    "weight-stationary 16x16 int4, DSP": ("systolic_ws_16x16_int4_dsp", {}, None, None),
}
# Whole cores: routed on their boards, or only synthesized, which takes a minute and not an hour.
CORES = {
    "systolic_ws_4x4_int8_up5k": ("icebreaker", True),
    "systolic_ws_8x8_int8_dsp": ("ulx3s_85f", True),
    "systolic_os_8x8_int8_dsp": ("ulx3s_85f", False),
    "systolic_ws_12x12_int8_dsp": ("ulx3s_85f", False),
    "systolic_ws_16x16_int8_logic": ("ulx3s_85f", False),
    "systolic_ws_16x16_int4_dsp": ("ulx3s_85f", False),
    "digital_cim_32x8_int8": ("ulx3s_85f", False),
}


def run(console):
    """Measure, print, and return one dict per array and per core."""
    arrays = [_array(title) for title in ARRAYS]
    console.print(_arrays(arrays))
    console.print("[dim]COMB: LUT4 + 2 CCU2C + 6 DPR16X4 of the array with its edges and control; "
                  "MHz from register to register between shift registers, nextpnr with router1 and "
                  "seed 1, speed grade 6. Peers: published, measured in the same way.[/]")
    cores = [_core(name) for name in CORES]
    console.print(_cores(cores))
    return {"arrays": arrays, "cores": cores}


def _array(title):
    name, changes, most_comb, least_mhz = ARRAYS[title]
    parameters = parameters_of(name)
    engine = replace(parameters.engine, **changes)
    component = family_of(engine).component(engine, parameters.post_cycles)
    folder = BUILD / "fpga" / title.replace(",", "").replace(" ", "_")
    with View().step(f"Routing {title}") as detail:
        found = measure(component, folder, view=detail)
    macs = engine.rows * engine.columns
    return {"array": title, "macs": macs, "accumulator": str(engine.partial_sum),
            "comb_per_mac": found.resources["LUTs"] / macs,
            "ffs_per_mac": found.resources["FFs"] / macs, "dsps": found.resources["DSPs"],
            "fmax_mhz": found.fmax_mhz, "most_comb_per_mac": most_comb, "least_mhz": least_mhz}


def _core(name):
    board, routed = CORES[name]
    figures = fpga(name, board, out=BUILD / "fpga", view=View(), synthesis_only=not routed)
    return {key: figures.get(key) for key in ("config", "board", "resources", "clock_mhz",
                                              "fmax_mhz", "meets_timing")}


def _arrays(rows):
    table = Table(title="Arrays on an ECP5-85F, int8", title_justify="left", box=None)
    for column in ("array", "sums", "MACs", "DSPs", "COMB per MAC", "FF per MAC", "MHz", "target"):
        table.add_column(column, justify="left" if column == "array" else "right")
    for row in rows:
        most, least = row["most_comb_per_mac"], row["least_mhz"]
        target = f"{most}, {least} MHz" if most else ""
        missed = most and (row["comb_per_mac"] > most or row["fmax_mhz"] < least)
        table.add_row(row["array"], row["accumulator"], str(row["macs"]), str(row["dsps"] or ""),
                      f"{row['comb_per_mac']:.1f}", f"{row['ffs_per_mac']:.1f}",
                      f"{row['fmax_mhz']:.1f}", f"[red]{target}[/]" if missed else target)
    for peer in ARRAYS_ON_ECP5:
        table.add_row(f"[dim]{peer['array']}", "", f"[dim]{peer['macs']}", "",
                      f"[dim]{peer['comb_per_mac']}", "",
                      f"[dim]{peer['fmax_mhz']}" if peer["fmax_mhz"] else "")
    return table


def _cores(rows):
    table = Table(title="Whole cores with host bridge, on their boards", title_justify="left",
                  box=None)
    for column in ("core", "board", "LUTs", "FFs", "DSPs", "block RAMs", "SPRAMs", "clock MHz",
                   "Fmax MHz"):
        table.add_column(column, justify="left" if column in ("core", "board") else "right")
    for row in rows:
        used = {name: entry["used"] for name, entry in row["resources"].items()}
        fmax = "" if row["fmax_mhz"] is None else f"{row['fmax_mhz']:.1f}"
        table.add_row(row["config"], row["board"],
                      f"{used.get('logic cells', used['LUTs']):,}", f"{used['FFs']:,}",
                      str(used["DSPs"] or ""), str(used["block RAMs"] or ""),
                      str(used.get("SPRAMs") or ""), f"{row['clock_mhz']:g}",
                      f"[red]{fmax}[/]" if row["meets_timing"] is False else fmax)
    return table
