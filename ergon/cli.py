"""The ``ergon`` command.

Exit codes: 0 fine; 1 a simulation or a check has failed; 2 the user can put it right.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from energy.report import REPORTS, terminal_report
from generators.errors import UserError
from generators.fpga.tools import FlowFailed
from sim.build import SimulatorFailed
from sim.runner import SimulationFailed

from . import __version__, flow
from .asic.figures import asic
from .asic.tables import show_asic
from .board_run import run_workload
from .catalog import FOLDERS, descriptions
from .compare import compare, problems
from .compare_page import COMPARISON, write_comparison
from .console import View
from .fpga.command import make_bitstream
from .gate_level.commands import gate_commands
from .options import (
    BUILD,
    GEMM,
    Cards,
    ConfigArgument,
    ConfigOption,
    Json,
    Macros,
    Mapping,
    Out,
    Seed,
    Simulator,
    SimulatorOption,
    Technology,
    Waves,
    Workload,
    chosen,
)
from .predict import predict
from .profile_command import profile_power
from .sweep_command import sweep_core
from .tables import (
    show_catalog,
    show_comparison,
    show_files,
    show_prediction,
    show_simulation,
    show_summary,
    show_verdict,
)

__all__ = ["main"]

app = typer.Typer(help="YAML configuration to verified RTL to joules.", no_args_is_help=True,
                  pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)


@app.command()
def generate(config: ConfigArgument = None, config_option: ConfigOption = None,
             out: Out = BUILD, as_json: Json = False,
             engine_only: Annotated[bool, typer.Option(
                 "--engine-only", help="The engine alone, without the core around it.")] = False):
    """Write Verilog, manifest, constraints, C header and FuseSoC description of a core."""
    view = View(as_json)
    view.result(flow.generate(chosen(config, config_option), out=out, view=view,
                              engine_only=engine_only), show_files)


@app.command()
def check(config: ConfigArgument = None, config_option: ConfigOption = None, as_json: Json = False):
    """Validate a configuration and print what follows from it."""
    View(as_json).result(flow.check(chosen(config, config_option)), show_summary)


@app.command("predict")
def predict_cost(config: ConfigArgument = None, config_option: ConfigOption = None,
                 workload: Workload = GEMM, mapping: Mapping = None, as_json: Json = False):
    """Say what a workload of any size costs, by the cost model alone."""
    view = View(as_json)
    view.result(predict(chosen(config, config_option), workload, view=view, mapping=mapping),
                show_prediction)


@app.command()
def simulate(config: ConfigArgument = None, config_option: ConfigOption = None,
             workload: Workload = GEMM, simulator: SimulatorOption = Simulator.VERILATOR,
             seed: Seed = 1, waves: Waves = False, mapping: Mapping = None, out: Out = BUILD,
             as_json: Json = False):
    """Run a workload on the RTL and compare it with the golden model."""
    view = View(as_json)
    result = flow.simulate(chosen(config, config_option), workload, out=out, view=view,
                           simulator=simulator.value, seed=seed, waves=waves, mapping=mapping)
    view.result(result, show_simulation)
    _fail_unless_equal(result)


@app.command()
def annotate(config: ConfigArgument = None, config_option: ConfigOption = None,
             workload: Workload = GEMM, technology: Technology = "horowitz_45nm",
             cards: Cards = None, out: Out = BUILD, as_json: Json = False):
    """Price the activity of the last `ergon energy` simulation of this workload."""
    view = View(as_json)
    _show_report(view, *flow.annotate(chosen(config, config_option), workload, out=out, view=view,
                                      technology=technology, cards=cards))


@app.command()
def energy(config: ConfigArgument = None, config_option: ConfigOption = None,
           workload: Workload = GEMM, simulator: SimulatorOption = Simulator.VERILATOR,
           seed: Seed = 1, mapping: Mapping = None, technology: Technology = "horowitz_45nm",
           cards: Cards = None, out: Out = BUILD, as_json: Json = False):
    """Simulate with activity, then annotate."""
    view = View(as_json)
    report, folder = flow.energy(
        chosen(config, config_option), workload, out=out, view=view, simulator=simulator.value,
        seed=seed, technology=technology, cards=cards, mapping=mapping)
    _show_report(view, report, folder)
    _fail_unless_equal(report.run)


app.command("profile")(profile_power)


@app.command("asic")
def asic_figures(
        config: ConfigArgument = None, config_option: ConfigOption = None, *,
        liberty: Annotated[Path, typer.Option(
            "--liberty", help="Standard cells, .lib or .lib.gz.")],
        macros: Macros = None, out: Out = BUILD, as_json: Json = False):
    """Map a core to standard cells: area, longest path, operations per second and mm2."""
    view = View(as_json)
    view.result(asic(chosen(config, config_option), liberty, macros=macros or (), out=out,
                     view=view), show_asic)


app.command("fpga")(make_bitstream)
app.command("run")(run_workload)


@app.command("compare")
def compare_cores(
        workload: Annotated[str, typer.Argument(
            metavar="WORKLOAD", help="YAML file, name of a workload (NAME@4: a quarter of its "
                                     "size), or gemm:MxKxN.")],
        configs: Annotated[list[str], typer.Argument(
            metavar="CONFIG...", help="YAML files, or names of cores (see `ergon list`).")],
        simulator: SimulatorOption = Simulator.VERILATOR, seed: Seed = 1,
        technology: Technology = "horowitz_45nm", out: Out = BUILD,
        cells: Annotated[bool, typer.Option(help="Count each core's logic cells by Yosys.")] = True,
        liberty: Annotated[Optional[Path], typer.Option(  # noqa: UP045
            "--liberty", help="Standard cells to map each core to, .lib or .lib.gz.")] = None,
        macros: Macros = None, as_json: Json = False):
    """Simulate and price a workload on several cores, side by side."""
    view = View(as_json)
    data = compare(workload, configs, out=out, view=view, simulator=simulator.value, seed=seed,
                   technology=technology, cells=cells, liberty=liberty, macros=macros or ())
    folder = write_comparison(data, out)

    def show(console, _):
        show_comparison(console, data)
        for name in COMPARISON:
            console.print(str(folder / name), soft_wrap=True)

    view.result(data, show)
    if any(problems(data)):
        raise typer.Exit(1)


app.command("sweep")(sweep_core)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="Which file's schema.")] = "core"):
    """Print the JSON Schema of a file that you write, for editors."""
    known = flow.schemas()
    if name not in known:
        raise UserError(f"schema: {name} is not known; use {', '.join(known)}")
    print(json.dumps(known[name], indent=2))


@app.command("list")
def list_all(as_json: Json = False):
    """List cores, workloads and technologies."""
    View(as_json).result({kind: descriptions(kind) for kind in FOLDERS}, show_catalog)


def _version(wanted: bool):
    if wanted:
        print(f"ergon {__version__}")
        raise typer.Exit


app.add_typer(gate_commands)


@app.callback()
def _options(version: Annotated[bool, typer.Option(
        "--version", callback=_version, is_eager=True, help="Print the version.")] = False):
    pass


def _show_report(view, report, folder):
    def show(console, _):
        console.print(terminal_report(report))
        show_verdict(console, report.run)
        for name in REPORTS:
            console.print(str(folder / name), soft_wrap=True)

    view.result(report.to_dict(), show)


def _fail_unless_equal(result):
    if result["mismatches"] or result["cycles"] != result["predicted_cycles"]:
        raise typer.Exit(1)


def main(arguments=None):
    """Run the command line; the process ends with its exit code."""
    try:
        app(args=arguments, prog_name="ergon")
    except UserError as error:
        for message in error.messages:
            print(f"error: {message}", file=sys.stderr)
        sys.exit(2)
    except (SimulationFailed, SimulatorFailed) as error:
        print(f"simulation failed: {error}", file=sys.stderr)
        sys.exit(1)
    except FlowFailed as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
