"""The way of the data, one function per arrow; each leaves its result in ``<out>/<name>/``."""

import hashlib
import json
from pathlib import Path

import generators.config
from compiler.row_stationary.by_hand import MappingFile
from compiler.workload import workload_title
from compiler.workload_file import WorkloadFile
from energy.activity import combined
from energy.annotate import annotate as price
from energy.calibrated import calibrated
from energy.netlist import register_paths
from energy.reading import read_activity
from energy.report import write_report
from energy.technology import load_technology
from generators.config import load_config
from generators.derive import derive
from generators.errors import UserError
from generators.files import write_files
from generators.generate import generate as generate_core
from generators.generate import generate_engine
from generators.manifest import models_file
from generators.summary import summary

from .catalog import core_file
from .libraries import chosen_cards
from .run import (
    RECORDED_CYCLES,
    accuracy,
    compare,
    compile_for,
    recorded_segments,
    run_program,
    sample_plan,
    summarize,
)
from .sampled import sampled

__all__ = ["annotate", "check", "energy", "generate", "schemas", "simulate"]

ACTIVITY = {"verilator": "saif", "icarus": "fst"}
RUN = "run.json"


def schemas():
    """JSON Schemas of the files that a user writes, by name."""
    return {**generators.config.schemas(), "workload": WorkloadFile.model_json_schema(),
            "mapping": MappingFile.model_json_schema()}


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
    files = [manifest.with_suffix(suffix)
             for suffix in (".v", ".vlt", ".sdc", ".h", ".core", ".json")]
    files.insert(1, manifest.with_name(models_file(manifest.stem)))
    return {"config": accelerator.name, "manifest": str(manifest),
            "files": [str(path) for path in files if path.is_file()]}


def simulate(config, workload, *, out, view, simulator, seed, waves, activity=False,
             recorded_cycles=RECORDED_CYCLES, mapping=None, cards=()):
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
    recorded_cycles: int
        A longer program's activity is sampled, see `recorded_segments`.
    mapping: str or Path or None
        A YAML file with mappings on row-stationary arrays, see `MappingFile`.
    cards: sequence of Card
        Activity shall have what they price.

    Returns
    -------
    dict
        ``config, workload, simulator, seed, runs, compared`` (numbers), ``mismatches, outputs``
        (digest of the last layer's, or of all independent layers'), ``cycles, predicted_cycles,
        macs, peak_macs_per_cycle, utilization, accesses, layers``, and ``accuracy`` where the
        workload has labels.
    """
    manifest_path, parameters, manifest = _generated(config, out, view)
    with view.step(f"Compiling {workload}"):
        chains, program = compile_for(parameters, manifest, workload, seed, mapping=mapping)
    title = workload_title(workload)
    folder = _run_folder(manifest_path, title)
    recorded = recorded_segments(program, recorded_cycles)
    with view.step(f"Running {len(program.segments)} runs, {program.cycles:,} cycles, "
                   f"under {simulator}"):
        result = run_program(
            manifest_path, chains, program, simulator=simulator, seed=seed, waves=waves,
            activity=ACTIVITY[simulator] if activity else None, recorded=recorded,
            derived=calibrated(manifest, cards).multipliers,
            folder=folder if activity or waves else None)
    with view.step("Comparing with the golden model"):
        compared, mismatches = compare(parameters, chains, program, result)
    common = {"config": manifest["name"], "workload": title, "simulator": result.simulator,
              "seed": seed, "runs": len(program.segments), "compared": compared,
              "mismatches": mismatches, "outputs": _digest(chains, result)}
    if chains[0].labels is not None:
        common["accuracy"] = accuracy(chains[0], result)
    if activity:
        priced = common | summarize(parameters, chains, program, result, recorded)
        priced |= {"priced_runs": len(recorded), "sampling": sample_plan(program, recorded),
                   "activity": [run.activity.name for run in result.runs if run.activity],
                   "windows_ns": [(run.start_ps / 1000, run.end_ps / 1000)
                                  for run in result.runs if run.activity]}
        write_files(folder, {RUN: json.dumps(priced, indent=1)})
    return common | summarize(parameters, chains, program, result, range(len(program.segments)))


def annotate(config, workload, *, out, view, technology, cards=None):
    """Price the activity that the last `energy` simulation of this config and workload has left.

    Writes ``report.json`` and ``report.html`` beside that activity. Parameters are those of
    `simulate`; ``technology`` is a file or a name, and ``cards`` a folder of calibration cards in
    place of the technology's own. The report covers the recorded runs (``priced_runs`` of
    ``runs``).

    Returns
    -------
    energy.annotate.Report
    Path
        The folder of both files.
    """
    priced_with = load_technology(technology)
    known = chosen_cards(priced_with, cards)
    accelerator = load_config(core_file(config))
    manifest_path = Path(out) / accelerator.name / f"{accelerator.name}.json"
    folder = _run_folder(manifest_path, workload_title(workload))
    if not (folder / RUN).is_file():
        raise UserError(f"{folder / RUN}: is missing; run `ergon energy {config} --workload "
                        f"{workload}` first")
    manifest = json.loads(manifest_path.read_text())
    run = json.loads((folder / RUN).read_text())
    with view.step("Reading activity"):
        files = [folder / name for name in run.pop("activity")]
        plan, windows = run.pop("sampling"), run.pop("windows_ns")
        shared = len(set(files)) < len(files)  # a waveform holds all runs
        activities = ([read_activity(files[:1], manifest["top"], windows)] if shared else
                      [read_activity([file], manifest["top"], windows) for file in files])
        registers = register_paths(manifest_path.with_suffix(".v").read_text(), manifest["top"])
    with view.step(f"Pricing with {technology}"):
        if run["priced_runs"] < run["runs"] and not shared:
            run["sampling"] = sampled(manifest, activities, run, plan, priced_with, registers,
                                      known)
        report = price(manifest, combined(activities), run, priced_with, registers, known)
        write_report(report, folder)
    return report, folder


def energy(config, workload, *, out, view, simulator, seed, technology, cards=None, mapping=None):
    """`simulate` with activity, then `annotate`."""
    simulate(config, workload, out=out, view=view, simulator=simulator, seed=seed, waves=False,
             activity=True, mapping=mapping,
             cards=chosen_cards(load_technology(technology), cards))
    return annotate(config, workload, out=out, view=view, technology=technology, cards=cards)


def _generated(config, out, view):
    """The manifest's path, the hardware parameters and the manifest of a freshly generated core."""
    path = Path(generate(config, out=out, view=view)["manifest"])
    return path, derive(load_config(core_file(config))), json.loads(path.read_text())


def _run_folder(manifest_path, workload):
    return manifest_path.parent / f"run_{workload}"


def _digest(chains, result):
    """One short text for all numbers that the chains end with."""
    digest = hashlib.sha256()
    for chain in chains:
        for image in range(chain.images):
            digest.update(result.tensors[f"{chain.layers[-1].name}@{image}"].tobytes())
    return digest.hexdigest()[:16]
