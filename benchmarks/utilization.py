"""Cycles of the RTL next to the prediction and to peers, and utilization.

Utilization is useful MACs / (peak MACs per cycle x cycles). Cycles run from the start command to
the last result written, descriptor fetch included; operands are already in the core's memories.
A workload that the memories do not hold takes several runs, and their cycles are added up.
"""

from itertools import product

from rich.table import Table

from compiler.workload import Formats, load_workload
from ergon.console import View
from hw.cim.parameters import DigitalCimParameters
from hw.formats import NumberFormat
from hw.parameters import Dataflow
from hw.systolic.parameters import SystolicParameters

from .cores import SEED, generated
from .networks import gemm_form
from .peers import ARRAY_ALONE, CIM_ALONE, CIM_ALONE_PEAK, scale_sim

__all__ = ["CORES", "TARGETS", "WORKLOADS", "array_alone", "run", "scale_sim_workload", "verdict"]

CORES = ("systolic_ws_16x16_int8", "systolic_os_16x16_int8", "systolic_is_16x16_int8",
         "systolic_switch_8x8_int8", "digital_cim_64x16_int8")
WORKLOADS = ("gemm:7x13x5", "gemm:64x64x64", "gemm:256x256x256", "digits")

# Of the 16x16 cores, weight- and output-stationary, and of the compute-in-memory one.
TARGETS = {
    (CORES[0], "gemm:64x64x64"): 0.94, (CORES[0], "gemm:256x256x256"): 0.99,
    (CORES[1], "gemm:64x64x64"): 0.93, (CORES[1], "gemm:256x256x256"): 0.99,
    (CORES[4], "gemm:64x64x64"): 0.94, (CORES[4], "gemm:256x256x256"): 0.995,
}


def run(console):
    """Measure, print, and return one dict per row."""
    rows, view = [], View()
    for name in CORES:
        core = generated(name)
        for flow, workload in product(core.parameters.dataflows, WORKLOADS):
            with view.step(f"{workload}, {flow.value.replace('_', ' ')}, on {name}"):
                _, numbers = core.run(workload, dataflow=flow)
            rows.append(_row(core.parameters, workload, flow, numbers))
    console.print(_table(rows))
    console.print("[dim]array alone: Gemmini's mesh (weight-stationary), axis-systolic-array "
                  "(output-stationary), CIM-GROUP's digital macro, without a core around them; "
                  "SCALE-Sim: its equations[/]")
    return rows


def _row(core, workload, flow, numbers):
    engine = core.engine
    systolic = isinstance(engine, SystolicParameters)
    return {
        "core": core.name, "dataflow": flow.value, "workload": workload,
        "runs": numbers["runs"], "macs": numbers["macs"], "cycles": numbers["cycles"],
        "predicted_cycles": numbers["predicted_cycles"], "mismatches": numbers["mismatches"],
        "utilization": numbers["utilization"],
        "target": TARGETS.get((core.name, workload)),
        "array_alone": array_alone(engine, flow, workload, numbers["macs"]),
        "scale_sim_cycles": scale_sim_workload(flow.value, workload, engine.rows, engine.columns)
        if systolic else None,
    }


def array_alone(engine, flow, workload, macs):
    """Cycles and utilization of a peer's array of the same kind, or None."""
    if isinstance(engine, DigitalCimParameters):
        cycles, peak = CIM_ALONE.get(workload), CIM_ALONE_PEAK
    else:
        cycles, peak = ARRAY_ALONE.get((engine.rows, workload)), engine.rows * engine.columns
    if cycles is None or flow is Dataflow.INPUT_STATIONARY:
        return None
    return {"cycles": cycles, "utilization": macs / (peak * cycles)}


def scale_sim_workload(dataflow, workload, rows, columns):
    """SCALE-Sim's cycles for all layers and images of a workload."""
    int8 = NumberFormat.parse("int8")
    loaded = load_workload(workload, SEED, Formats(int8, int8, 32))
    forms = [gemm_form(layer) for layer in loaded.layers]
    return loaded.images * sum(count * scale_sim(dataflow, m, k, n, rows, columns)
                               for m, k, n, count in forms)


def verdict(row):
    """What is wrong with a row, or how it compares with its target."""
    if row["mismatches"]:
        return f"[red]{row['mismatches']} wrong results[/]"
    if row["cycles"] != row["predicted_cycles"]:
        return "[red]not as predicted[/]"
    if row["target"] is None:
        return ""
    reached = row["utilization"] >= row["target"]
    return f"{'[green]≥' if reached else '[red]<'} {100 * row['target']:g}%[/]"


def _table(rows):
    table = Table("core", "workload", "runs", "cycles", "predicted", "utilization", "target",
                  "array alone", "SCALE-Sim", title="Utilization", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows:
        alone, scale_sim_cycles = row["array_alone"], row["scale_sim_cycles"]
        table.add_row(
            _core_title(row), row["workload"], f"{row['runs']}", f"{row['cycles']:,}",
            f"{row['predicted_cycles']:,}", f"{row['utilization']:.2%}", verdict(row),
            f"{alone['cycles']:,} ({alone['utilization']:.1%})" if alone else "",
            f"{scale_sim_cycles:,}" if scale_sim_cycles else "")
    return table


def _core_title(row):
    initials = "".join(word[0] for word in row["dataflow"].split("_"))
    return f"{row['core']}, {initials}" if "switch" in row["core"] else row["core"]
