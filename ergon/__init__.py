"""The façade: the command line, and the few functions that a script would import."""

from generators.version import VERSION as __version__

__all__ = ["__version__"]
