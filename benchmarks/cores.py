"""Published cores for benchmarks: generated, and running workloads under a simulator."""

import json
from dataclasses import dataclass
from pathlib import Path

from compiler.compile import compile_workload
from compiler.workload import Formats, load_workload
from ergon.catalog import core_file
from ergon.run import compare, run_program, summarize
from generators.config import load_config
from generators.derive import derive
from generators.generate import generate
from hw.parameters import CoreParameters

__all__ = ["BUILD", "GeneratedCore", "generated"]

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
        workload = load_workload(name, SEED, formats)
        program = compile_workload(core, self.manifest["program"], workload, dataflow=dataflow)
        result = run_program(self.manifest_path, workload, program, **options)
        numbers = summarize(core, workload, program, result, range(len(program.segments)))
        _, numbers["mismatches"] = compare(core, workload, program, result)
        return result, numbers | {"runs": len(program.segments)}


def generated(name, folder=BUILD):
    """Generate a published core into a folder of its name in ``folder``."""
    config = load_config(core_file(name))
    return GeneratedCore(derive(config), generate(config, Path(folder) / name))
