"""Speed of simulation: clock cycles per second while the core runs alone, and seconds of builds.

The clock is cocotb's; Python sleeps from the start to the interrupt. Loading, checking and the
simulator's start are in the seconds of the whole simulation. Builds start from nothing, also in
the compiler cache.
"""

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass

from rich.table import Table

from ergon.console import View

from .cores import BUILD, generated

__all__ = ["CASES", "Case", "run", "table"]

CORE = "systolic_ws_16x16_int8"


@dataclass(frozen=True)
class Case:
    """One measurement; ``target`` is cycles per second, None where none was set."""

    simulator: str
    activity: str | None
    workload: str
    target: int | None


CASES = (Case("verilator", None, "gemm:256x256x256", 20_000),
         Case("verilator", "saif", "gemm:256x256x256", 2_500),
         Case("icarus", None, "gemm:64x64x64", None),
         Case("icarus", "fst", "gemm:64x64x64", None))


def run(console):
    """Measure, print, and return one dict per case."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="simulation_", dir=BUILD) as folder:
        core = generated(CORE, folder)
        with _refilled_compiler_cache():
            rows = [_measured(core, case) for case in CASES]
    console.print(table(rows))
    return rows


def _measured(core, case):
    with View().step(f"{case.workload} under {case.simulator}, activity {case.activity or 'off'}"):
        result, numbers = core.run(case.workload, simulator=case.simulator, activity=case.activity)
    return {"core": CORE, "simulator": result.simulator, "activity": case.activity,
            "workload": case.workload, "cycles": numbers["cycles"],
            "mismatches": numbers["mismatches"], "cycles_per_second": result.cycles_per_second,
            "target": case.target, "build_seconds": result.build_seconds,
            "simulation_seconds": result.simulation_seconds}


@contextmanager
def _refilled_compiler_cache():
    """Let ccache, where it is used, compile everything again."""
    before = os.environ.get("CCACHE_RECACHE")
    os.environ["CCACHE_RECACHE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["CCACHE_RECACHE"]
        else:
            os.environ["CCACHE_RECACHE"] = before


def table(rows):
    """What was measured, as people read it."""
    table = Table("simulator", "activity", "workload", "cycles", "cycles/s", "target", "build s",
                  "simulation s", title=f"Simulation of {CORE}", box=None)
    for column in table.columns[3:]:
        column.justify = "right"
    for row in rows:
        target = ""
        if row["target"]:
            reached = row["cycles_per_second"] >= row["target"]
            target = f"{'[green]≥' if reached else '[red]<'} {row['target']:,}[/]"
        table.add_row(row["simulator"], row["activity"] or "none", row["workload"],
                      f"{row['cycles']:,}", f"{row['cycles_per_second']:,.0f}", target,
                      f"{row['build_seconds']:.1f}", f"{row['simulation_seconds']:.1f}")
    return table
