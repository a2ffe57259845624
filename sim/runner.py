"""Runs a program on the generated Verilog of a core, in a simulator."""

import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generators.files import write_files

from .build import build_testbench, run_testbench
from .program_files import load_arrays, save_program
from .run_files import FST, LOG, MONITORS, PROGRAM, REQUEST, RESULTS, SAIF
from .saif import trim_saif
from .simulators import find_simulator
from .testbench import CORE

__all__ = ["RunResult", "SimulationFailed", "SimulationResult", "simulate"]


class SimulationFailed(Exception):
    """The core misbehaved: a run hung, or the bus answered with an error."""


@dataclass(frozen=True)
class RunResult:
    """One segment of a program: from one start to its end.

    Parameters
    ----------
    cycles: int
        From the start to done, as the core counts them.
    jobs: int
        The jobs that ended.
    status: dict of str to int
        Fields of STATUS afterwards.
    accesses: dict of str to (int, int)
        Reads and writes of each memory in the run; an access is one word of one SRAM.
    start_ps, end_ps: int
        The run in the time of the simulation: what an FST file is to be read for.
    activity: Path or None
        The run's SAIF file, or the FST file that all runs share.
    seconds: float
        Wall time that the simulator spent in the run.
    """

    cycles: int
    jobs: int
    status: dict
    accesses: dict
    start_ps: int
    end_ps: int
    activity: Path | None
    seconds: float


@dataclass(frozen=True)
class SimulationResult:
    """All runs of a simulation.

    Parameters
    ----------
    simulator: str
        Name and version.
    runs: tuple of RunResult
        In the order of the program's segments.
    tensors: dict of str to numpy.ndarray
        What the host holds in the end: the inputs, and what it read back.
    scope: str
        Dotted path of the core in activity files.
    build_seconds, simulation_seconds: float
        Wall times; a build that was there already takes none.
    folder: Path
        Logs, waves and activity files; gone if none was to be kept.
    monitors: Path or None
        What the monitors counted.
    """

    simulator: str
    runs: tuple[RunResult, ...]
    tensors: dict[str, np.ndarray]
    scope: str
    build_seconds: float
    simulation_seconds: float
    folder: Path
    monitors: Path | None

    @property
    def cycles(self):
        """Cycles of all runs."""
        return sum(run.cycles for run in self.runs)

    @property
    def accesses(self):
        """Reads and writes of each memory in all runs."""
        return {memory: tuple(sum(run.accesses[memory][way] for run in self.runs)
                              for way in (0, 1)) for memory in self.runs[0].accesses}

    @property
    def cycles_per_second(self):
        """Speed of the simulator while the core ran."""
        return self.cycles / sum(run.seconds for run in self.runs)


def simulate(manifest_path, program, tensors, *, simulator="verilator", activity=None,
             back_door=True, seed=0, waves=False, pauses=False, recorded=None,
             monitors=None, derived=None, folder=None):
    """Run every segment of a program on a core and return what it did.

    Parameters
    ----------
    manifest_path: str or Path
        The core's manifest; its Verilog lies beside it.
    program: compiler.program.Program
    tensors: dict of str to array
        The tensors that the host begins with, by the program's names.
    simulator: str
        ``verilator`` or ``icarus``.
    activity: str or None
        ``saif`` (Verilator) or ``fst`` (Icarus): record the core in each run, from the cycle after
        the start is accepted up to the interrupt, both edges included.
    back_door: bool
        Move memory images into and out of the arrays directly and not over the bus.
    seed: int
        Of the pauses, and of cocotb's random numbers.
    waves: bool
        Write waves of all signals, without end: slow.
    pauses: bool
        Pause the bus channels at random.
    recorded: iterable of int or None
        Segments whose activity is recorded; None for all of them.
    monitors: generators.monitors.Monitors or None
        What is counted inside the core in all runs; `energy.monitors` reads the file.
    derived: dict of str to tuple of energy.partial_products.PartialProducts, or None
        Nets to record with the core's, by path of a component; see `generators.derived_nets`.
    folder: str or Path or None
        Where the run's files go and stay. None: a new folder beside the manifest, which stays
        only with activity, waves or monitors' counts in it, or after a failure.

    Returns
    -------
    SimulationResult

    Raises
    ------
    UserError
        If the simulator is missing, too old or not able to record what is asked for, or a folder
        cannot be written to.
    SimulationFailed
        If a run hung or the bus reported an error; the sentence names the run.
    sim.build.SimulatorFailed
        If the simulator itself failed.
    """
    simulator = find_simulator(simulator)
    simulator.check_activity(activity, waves)
    manifest_path = Path(manifest_path).resolve()
    manifest = json.loads(manifest_path.read_text())
    began = time.perf_counter()
    build = build_testbench(manifest, manifest_path, simulator, activity=activity, waves=waves,
                            monitors=monitors, derived=derived)
    built = time.perf_counter()

    keep = bool(folder or activity or waves or monitors)
    folder = Path(folder or tempfile.mkdtemp(prefix="run_", dir=manifest_path.parent)).resolve()
    recorded = range(len(program.segments)) if recorded is None else recorded
    request = {"manifest": str(manifest_path), "back_door": back_door, "pauses": pauses,
               "seed": seed, "recorded": sorted(recorded) if activity else []}
    write_files(folder, {REQUEST: json.dumps(request)})
    save_program(folder / PROGRAM, program, tensors)
    (folder / RESULTS).unlink(missing_ok=True)
    run_testbench(build, "sim.bench", folder, seed=seed)

    index, final = load_arrays(folder / RESULTS)
    if index["error"]:
        raise SimulationFailed(f"{manifest['name']} in {simulator.name}, {index['error']}; "
                               f"see {folder / LOG}")
    period_ps = round(manifest["clock"]["period_ns"] * 1000)
    result = SimulationResult(
        simulator=f"{simulator.name} {simulator.version}", tensors=final,
        runs=tuple(_run_result(run, period_ps, _activity(folder, number, run, activity, request))
                   for number, run in enumerate(index["runs"])),
        scope=f"{build.top}.{CORE}", build_seconds=built - began,
        simulation_seconds=time.perf_counter() - built, folder=folder,
        monitors=folder / MONITORS if monitors else None)
    if not keep:
        shutil.rmtree(folder)
    return result


def _activity(folder, number, run, activity, request):
    """The file of a run's activity, put in order, if it was recorded."""
    if number not in request["recorded"]:
        return None
    if activity == "fst":
        return folder / FST
    trim_saif(folder / SAIF.format(run=number), run["start_ps"])
    return folder / SAIF.format(run=number)


def _run_result(run, period_ps, activity):
    return RunResult(
        cycles=run["cycles"], jobs=run["jobs"], status=run["status"],
        accesses={memory: tuple(counts) for memory, counts in run["accesses"].items()},
        start_ps=run["start_ps"], end_ps=run["start_ps"] + run["observed_cycles"] * period_ps,
        activity=activity, seconds=run["seconds"])
