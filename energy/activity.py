"""Activity: how often each net of a core toggled and how long it was high."""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.errors import UserError

__all__ = ["Activity", "Net", "combined", "is_core", "require_nets"]


@dataclass(frozen=True, slots=True)
class Net:
    """One net of one instance, bit by bit, lowest bit first.

    Parameters
    ----------
    toggles: tuple of int
        Changes of each bit in either direction. A bit that is x or z counts as 0, and every bit
        is 0 before the simulation begins, as in Verilator.
    high_ns: tuple of float
        Time for which each bit was 1, in ns.
    """

    toggles: tuple[int, ...]
    high_ns: tuple[float, ...]

    @property
    def bits(self):
        return len(self.toggles)

    @property
    def total_toggles(self):
        return sum(self.toggles)


@dataclass(frozen=True)
class Activity:
    """Everything that one simulation recorded about a core.

    Parameters
    ----------
    source: str
        The file that it was read from, for messages and reports.
    duration_ns: float
        Simulated time, in ns; loading and reading back are part of it.
    nets: mapping of str to Net
        By path below the core's top module, dots between instances: ``engine.mesh.load``.
        Simulators' and Yosys' own temporaries (``$1``) are left out.
    """

    source: str
    duration_ns: float
    nets: Mapping[str, Net]

    def net(self, path):
        """The `Net` at ``path``; raises `UserError` where the simulation did not record it."""
        try:
            return self.nets[path]
        except KeyError:
            raise UserError(
                f"{self.source}: net {path} is not in it; record the activity of the core that the "
                f"manifest describes, with no limit on the width of traced signals") from None

    def cycles_high(self, path, period_ns):
        """Clock cycles in which the one-bit net at ``path`` was 1."""
        return round(self.net(path).high_ns[0] / period_ns)


def is_core(scopes, top):
    """Whether the scope at this path, outermost first, is the core with the top module ``top``.

    It has the module's name, or is the instance ``core`` of the testbench ``<top>_tb``.
    """
    return scopes[-1] == top or tuple(scopes[-2:]) == (f"{top}_tb", "core")


def combined(activities):
    """The sum of several recordings of one core, such as one for each run of a program."""
    first, *others = activities
    if not others:
        return first
    for other in others:
        if other.nets.keys() != first.nets.keys():
            raise UserError(f"{other.source}: does not hold the nets of {first.source}; use "
                            f"recordings of one core")
    nets = {}
    for path in first.nets:
        found = [activity.nets[path] for activity in activities]
        nets[path] = Net(toggles=tuple(map(sum, zip(*(net.toggles for net in found), strict=True))),
                         high_ns=tuple(map(sum, zip(*(net.high_ns for net in found), strict=True))))
    return Activity(source=f"{first.source} and {len(others)} more",
                    duration_ns=sum(activity.duration_ns for activity in activities), nets=nets)


def require_nets(source, top, duration_ns, nets):
    """An `Activity`, or `UserError` where the file does not cover a core called ``top``."""
    if not nets:
        raise UserError(f"{source}: does not hold the core {top}; record the activity of a "
                        f"simulation of this core")
    if duration_ns <= 0:
        raise UserError(f"{source}: covers no simulated time; run the simulation again")
    return Activity(source=source, duration_ns=duration_ns, nets=nets)
