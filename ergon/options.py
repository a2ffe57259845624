"""Arguments and options that commands share."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from generators.errors import UserError

__all__ = ["BUILD", "GEMM", "Cards", "ConfigArgument", "ConfigOption", "Json", "Liberty", "Macros",
           "Mapping", "Out", "Seed", "Simulator", "SimulatorOption", "Technology", "Waves",
           "Workload", "chosen"]


class Simulator(str, Enum):
    VERILATOR = "verilator"
    ICARUS = "icarus"


# Optional[...]: typer shows the argument and the option as alternatives.
ConfigArgument = Annotated[Optional[str], typer.Argument(  # noqa: UP045
    metavar="CONFIG", help="YAML file, or name of a core (see `ergon list`).")]
ConfigOption = Annotated[Optional[str], typer.Option(  # noqa: UP045
    "--config", help="The same as the argument CONFIG.")]
Workload = Annotated[str, typer.Option(
    "--workload", help="YAML file, name of a workload (NAME@4: a quarter of its size), or "
                       "gemm:MxKxN.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the build folders.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]
SimulatorOption = Annotated[Simulator, typer.Option("--simulator", help="Which simulator runs.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of random data.")]
Waves = Annotated[bool, typer.Option("--waves", help="Keep the waveforms.")]
Technology = Annotated[str, typer.Option("--technology", help="YAML file, or a name.")]
Mapping = Annotated[Optional[Path], typer.Option(  # noqa: UP045
    "--mapping", help="YAML file that sets layers' mappings on a row-stationary array.")]
Macros = Annotated[Optional[list[Path]], typer.Option(  # noqa: UP045
    "--macros", help="Liberty file of a single-port SRAM macro; repeat it for more sizes.")]
Liberty = Annotated[Optional[Path], typer.Option(  # noqa: UP045
    "--liberty", help="Cell library, .lib or .lib.gz; by default where the technology says.")]
Cards = Annotated[Optional[Path], typer.Option(  # noqa: UP045
    "--cards", help="Folder of calibration cards to use in place of the technology's own.")]

BUILD = Path("build")
GEMM = "gemm:64x64x64"


def chosen(argument, option):
    """The configuration from where it was given."""
    if bool(argument) == bool(option):
        given = "given twice" if argument else "missing"
        raise UserError(f"config: is {given}; name one YAML file or core, see `ergon list`")
    return argument or option
