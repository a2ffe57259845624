"""One way to see that a core is right: run workloads on it and compare all that can be compared.

Every tensor that a program reads back must equal the golden model's, every run must take exactly
the predicted cycles and accesses, and no flag may be set afterwards.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import yaml

import hw.core
from compiler.compile import compile_workload
from compiler.data_cycles import with_data
from compiler.program import Program
from compiler.workload import Formats, Workload, load_workload
from generators.config import AcceleratorConfig, accelerator_model, load_config
from generators.derive import derive
from generators.generate import generate
from generators.manifest import core_manifest
from hw.parameters import Dataflow
from sim.golden.on_core import run_on_core
from sim.runner import simulate

__all__ = ["CORES", "SYSTOLIC", "Core", "Task", "assert_right", "compiled", "expected_tensors",
           "golden", "joined", "problems", "workload"]

ROOT = Path(__file__).parents[2]
CORES = ROOT / "configs" / "cores"
BUILD = ROOT / "build" / "tests"
SYSTOLIC = (Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY, Dataflow.INPUT_STATIONARY,
            Dataflow.SWITCHABLE)
MUST_BE_CLEAR = ("bank_conflict", "engine_underrun", "start_refused", "job_refused")


@dataclass(frozen=True)
class Core:
    """A core under test; its Verilog is generated when it is first asked for.

    Parameters
    ----------
    config: AcceleratorConfig
    """

    config: AcceleratorConfig

    @classmethod
    def of(cls, config):
        """From what a YAML file would hold, without its version."""
        return cls(accelerator_model().model_validate({"version": 1, **config}))

    @classmethod
    def published(cls, name):
        return cls(load_config(CORES / f"{name}.yaml"))

    @cached_property
    def parameters(self):
        return derive(self.config)

    @cached_property
    def encoding(self):
        """The manifest's ``program`` entry, which needs no Verilog."""
        core = hw.core.Core(self.parameters)
        return core_manifest(self.config, self.parameters, core, [])["program"]

    @property
    def formats(self):
        engine = self.parameters.engine
        return Formats(engine.inputs, engine.weights, self.parameters.multiplier_bits)

    @cached_property
    def manifest_path(self):
        """Its manifest; what the same sources have made from the same configuration is kept."""
        content = self.config.model_dump_json().encode() + _sources()
        folder = BUILD / hashlib.sha256(content).hexdigest()[:16]
        path = folder / f"{self.config.name}.json"
        return path if path.exists() else generate(self.config, folder)

    @cached_property
    def manifest(self):
        return json.loads(self.manifest_path.read_text())


@dataclass(frozen=True, eq=False)
class Task:
    """A workload and its program for one core."""

    workload: Workload
    program: Program


@cache
def _sources():
    """A digest of everything that generated Verilog depends on."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("hw", "generators")
                       for path in (ROOT / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def workload(core, document, *, seed, folder):
    """A workload from the content of a workload file, which is left in ``folder``."""
    path = folder / f"{document['name']}.yaml"
    path.write_text(yaml.safe_dump({"version": 1, **document}))
    return load_workload(path, seed, core.formats)


def compiled(core, workload, *, dataflow=None, keep=True):
    """The `Task` of a workload on a core."""
    program = compile_workload(core.parameters, core.encoding, workload, dataflow=dataflow,
                               keep=keep)
    if core.parameters.engine.cycles_depend_on_data:
        inputs, _ = golden(core, Task(workload, program))
        program = with_data(program, core.parameters, core.encoding, inputs)
    return Task(workload, program)


def joined(tasks):
    """One program for all tasks, and the tensors it starts with; task n's are called ``n.<name>``.

    One simulation then runs all of them.
    """
    segments, shapes, tensors = [], {}, {}
    for number, task in enumerate(tasks):
        def named(transfers, number=number):
            return tuple(replace(transfer, tensor=f"{number}.{transfer.tensor}")
                         if transfer.tensor else transfer for transfer in transfers)

        segments += [replace(segment, loads=named(segment.loads), stores=named(segment.stores))
                     for segment in task.program.segments]
        shapes |= {f"{number}.{name}": shape for name, shape in task.program.tensors.items()}
        tensors |= {f"{number}.input@{image}": values
                    for image, values in enumerate(task.workload.inputs)}
    return Program(name="joined", segments=tuple(segments), tensors=shapes), tensors


def golden(core, task):
    """What each layer reads, and what the golden model makes of it, [images, ...] by layer."""
    return run_on_core(core.parameters.engine, task.program, task.workload.layers,
                       task.workload.inputs)


def expected_tensors(core, task):
    """What the golden model computes for each layer and image, by the program's names."""
    _, outputs = golden(core, task)
    return {f"{name}@{image}": values for name, tensors in outputs.items()
            for image, values in enumerate(tensors)}


def problems(core, tasks, result):
    """Sentences about everything in a simulation's result that is not as it must be."""
    program, _ = joined(tasks)
    if len(result.runs) != len(program.segments):
        yield f"{len(result.runs)} runs of {len(program.segments)}"
    for number, (segment, run) in enumerate(zip(program.segments, result.runs, strict=False)):
        where = f"run {number} ({segment.jobs[0].dataflow}, {segment.jobs[0].layer})"
        if run.cycles != segment.cycles:
            yield f"{where}: {run.cycles} cycles, predicted {segment.cycles}"
        if run.jobs != len(segment.jobs):
            yield f"{where}: {run.jobs} jobs of {len(segment.jobs)}"
        yield from (f"{where}: {run.accesses[memory]} accesses to {memory}, predicted {predicted}"
                    for memory, predicted in segment.accesses.items()
                    if tuple(run.accesses[memory]) != tuple(predicted))
        yield from (f"{where}: {flag} is set" for flag in MUST_BE_CLEAR if run.status[flag])
    for number, task in enumerate(tasks):
        if task.program.macs != task.workload.macs:
            yield f"task {number}: {task.program.macs} of {task.workload.macs} useful products"
        stored = {store.tensor for segment in task.program.segments for store in segment.stores}
        for name, values in expected_tensors(core, task).items():
            if name in stored:
                found = result.tensors[f"{number}.{name}"].reshape(values.shape)
                if wrong := np.count_nonzero(found != values):
                    yield f"task {number}: {wrong} of {values.size} numbers of {name} are wrong"


def assert_right(core, tasks, **options):
    """Run tasks with the options of `sim.runner.simulate` and compare everything.

    Returns
    -------
    sim.runner.SimulationResult
    """
    result = simulate(core.manifest_path, *joined(tasks), **options)
    found = list(problems(core, tasks, result))
    assert not found, "\n".join([f"{core.parameters.name} in {result.simulator}:", *found])
    return result
