"""What compute-in-memory is priced with: the net activity of a run, and how an action uses it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from .activity import Activity
from .parts import REFERENCE_ACTIVITY
from .technology import Technology

__all__ = ["Action", "CimRun"]

_TREE_INPUTS = {"clk", "rst", "terms"}


@dataclass
class CimRun:
    """What all prices are made of."""

    components: dict
    activity: Activity
    counts: dict
    technology: Technology
    period_ns: float
    switching: dict = field(init=False)

    def __post_init__(self):
        self.switching = self._tree_switching()

    def cycles(self, net):
        """Bits x cycles in which the bits of a net were 1."""
        return sum(self.activity.net(net).high_ns) / self.period_ns

    def random_words(self, net):
        """Uniform random words that would toggle the net as often as it did."""
        found = self.activity.net(net)
        return found.total_toggles / (REFERENCE_ACTIVITY * found.bits)

    def parameters(self, path):
        return self.components[path]["parameters"]

    def _tree_switching(self):
        """The same of all nets together that the adders of each tree drive, however it adds."""
        toggles, bits = defaultdict(int), defaultdict(int)
        for name, net in self.activity.nets.items():
            path, _, last = name.rpartition(".")
            if last in _TREE_INPUTS or last.startswith("_") or "_register_" in last:
                continue
            while path and path not in self.components:  # in a part of a tree
                path = path.rpartition(".")[0]
            if path and self.components[path]["kind"] == "adder_tree":
                toggles[path] += net.total_toggles
                bits[path] += net.bits
        return {path: toggles[path] / (REFERENCE_ACTIVITY * bits[path]) for path in bits}


@dataclass(frozen=True)
class Action:
    """How one action of a kind of component is priced.

    Parameters
    ----------
    kind, part, unit: str
        As in `Part`.
    price: function of (`CimRun`, path, parameters)
        Actions, and their energy as a fixed one and by activity.
    constant: str or None
        Constant of compute-in-memory whose error the energy has; None for that of logic.
    """

    kind: str
    part: str
    unit: str
    price: Callable
    constant: str | None = None
