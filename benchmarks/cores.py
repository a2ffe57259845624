"""Published cores for benchmarks: generated, and running workloads under a simulator."""

import json
from dataclasses import dataclass
from pathlib import Path

from compiler.chains import compile_chains
from compiler.workload import Formats, load_chains
from ergon.catalog import core_file
from ergon.run import compare, run_program, summarize
from generators.config import load_config
from generators.derive import derive
from generators.generate import generate
from hw.parameters import CoreParameters

__all__ = ["BUILD", "GeneratedCore", "generated", "parameters_of"]

BUILD = Path("build") / "benchmarks"
SEED = 1


@dataclass(frozen=True)
class GeneratedCore:
    """A core whose Verilog and manifest lie in a folder."""

    parameters: CoreParameters
    manifest_path: Path

    @property
    def manifest(self):
        return json.loads(self.manifest_path.read_text())

    def run(self, name, *, dataflow=None, **options):
        """Simulate a workload; returns the simulation's result and a dict of what it was.

        The dict is that of `ergon.run.summarize`, with ``mismatches`` and ``runs``. Options are
        those of `sim.runner.simulate`.
        """
        core = self.parameters
        formats = Formats(core.engine.inputs, core.engine.weights, core.multiplier_bits)
        chains = load_chains(name, SEED, formats)
        program = compile_chains(core, self.manifest["program"], chains, dataflow=dataflow)
        result = run_program(self.manifest_path, chains, program, **options)
        numbers = summarize(core, chains, program, result, range(len(program.segments)))
        _, numbers["mismatches"] = compare(core, chains, program, result)
        return result, numbers | {"runs": len(program.segments)}


def generated(name, folder=BUILD):
    """Generate a published core into a folder of its name in ``folder``."""
    config = load_config(core_file(name))
    return GeneratedCore(derive(config), generate(config, Path(folder) / name))


def parameters_of(name):
    """`CoreParameters` of a published core."""
    return derive(load_config(core_file(name)))
