"""Commands of the gate level: calibrate, gatesim, validate-energy."""

from typing import Annotated, Optional

import typer

from ..console import View
from ..options import (
    BUILD,
    Cards,
    ConfigArgument,
    ConfigOption,
    Json,
    Liberty,
    Out,
    Seed,
    Technology,
    Workload,
    chosen,
)
from .card_files import calibrate_card
from .gatesim import gatesim
from .tables import show_calibration, show_gatesim, show_validation
from .validate import validate

__all__ = ["gate_commands"]

gate_commands = typer.Typer()

TECHNOLOGY = "osu018"

Layer = Annotated[Optional[str], typer.Option(  # noqa: UP045
    "--layer", help="Which layer; by default the one with the most products.")]
Start = Annotated[Optional[int], typer.Option(  # noqa: UP045
    "--start", min=1, help="First cycle in the layer; by default the window is in its middle.")]
Cycles = Annotated[Optional[int], typer.Option(  # noqa: UP045
    "--cycles", min=1, help="Cycles at gate level; by default 200, or all of a shorter layer.")]


@gate_commands.command("calibrate")
def calibrate_component(
        name: Annotated[str, typer.Argument(metavar="NAME", help="Of the card.")], *,
        design: Annotated[list[str], typer.Option(
            "--design", metavar="CONFIG", help="Core to fit to; repeat it for more.")],
        held_out: Annotated[list[str], typer.Option(
            "--held-out", metavar="CONFIG", help="Core to measure the error on, best of another "
                                                 "size; repeat it for more.")],
        component: Annotated[str, typer.Option(
            "--component", metavar="KIND", help="Kind of the component in manifests.")],
        scope: Annotated[Optional[str], typer.Option(  # noqa: UP045
            "--scope", metavar="PATH", help="Instance that is simulated around the components; by "
                                            "default the array, or one component.")] = None,
        technology: Technology = TECHNOLOGY, liberty: Liberty = None, out: Out = BUILD,
        as_json: Json = False):
    """Fit a component's energy to gate-level simulations, and measure the error on unseen data.

    The card goes into the folder `cards` of the build folders; `--cards` of other commands uses it.
    """
    view = View(as_json)
    view.result(calibrate_card(name, designs=design, held_out=held_out, kind=component,
                               scope=scope, technology=technology, liberty=liberty, out=out,
                               view=view), show_calibration)


@gate_commands.command("gatesim")
def simulate_gates(
        config: ConfigArgument = None, config_option: ConfigOption = None, *,
        component: Annotated[str, typer.Option(
            "--component", metavar="PATH|KIND", help="Instance path in the core, or a kind of "
                                                     "component: the first of it.")] = "pe",
        workload: Workload = "digits", layer: Layer = None, start: Start = None,
        cycles: Cycles = None, technology: Technology = TECHNOLOGY, liberty: Liberty = None,
        zero_delay: Annotated[bool, typer.Option(
            "--zero-delay", help="Simulate without delays alone: no glitches.")] = False,
        seed: Seed = 1, out: Out = BUILD, as_json: Json = False):
    """Power of one component at gate level, in a window of a real layer."""
    view = View(as_json)
    view.result(gatesim(chosen(config, config_option), component, workload, layer=layer,
                        start=start, cycles=cycles, technology=technology, liberty=liberty,
                        zero_delay=zero_delay, seed=seed, out=out, view=view), show_gatesim)


@gate_commands.command("validate-energy")
def validate_energy(
        config: ConfigArgument = None, config_option: ConfigOption = None, *,
        workload: Workload = "digits", layer: Layer = None, start: Start = None,
        cycles: Cycles = None,
        sample: Annotated[int, typer.Option(
            "--sample", min=1, help="Instances of each kind that are simulated.")] = 8,
        technology: Technology = TECHNOLOGY, liberty: Liberty = None, cards: Cards = None,
        seed: Seed = 1, out: Out = BUILD, as_json: Json = False):
    """Predicted energy against the gate level, in a window of a real layer.

    Ends with 1 where a kind of component is off by more than twice the error that its card states.
    """
    view = View(as_json)
    data = validate(chosen(config, config_option), workload, layer=layer, start=start,
                    cycles=cycles, sample=sample, technology=technology, liberty=liberty,
                    cards=cards, seed=seed, out=out, view=view)
    view.result(data, show_validation)
    if not data["passed"]:
        raise typer.Exit(1)
