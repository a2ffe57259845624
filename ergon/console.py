"""Where results and progress go: results to stdout, steps to stderr."""

import json
import time
from contextlib import contextmanager

from rich.console import Console

__all__ = ["View"]


class View:
    """Where a command prints.

    Parameters
    ----------
    as_json: bool
        Print the result as JSON and nothing else on stdout; no steps either.
    """

    def __init__(self, as_json=False):
        self.as_json = as_json
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False, quiet=as_json)

    @contextmanager
    def step(self, text):
        """Show that a long step runs, and afterwards what it took.

        The context is a function that shows a few words more of what happens.
        """
        start = time.monotonic()
        with self._err.status(f"{text} …") as status:
            yield lambda detail: status.update(f"{text}: {detail} …")
        self._err.print(f"[green]✓[/] {text} [dim]{time.monotonic() - start:.1f} s[/]")

    def result(self, data, show):
        """Print ``data`` as JSON, or call ``show(console, data)``."""
        if self.as_json:
            print(json.dumps(data, indent=2))
        else:
            show(self._out, data)
