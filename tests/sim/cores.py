"""Generated cores for tests, one folder each, shared by all processes and runs of the tests."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from compiler.compile import compile_workload
from compiler.workload import Formats, load_workload
from generators.config import load_config
from generators.derive import derive
from generators.generate import generate
from hw.parameters import CoreParameters

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "tests"


@dataclass(frozen=True)
class GeneratedCore:
    """A published core, generated."""

    parameters: CoreParameters
    manifest_path: Path
    manifest: dict

    def compile(self, name, *, seed=0, images=None):
        """A workload for this core: the workload, its program and the host's first tensors."""
        engine = self.parameters.engine
        formats = Formats(engine.inputs, engine.weights, self.parameters.multiplier_bits)
        workload = load_workload(name, seed, formats, images)
        program = compile_workload(self.parameters, self.manifest["program"], workload)
        tensors = {f"input@{image}": np.asarray(values)
                   for image, values in enumerate(workload.inputs)}
        return workload, program, tensors


@cache
def generated(name):
    """The core of ``configs/cores/<name>.yaml``."""
    config = load_config(ROOT / "configs" / "cores" / f"{name}.yaml")
    path = generate(config, BUILD / name)
    return GeneratedCore(derive(config), path, json.loads(path.read_text()))
