"""Simulation-only monitors: weighted sums of toggles, counted beside a core while it runs.

Totals of toggles, as SAIF files hold them, do not say when they happened. A monitor does: for every
cycle of a run it adds up, over the instances of a group,

    sum of w[i] * (bit i of a net toggled)

and writes the sum of every window of cycles as one number. With the energies of a calibrated
component as weights, that is the component's energy. A net may also be one that the core does not
have: the partial products of a multiplier, which follow from its operands.

Toggles are between consecutive cycles; x and z are 0. `generators.monitor_verilog` writes the
Verilog.
"""

import re
from dataclasses import dataclass

from .errors import UserError

__all__ = ["Features", "MonitorGroup", "Monitors", "check_monitors"]

_MOST = 2 ** 31 - 1  # what a table's entries and their sum may be
_GROUP_NAME = re.compile(r"[\w.:-]+")
_NET = re.compile(r"^ *(?:(?:input|output) )?(?:wire|reg) (?:\[(\d+):0\] )?([\w$]+)",
                  re.MULTILINE)
_INSTANCE = re.compile(r"^  (\w+) (\w+) \($", re.MULTILINE)


@dataclass(frozen=True)
class Features:
    """What is counted of an instance, as integer weights; see this module's sum.

    Parameters
    ----------
    toggles: dict of str to tuple of int
        A net of the instance, or of one inside of it (``lane_0.sum``), and the weight of each of
        its bits, lowest first.
    multipliers: tuple of energy.partial_products.PartialProducts
        Nets of these names are their values.
    """

    toggles: dict
    multipliers: tuple = ()

    @property
    def widths(self):
        """Bits of the nets that count, by their names."""
        return {net: len(weights) for net, weights in self.toggles.items()}

    @property
    def derived(self):
        """The multiplier whose partial products a net is, by the net's name."""
        return {multiplier.name: multiplier for multiplier in self.multipliers}

    @property
    def read(self):
        """All nets of the core that are read, as (net, bits) pairs; a net may be in two of them."""
        derived = self.derived
        return ([pair for pair in self.widths.items() if pair[0] not in derived]
                + [pair for one in self.multipliers
                   for pair in ((one.plain, one.plain_bits), (one.recoded, one.recoded_bits))])

    @property
    def largest(self):
        """The sum of all weights' magnitudes: no cycle of an instance counts more."""
        return sum(abs(weight) for weights in self.toggles.values() for weight in weights)


@dataclass(frozen=True)
class MonitorGroup:
    """Instances that are counted as one.

    Parameters
    ----------
    name: str
        Letters, digits and ``_.:-``; the head of the group's column.
    features: Features
    instances: tuple of str
        Paths of components, as in the manifest.
    """

    name: str
    features: Features
    instances: tuple[str, ...]


@dataclass(frozen=True)
class Monitors:
    """Everything that is monitored in a simulation.

    Parameters
    ----------
    groups: tuple of MonitorGroup
    window_cycles: int or None
        Cycles of one window; the last window of a run may be shorter. None: each run is a window.
    """

    groups: tuple[MonitorGroup, ...]
    window_cycles: int | None = 10


def check_monitors(manifest, verilog, monitors):
    """Raise `UserError` where monitors and the core with this manifest and Verilog disagree."""
    if not (monitors.window_cycles is None or monitors.window_cycles >= 1):
        raise UserError(f"window_cycles: {monitors.window_cycles} is not positive; use 1 or more")
    names = [group.name for group in monitors.groups]
    for name in names:
        if not _GROUP_NAME.fullmatch(name) or names.count(name) > 1:
            raise UserError(f"monitors: {name!r} is used twice or is no name; use letters, digits "
                            "and _ . : - and each name once")
    modules = {component["path"]: component["module"] for component in manifest["components"]}
    inside = _modules(verilog)
    for group in monitors.groups:
        if not group.features.toggles:
            raise UserError(f"{group.name}: has no weights; leave the group out")
        derived = group.features.derived
        for net, bits in group.features.widths.items():
            if net in derived and derived[net].bits != bits:
                raise UserError(f"{group.name}: has {bits} weights for the "
                                f"{derived[net].bits} bits of {net}; give each a weight")
        if group.features.largest > _MOST:
            raise UserError(f"{group.name}: weights add up to {group.features.largest}, above "
                            f"{_MOST}; use smaller ones")
        for path in group.instances:
            if path not in modules:
                raise UserError(f"{path}: is no component of {manifest['top']}; use paths of its "
                                "manifest")
            for net, bits in group.features.read:
                found = _bits(inside, modules[path], net)
                if found != bits:
                    has = f"has {found} bits" if found else "is not there"
                    raise UserError(f"{path}.{net}: {has}, and the weights of {group.name} are for "
                                    f"{bits}; use those of this component")


def _modules(verilog):
    """Module name -> (net name -> bits, instance name -> module name)."""
    modules = re.findall(r"^module (\w+) ?\((.*?)^endmodule", verilog, re.MULTILINE | re.DOTALL)
    return {module: ({net: int(last or 0) + 1 for last, net in _NET.findall(body)},
                     {instance: inner for inner, instance in _INSTANCE.findall(body)})
            for module, body in modules}


def _bits(modules, module, net):
    """Width of a net below a module, or None."""
    *instances, name = net.split(".")
    for instance in instances:
        module = modules.get(module, ({}, {}))[1].get(instance)
    return modules.get(module, ({}, {}))[0].get(name)
