"""The command ``ergon run``: a workload on a core on a board, over its serial line."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Optional

import numpy as np
import typer

from compiler.chains import input_tensors
from compiler.workload import workload_title
from generators.config import load_config
from generators.derive import derive
from host.client import BridgeClient, BusError, SilentError
from host.driver import HostDriver, HungError, WrongDeviceError, run_segments
from host.link import LinkError, SerialLink, run
from host.windows import host_windows

from .catalog import core_file
from .console import View
from .flow import generate
from .options import BUILD, ConfigArgument, ConfigOption, Json, Out, Seed, Workload, chosen
from .run import accuracy, compare, compile_for
from .tables import show_verdict

__all__ = ["BoardFailed", "run_on_board", "run_workload"]

BAUD = 1_000_000  # what bitstreams are made for, see `generators.fpga.boards`


class BoardFailed(Exception):
    """The board did not do what it was asked for."""


def run_on_board(config, workload, *, port, baud, seed, images, out, view):
    """Run a workload on a board and compare it with the golden model.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project: what the board holds.
    workload: str
        A YAML file, the name of a workload that comes with the project, or ``gemm:MxKxN``.
    port: str
        The board's serial port.
    baud: int
        Bits per second.
    seed: int
        Of random data.
    images: int or None
        How many of the workload's.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View
        Shows the steps.

    Returns
    -------
    dict
        ``config, workload, port, baud, seed, runs, compared`` (numbers), ``mismatches, cycles,
        predicted_cycles, repeats`` (requests that the line had damaged), and ``accuracy`` where
        the workload has labels.

    Raises
    ------
    UserError
        If the port cannot be opened, or for a mistake in the config or the workload.
    BoardFailed
    """
    link = SerialLink(port, baud)
    try:
        manifest = json.loads(Path(generate(config, out=out, view=view)["manifest"]).read_text())
        parameters = derive(load_config(core_file(config)))
        with view.step(f"Compiling {workload}"):
            chains, program = compile_for(parameters, manifest, workload, seed, images=images)
        tensors = {name: np.zeros(shape, dtype=np.int64)
                   for name, shape in program.tensors.items()}
        for name, values in input_tensors(chains).items():
            tensors[name] = np.asarray(values, dtype=np.int64).reshape(tensors[name].shape)
        client = BridgeClient(link)
        driver = HostDriver(client, manifest, host_windows(manifest))
        with view.step(f"Running {len(program.segments)} runs on {port}"):
            runs = run(run_segments(driver, program.segments, tensors))
    except (BusError, HungError, LinkError, SilentError, WrongDeviceError) as error:
        raise BoardFailed(f"{manifest['name']} on {port} at {baud} baud: {error}") from None
    finally:
        link.close()
    result = SimpleNamespace(tensors=tensors)
    with view.step("Comparing with the golden model"):
        compared, mismatches = compare(parameters, chains, program, result)
    data = {"config": manifest["name"], "workload": workload_title(workload), "port": port,
            "baud": baud, "seed": seed, "runs": len(runs), "compared": compared,
            "mismatches": mismatches, "cycles": sum(run["cycles"] for run in runs),
            "predicted_cycles": program.cycles, "repeats": client.repeats}
    if chains[0].labels is not None:
        data["accuracy"] = accuracy(chains[0], result)
    return data


def run_workload(
        config: ConfigArgument = None, config_option: ConfigOption = None, *,
        port: Annotated[str, typer.Option("--port", help="The board's serial port.")],
        workload: Workload = "digits",
        baud: Annotated[int, typer.Option(
            "--baud", min=1, help="Bits per second, as the bitstream was made for.")] = BAUD,
        images: Annotated[Optional[int], typer.Option(  # noqa: UP045
            "--images", min=1, help="How many of the workload's.")] = None,
        seed: Seed = 1, out: Out = BUILD, as_json: Json = False):
    """Run a workload on a board and compare it with the golden model."""
    view = View(as_json)
    try:
        data = run_on_board(chosen(config, config_option), workload, port=port, baud=baud,
                            seed=seed, images=images, out=out, view=view)
    except BoardFailed as error:
        print(f"failed: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    view.result(data, _show)
    if data["mismatches"] or data["cycles"] != data["predicted_cycles"]:
        raise typer.Exit(1)


def _show(console, data):
    show_verdict(console, data | {"simulator": f"{data['port']} at {data['baud']} baud"})
    repeats = f"; {data['repeats']} requests sent again" if data["repeats"] else ""
    console.print(f"{data['cycles']:,} cycles, {data['predicted_cycles']:,} predicted{repeats}")
