"""The command ``ergon fpga``."""

from typing import Annotated, Optional

import typer

from ..console import View
from ..options import BUILD, ConfigArgument, ConfigOption, Json, Out, chosen
from .figures import fpga
from .page import write_page
from .tables import show_fpga

__all__ = ["make_bitstream"]


def make_bitstream(
        config: ConfigArgument = None, config_option: ConfigOption = None, *,
        board: Annotated[str, typer.Option("--board", help="icebreaker or ulx3s_85f.")],
        frequency: Annotated[Optional[float], typer.Option(  # noqa: UP045
            "--frequency", min=0.1, help="Clock of the core in MHz.", metavar="MHZ")] = None,
        baud: Annotated[Optional[int], typer.Option(  # noqa: UP045
            "--baud", min=1, help="Of the serial line to the host.")] = None,
        seed: Annotated[int, typer.Option("--seed", min=0, help="Of the placement.")] = 1,
        report: Annotated[bool, typer.Option(
            "--report", help="Write a page with the floor plan.")] = False,
        allow_fail: Annotated[bool, typer.Option(
            "--allow-fail", help="End well although the clock is too fast.")] = False,
        synthesis_only: Annotated[bool, typer.Option(
            "--synthesis-only", help="Count cells; neither place nor route.")] = False,
        out: Out = BUILD, as_json: Json = False):
    """Make a bitstream for a board: resources by module, highest clock, slowest path."""
    view = View(as_json)
    data = fpga(chosen(config, config_option), board, out=out, view=view, seed=seed,
                frequency_mhz=frequency, baud=baud, synthesis_only=synthesis_only)
    page = write_page(data, out) if report else None

    def show(console, _):
        show_fpga(console, data)
        if page:
            console.print(str(page), soft_wrap=True)

    view.result(data, show)
    if not data.get("meets_timing", True) and not allow_fail:
        raise typer.Exit(1)
