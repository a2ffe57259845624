"""Which instance a cell of a flat netlist comes from, by its name."""

import re

__all__ = ["Hierarchy"]

GENERATED = re.compile(r"^\$[^\\]*\\")


class Hierarchy:
    """The instances of a design.

    Flattening puts an instance's path in front of the names inside. Cells that synthesis makes are
    called after the net that they drive, and the net of a port lies outside: generated Verilog
    calls it after the instance and the port.

    Parameters
    ----------
    instances: iterable of str
        Dotted paths, those of the parents included.
    """

    def __init__(self, instances):
        self._children = {}
        for path in instances:
            parent, _, name = path.rpartition(".")
            self._children.setdefault(parent, []).append(name)
        for names in self._children.values():
            names.sort(key=len, reverse=True)
        self._owners = {}

    def owner(self, cell):
        """The innermost known instance around a cell; ``""`` for the top."""
        if cell not in self._owners:
            path = ""
            for part in GENERATED.sub("", cell).replace("\\", "").split("."):
                child = next((name for name in self._children.get(path, ())
                              if part == name or part.startswith(f"{name}_")), None)
                if child is None:
                    break
                path = f"{path}.{child}" if path else child
            self._owners[cell] = path
        return self._owners[cell]

    def around(self, cell):
        """The owner of a cell and all instances around that, the top last."""
        path = self.owner(cell)
        while path:
            yield path
            path = path.rpartition(".")[0]
        yield ""
