"""One Verilog module to the cells of a standard-cell library, by Yosys."""

import gzip
import json
import re
import subprocess
import zlib
from fnmatch import fnmatchcase
from pathlib import Path

from .errors import UserError
from .fpga.tools import find_tool

__all__ = ["StandardCells", "is_special", "read_library"]

LIBERTY, ABC_SCRIPT = "library.lib", "asic.abc"
# Structural choices, area, then buffers and sizes for each net's load. ABC's SAT-based sequence,
# Yosys' default, takes minutes for one wide multiplier and gains nothing.
ABC_COMMANDS = ("strash", "dc2", "dc2", "&get -n", "&dch", "&nf", "&put", "buffer", "upsize",
                "dnsize")

# Cells that have a plain function but a special purpose (level shifters, probes, spares, delays,
# the clock tree's buffers); libraries that mark theirs with dont_use need no pattern.
SPECIAL_CELLS = ("*lpflow*", "*probe*", "*sparecell*", "*dly*", "*DLY*", "*clkbuf*", "*CLKBUF*",
                 "*clkinv*", "*CLKINV*")
_NAMED = re.compile(r'\b(cell|pin)\s*\(\s*"?([^")]+?)"?\s*\)|\bfunction\s*:\s*"\s*([01])\s*"')
_REMEDY = "name a Liberty file (.lib or .lib.gz)"


class StandardCells:
    """A library in a folder, ready to map modules to.

    Parameters
    ----------
    path: str or Path
        ``.lib`` or ``.lib.gz``.
    folder: Path
        Made if missing; each module leaves its files there.

    Raises
    ------
    UserError
        If Yosys is missing, the Liberty cannot be read, or it has no cells.
    """

    def __init__(self, path, folder):
        self._yosys = find_tool("yosys", native=False).program
        text = read_library(path)
        self._ties = _tie_cells(text)
        self._path, self._folder = path, folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LIBERTY).write_text(text)
        (folder / ABC_SCRIPT).write_text("; ".join(ABC_COMMANDS) + "\n")

    def map(self, name, verilog, keep):
        """Map one module; whatever it places must be a black box.

        Parameters
        ----------
        name, verilog: str
        keep: sequence of str
            See `generators.asic.map_to_library`.

        Returns
        -------
        dict of str to int
            Cells and black boxes, by kind.
        float
            Area of the cells, in square micrometres.
        str
            Netlist; its first line is a comment with Yosys' version.

        Raises
        ------
        UserError
            If the library has no cell for some function.
        """
        (self._folder / f"{name}.v").write_text(verilog)
        (self._folder / f"{name}.ys").write_text("\n".join(self._script(name, keep)) + "\n")
        # In its folder: yowasp's has a file system of its own but for that.
        done = subprocess.run(
            [self._yosys, "-q", "-l", f"{name}.log", f"{name}.ys"], cwd=self._folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            self._fail(self._folder / f"{name}.log")
        module = json.loads((self._folder / f"{name}.json").read_text())["modules"][f"\\{name}"]
        kinds = {kind.removeprefix("\\"): number
                 for kind, number in module["num_cells_by_type"].items()}
        if missing := sorted(kind for kind in kinds if kind.startswith("$")):
            self._incomplete(", ".join(missing))
        return kinds, module.get("area", 0.0), (self._folder / f"{name}.mapped.v").read_text()

    def _fail(self, log):
        """Raise what Yosys' log says."""
        errors = " ".join(re.findall(r"^ERROR: (.*)", log.read_text(), flags=re.MULTILINE))
        if register := re.search(r"\(type (\S+)\) cannot be legalized", errors):
            self._incomplete(register[1])
        if "liberty" in errors.lower():
            raise UserError(f"{self._path}: cannot be read by Yosys ({errors.rstrip('.')}); "
                            f"{_REMEDY}")
        if "ABC output" in errors:
            raise UserError(f"{self._path}: ABC maps no logic to it, see {log}; name a complete "
                            "standard-cell library with delay tables")
        raise RuntimeError(f"Yosys failed; see {log}")

    def _incomplete(self, function):
        raise UserError(f"{self._path}: has no cell for {function}; name a complete standard-cell "
                        "library")

    def _script(self, name, keep):
        """The lines of Yosys' script."""
        unused = " ".join(f"-dont_use {pattern}" for pattern in SPECIAL_CELLS)
        yield f"read_verilog {name}.v"
        yield f"hierarchy -check -top {name}"
        for selection in keep:
            yield f"setattr -set keep 1 {selection}"
        yield "setattr -unset init w:*"
        # Booth multipliers: 14 to 23 % less area for an 8-bit MAC than Yosys' plain ones.
        yield f"synth -top {name} -booth -run :check"
        yield f"dfflibmap {unused} -liberty {LIBERTY}"
        yield f"abc -liberty {LIBERTY} {unused} -script {ABC_SCRIPT}"
        if {"0", "1"} <= self._ties.keys():
            high, low = self._ties["1"], self._ties["0"]
            yield f"hilomap -singleton -hicell {high[0]} {high[1]} -locell {low[0]} {low[1]}"
        yield "opt_clean -purge"
        yield f"tee -q -o {name}.json stat -json -liberty {LIBERTY}"
        yield f"write_verilog -noattr -noexpr {name}.mapped.v"


def is_special(cell):
    """Whether a cell is none that logic is mapped to."""
    return any(fnmatchcase(cell, pattern) for pattern in SPECIAL_CELLS)


def read_library(path):
    """The text of a ``.lib`` or ``.lib.gz`` file; `UserError` if it is none, or has no cells."""
    try:
        data = Path(path).read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); {_REMEDY}") from None
    except (EOFError, UnicodeDecodeError, zlib.error):
        raise UserError(f"{path}: is damaged or not text; {_REMEDY}") from None
    if not re.search(r"\blibrary\s*\(", text) or not re.search(r"\bcell\s*\(", text):
        raise UserError(f"{path}: is not a library of cells; {_REMEDY}")
    return text


def _tie_cells(text):
    """(cell, pin) of the first cell that drives 0, and of the first that drives 1, by "0", "1"."""
    ties, cell, pin = {}, None, None
    for group, name, value in _NAMED.findall(text):
        if group == "cell":
            cell = name
        elif group == "pin":
            pin = name
        else:
            ties.setdefault(value, (cell, pin))
    return ties
