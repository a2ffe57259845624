"""Builds and runs the testbench of a core; a build is shared by all who need the same one."""

import fcntl
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

from generators.derived_nets import derived_name, derived_text
from generators.files import write_files
from generators.monitor_verilog import monitor_text, monitors_name

from .run_files import LOG, MONITORS
from .simulators import Simulator
from .testbench import testbench_name, testbench_text

__all__ = ["BuiltTestbench", "SimulatorFailed", "build_testbench", "compile_design",
           "run_testbench"]

TIMESCALE = ("1ps", "1ps")


class SimulatorFailed(Exception):
    """A simulator's build or run ended badly; the message says where its log is."""


@dataclass(frozen=True)
class BuiltTestbench:
    """A testbench that is ready to run.

    Parameters
    ----------
    simulator: Simulator
    top: str
        Verilog module of the wrapper.
    folder: Path
        What the simulator made of it.
    traced: bool
        Whether runs write activity or waves.
    """

    simulator: Simulator
    top: str
    folder: Path
    traced: bool


def build_testbench(manifest, manifest_path, simulator, *, activity=None, waves=False,
                    monitors=None, derived=None):
    """Build the testbench of a core, unless one of the same content is there already.

    The folder is named after a hash of all that goes in, and locked meanwhile, so that processes
    that want the same build share it.

    Parameters
    ----------
    manifest: dict
    manifest_path: Path
        The Verilog lies beside the manifest; the wrapper and the builds go there.
    simulator: Simulator
    activity: str or None
    waves: bool
    monitors: generators.monitors.Monitors or None
        What is counted inside the core.
    derived: dict of str to tuple of energy.partial_products.PartialProducts, or None
        Nets to record with the core, see `generators.derived_nets`.

    Returns
    -------
    BuiltTestbench
    """
    top = testbench_name(manifest)
    text = testbench_text(manifest)
    sources = [manifest_path.with_suffix(".v")]
    if manifest["models"]:
        sources.append(manifest_path.with_name(manifest["models"]))
    wrapper = write_files(manifest_path.parent, {f"{top}.v": text})
    arguments = simulator.build_args(activity=activity, waves=waves)
    beside = {}
    if monitors:
        beside[monitors_name(manifest)] = monitor_text(manifest, sources[0].read_text(), monitors,
                                                       file=MONITORS)
        arguments = [*arguments, "-DERGON_MONITORS"]
    if derived:
        beside[derived_name(manifest)] = derived_text(manifest, derived)
        arguments = [*arguments, "-DERGON_DERIVED"]
    key = _digest(*(source.read_text() for source in sources), text, *beside.values(), *arguments,
                  simulator.version, version("cocotb"))
    build = BuiltTestbench(simulator, top, manifest_path.parent / f"{simulator.name}_{key}",
                           traced=bool(activity or waves))
    build.folder.mkdir(parents=True, exist_ok=True)
    with _locked(build.folder / "lock"):
        if not (build.folder / "built").exists():
            for module, verilog in beside.items():  # one core may have several of a name
                write_files(build.folder, {f"{module}.v": verilog})
            sources += [wrapper, *(build.folder / f"{module}.v" for module in beside)]
            compile_design(build, sources, arguments)
            (build.folder / "built").touch()
    return build


def run_testbench(build, test_module, folder, *, seed):
    """Run the cocotb tests of a module in a simulator; `SimulatorFailed` unless all pass.

    Parameters
    ----------
    build: BuiltTestbench
    test_module: str
        Importable name.
    folder: Path
        Where the simulator runs and leaves its log.
    seed: int
    """
    log, results = folder / LOG, folder / "results.xml"
    try:
        with _environment(build.simulator):
            get_runner(build.simulator.name).test(
                test_module=test_module, hdl_toplevel=build.top, hdl_toplevel_lang="verilog",
                build_dir=build.folder, test_dir=folder, seed=seed, log_file=log,
                extra_env={"COCOTB_LOG_LEVEL": "WARNING"}, results_xml=str(results),
                # For Icarus this chooses the file format; Verilator would trace from time zero.
                waves=build.traced and build.simulator.name == "icarus")
        _tests, failed = get_results(results)
    except (Exception, SystemExit) as error:
        raise SimulatorFailed(f"{build.simulator.name} failed; see {log}") from error
    if failed:
        raise SimulatorFailed(f"{test_module} failed in {build.simulator.name}; see {log}")


def compile_design(build, sources, arguments):
    """Let the simulator make ``build`` of Verilog files; `SimulatorFailed` if it cannot."""
    log = build.folder / "build.log"
    try:
        with _environment(build.simulator):
            get_runner(build.simulator.name).build(
                sources=sources, hdl_toplevel=build.top, build_dir=build.folder,
                build_args=arguments, timescale=TIMESCALE, log_file=log, always=True,
                waves=build.traced and build.simulator.name == "verilator")
    except (Exception, SystemExit) as error:
        raise SimulatorFailed(f"{build.simulator.name} could not build {sources[0].name}; "
                              f"see {log}") from error


@contextmanager
def _environment(simulator):
    """The environment for cocotb's runner, which reads that of this process.

    It would take WAVES and GUI from there over its arguments, and behave differently under pytest.
    """
    before = dict(os.environ)
    for name in ("WAVES", "GUI", "PYTEST_CURRENT_TEST", "COCOTB_TEST_FILTER"):
        os.environ.pop(name, None)
    os.environ.update(simulator.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _digest(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path):
    """Hold a lock that ends with the process, however that ends."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
