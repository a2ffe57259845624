"""``python -m benchmarks [NAME...]``: measure, print, and write ``build/benchmarks/<name>.json``.

A benchmark is a module here with ``run(console)``, which prints tables on a rich console and
returns what it measured as plain data. Progress goes to stderr.
"""

import argparse
import importlib
import json
import sys
import time

from rich.console import Console

from generators.errors import UserError
from generators.files import write_files

from .cores import BUILD

__all__ = ["NAMES", "main"]

NAMES = ("utilization", "cost_model", "generation", "simulation", "cells", "adder_trees",
         "cim_cells")
LONG = ("fpga",)   # only if named


def main(arguments=None):
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks",
                                     description="Measure Ergon next to its peers.")
    known = (*NAMES, *LONG)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(known)}")
    names = parser.parse_args(arguments).names or NAMES
    if unknown := [name for name in names if name not in known]:
        parser.error(f"{unknown[0]} is not a benchmark; use {', '.join(known)}")
    console = Console(highlight=False)
    for name in names:
        console.rule(name.replace("_", " "))
        began = time.monotonic()
        measured = importlib.import_module(f"benchmarks.{name}").run(console)
        written = write_files(BUILD, {f"{name}.json": json.dumps(measured, indent=1) + "\n"})
        console.print(f"[dim]{time.monotonic() - began:.0f} s; {written}[/]\n", soft_wrap=True)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit("\n".join(f"error: {message}" for message in error.messages))
