"""What a core's signals were, cycle by cycle, while it ran data sets at RTL."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from compiler.chains import compile_chains
from energy.cycle_values import read_cycles
from sim.runner import SimulationFailed

from ..run import compare, run_program

__all__ = ["Recording", "record"]


@dataclass(frozen=True)
class Recording:
    """Recorded runs, and the idle cycles between them.

    Parameters
    ----------
    waves: Path
        FST file of the core.
    top: str
    edges_ns: numpy.ndarray
        Rising clock edges; cycle n ends with edge n.
    runs: tuple of (str, int, int)
        A layer's name (a tile's, where the memories do not hold it), first cycle and end.
    """

    waves: Path
    top: str
    edges_ns: np.ndarray
    runs: tuple[tuple[str, int, int], ...]

    def values(self, signals, start=0, end=None):
        """The values of signals in cycles from ``start`` to before ``end``, see `read_cycles`."""
        return read_cycles(self.waves, self.top, signals, self.edges_ns[start:end])


def record(core, chains, folder):
    """Run chains on a core under Icarus, one after the other, and keep the waveform of all nets.

    Every result is compared with the golden model's.

    Parameters
    ----------
    core: ergon.gate_level.component.Core
    chains: sequence of Workload
        With different names; layers are renamed after them where they clash.
    folder: Path

    Returns
    -------
    Recording

    Raises
    ------
    SimulationFailed
        Where a result is wrong.
    """
    if len(chains) > 1:
        chains = [replace(chain, layers=tuple(replace(layer, name=f"{chain.name}.{layer.name}")
                                              for layer in chain.layers)) for chain in chains]
    program = compile_chains(core.parameters, core.manifest["program"], chains)
    result = run_program(core.path, chains, program, simulator="icarus", seed=0, waves=False,
                         activity="fst", recorded=list(range(len(program.segments))),
                         folder=folder)
    compared, mismatches = compare(core.parameters, chains, program, result)
    if mismatches:
        raise SimulationFailed(f"{mismatches} of {compared} results are wrong on "
                               f"{core.manifest['name']}")
    period = core.manifest["clock"]["period_ns"]
    # The recording starts with the first run, so its first whole cycle ends one period later.
    first = result.runs[0].start_ps / 1000 + period
    last = result.runs[-1].end_ps / 1000
    runs = []
    for segment, run in zip(program.segments, result.runs, strict=True):
        start = round((run.start_ps / 1000 - first) / period) + 1
        for job in segment.jobs:
            runs.append((job.layer, start, start + job.cycles))
            start += job.cycles
    return Recording(result.runs[0].activity, core.manifest["top"],
                     np.arange(first, last + period / 2, period), tuple(runs))
