"""The command ``ergon sweep``."""

from typing import Annotated

import typer

from generators.errors import UserError

from .console import View
from .options import BUILD, ConfigArgument, ConfigOption, Json, Out, Seed, Technology, chosen
from .sweep import sweep
from .sweep_files import SWEEP, write_sweep
from .tables import show_sweep

__all__ = ["sweep_core"]


def sweep_core(config: ConfigArgument = None, config_option: ConfigOption = None,
               workload: Annotated[str, typer.Option(
                   "--workload", help="A network with labels.")] = "digits",
               adc_bits: Annotated[str, typer.Option(
                   "--adc-bits", metavar="LIST", help="Resolutions, such as 3-10 or 4,6,8.")
               ] = "3-10",
               rows_active: Annotated[str, typer.Option(
                   "--rows-active", metavar="LIST", help="Rows driven at once.")] = "8,16,32,64",
               images: Annotated[int, typer.Option(
                   "--images", min=1, help="How many images are measured.")] = 100,
               seed: Seed = 1, technology: Technology = "horowitz_45nm", out: Out = BUILD,
               as_json: Json = False):
    """Accuracy, cycles and energy of an analog core over its converters and active rows."""
    view = View(as_json)
    data = sweep(chosen(config, config_option), workload, adc_bits=_numbers("adc-bits", adc_bits),
                 rows_active=_numbers("rows-active", rows_active), images=images, seed=seed,
                 technology=technology, view=view)
    folder = write_sweep(data, out)

    def show(console, _):
        show_sweep(console, data)
        for name in SWEEP:
            console.print(str(folder / name), soft_wrap=True)

    view.result(data, show)


def _numbers(option, text):
    """The numbers of a list such as ``3-5,8``."""
    numbers = []
    for piece in text.split(","):
        ends = piece.strip().split("-")
        found = (range(int(ends[0]), int(ends[-1]) + 1)
                 if len(ends) <= 2 and all(end.isdecimal() for end in ends) else ())
        if not found:
            raise UserError(f"--{option}: {piece.strip()!r} is neither a number nor a range; write "
                            "for example 4,6,8 or 3-10")
        numbers += found
    return sorted(set(numbers))
