"""The way of the data, one function per arrow; each leaves its result in ``<out>/<name>/``."""

from pathlib import Path

import generators.config
from compiler.workload_file import WorkloadFile
from generators.config import load_config
from generators.derive import derive
from generators.generate import generate as generate_core
from generators.generate import generate_engine
from generators.summary import summary

from .catalog import core_file

__all__ = ["annotate", "check", "energy", "generate", "schemas", "simulate"]


def schemas():
    """JSON Schemas of the files that a user writes, by name."""
    return {**generators.config.schemas(), "workload": WorkloadFile.model_json_schema()}


def check(config):
    """Derived figures of a configuration, see `generators.summary`.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    """
    return summary(derive(load_config(core_file(config))))


def generate(config, *, out, view, engine_only=False):
    """Configuration to Verilog and manifest.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View
        Shows the step.
    engine_only: bool
        Generate the engine alone instead of the core.

    Returns
    -------
    dict
        ``config``, ``manifest`` and ``files``.
    """
    accelerator = load_config(core_file(config))
    write = generate_engine if engine_only else generate_core
    with view.step(f"Generating {accelerator.name}"):
        manifest = write(accelerator, Path(out) / accelerator.name)
    files = [manifest.with_suffix(suffix) for suffix in (".v", ".vlt", ".h", ".core", ".json")]
    return {"config": accelerator.name, "manifest": str(manifest),
            "files": [str(path) for path in files if path.is_file()]}


def simulate(config, workload, *, out, view, simulator, seed, waves, activity=False):
    """Run a workload on the generated core and compare it with the golden model.

    Generates the Verilog, compiles the workload, runs it, and compares every result tensor, the
    cycles and the accesses.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    workload: str
        A YAML file, the name of a workload that comes with the project, or ``gemm:MxKxN``.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View
        Shows the steps.
    simulator: str
        ``verilator`` or ``icarus``.
    seed: int
        Of random data.
    waves: bool
        Keep the waveforms.
    activity: bool
        Keep toggles and accesses for `annotate`.

    Returns
    -------
    dict
        ``config, workload, simulator, seed, cycles, predicted_cycles, macs, peak_macs_per_cycle,
        utilization, mismatches, accesses``.
    """
    raise NotImplementedError


def annotate(config, workload, *, out, view, technology):
    """Price the activity that the last `simulate` of this config and workload has left.

    Writes ``report.json`` and ``report.html`` beside that activity. Parameters are those of
    `simulate`; ``technology`` is a file or a name.

    Returns
    -------
    energy.annotate.Report
    """
    raise NotImplementedError


def energy(config, workload, *, out, view, simulator, seed, technology):
    """`simulate` with activity, then `annotate`."""
    simulate(config, workload, out=out, view=view, simulator=simulator, seed=seed, waves=False,
             activity=True)
    return annotate(config, workload, out=out, view=view, technology=technology)
