"""Joules per toggle of each net, charged to the cells that spend them.

Given how long each net is at 1 and how the toggles of a cell's inputs compare over a whole run,
the energy of a cell is linear in toggles. The rules are those of OpenSTA 3.1, so that both tools
report the same power for the same activity; states of different pins count as independent.
"""

from dataclasses import dataclass

import numpy as np

from energy.gate_level.edges import FALL, LAUNCHING, RISE, nets_by_pin
from energy.gate_level.expressions import depends, probabilities, variables

__all__ = ["EnergyModel", "Terms", "energy_terms", "in_group", "net_energies"]


@dataclass(frozen=True)
class EnergyModel:
    """Energy of groups of instances.

    Attributes
    ----------
    groups: list of str
    energy_j: float ndarray, [nets, groups]
        Joules per toggle: ``toggles @ energy_j`` is the dynamic energy of each window and group.
    leakage_w: float ndarray, [groups]
    """

    groups: list
    energy_j: np.ndarray
    leakage_w: np.ndarray


@dataclass(frozen=True)
class Terms:
    """Parallel arrays: an instance spends so much at every toggle of a net; and its leakage.

    ``internal_j`` and ``switching_j`` are joules per toggle [terms]; ``leakage_w`` is [instances].
    """

    instances: np.ndarray
    nets: np.ndarray
    internal_j: np.ndarray
    switching_j: np.ndarray
    leakage_w: np.ndarray


def in_group(instance, group):
    """Whether an instance is the one named, or within it; everything is within ''."""
    return not group or instance == group or instance.startswith(f"{group}.")


def net_energies(netlist, library, timing, toggles, groups):
    """The `EnergyModel` of groups of instances.

    An instance has the internal energy of its pins and the energy of charging the nets it drives.

    Parameters
    ----------
    toggles: Toggles
        The run from which times at 1 and ratios of toggles are taken; its nets are the netlist's.
    groups: list of str
        Paths of instances (``pe_0``), as in `in_group`; they may overlap.
    """
    terms = energy_terms(netlist, library, timing, toggles)
    energy = np.zeros((len(netlist.nets), len(groups)))
    leakage = np.zeros(len(groups))
    for column, group in enumerate(groups):
        member = np.array([in_group(instance, group) for instance in netlist.instances], bool)
        inside = member[terms.instances]
        energy[:, column] = np.bincount(
            terms.nets[inside], (terms.internal_j + terms.switching_j)[inside], len(netlist.nets)
        )
        leakage[column] = terms.leakage_w[member].sum()
    return EnergyModel(list(groups), energy, leakage)


def energy_terms(netlist, library, timing, toggles):
    """The `Terms` of a netlist; parameters as in `net_energies`."""
    leakage = np.zeros(len(netlist.instances))
    parts = []
    # Unconnected pins have net -1: a net that rests.
    density = np.append(toggles.totals / toggles.duration_s, 0.0)
    duty = np.append(toggles.high_s / toggles.duration_s, 0.0)
    for kind, (instances, pins) in nets_by_pin(netlist).items():
        cells = _Cells(library, kind, len(instances), pins, timing, density, duty)
        leakage[instances] = cells.leakage()
        for pin in library.cells[kind].pins.values():
            if pin.direction == "output":
                internal, switching = cells.output(pin)
            else:
                internal, switching = cells.input(pin), cells.zeros
            net = cells.nets[pin.name]
            there = net >= 0
            parts.append([column[there] for column in (instances, net, internal, switching)])
    return Terms(*(np.concatenate(column) for column in zip(*parts, strict=True)), leakage)


class _Cells:
    """All instances of one kind; every array has one element per instance."""

    def __init__(self, library, kind, count, pins, timing, density, duty):
        self.cell, self.voltage_v = library.cells[kind], library.voltage_v
        self.zeros = np.zeros(count)
        resting = np.full(count, -1)
        self.nets = {name: pins.get(name, resting) for name in self.cell.pins}
        self.loads = {name: np.append(timing.loads_f, 0.0)[net] for name, net in self.nets.items()}
        self.slews = np.append(timing.slews_s, [[0.0, 0.0]], axis=0)
        self.outputs = {
            name: pin for name, pin in self.cell.pins.items() if pin.direction == "output"
        }
        self.duty = {name: duty[net] for name, net in self.nets.items()}
        if self.cell.sequential is not None:
            self._complete_states()
        self.density = {name: density[net] for name, net in self.nets.items()}

    def _complete_states(self):
        """Internal nodes are as outputs show them; an unconnected output follows its inverse."""
        state, inverse = self.cell.sequential.state, self.cell.sequential.inverse
        for name, pin in self.outputs.items():
            for other, twin in self.outputs.items():
                if {pin.function, twin.function} == {state, inverse}:
                    lone = self.nets[name] < 0
                    self.nets[name] = np.where(lone, self.nets[other], self.nets[name])
                    self.duty[name] = np.where(lone, 1 - self.duty[other], self.duty[name])
        for node, opposite in ((state, inverse), (inverse, state)):
            for name, pin in self.outputs.items():
                if pin.function == node:
                    self.duty[node] = self.duty[name]
                    self.duty.setdefault(opposite, 1 - self.duty[name])

    def leakage(self):
        """Watts: by state if the library tells any, else as a whole.

        The cell's own figure stands for states that are not told, and for what the chances of
        told ones fail to add up to because an output depends on inputs.
        """
        by_state = [
            (self.chance(when), watts) for when, watts in self.cell.leakage if when is not None
        ]
        if by_state:
            rest = 1 - sum(chance for chance, _ in by_state)
            return sum(chance * watts for chance, watts in by_state) + rest * (
                self.cell.cell_leakage_w or 0.0
            )
        whole = [watts for when, watts in self.cell.leakage if when is None]
        return self.zeros + (sum(whole) if whole else self.cell.cell_leakage_w or 0.0)

    def input(self, pin):
        """Joules per toggle of an input."""
        energy = self.zeros
        for power in pin.powers:
            energy = energy + self.energy(power, pin.name, (RISE, FALL), 0.0) * self.state(
                power.when, pin.name
            )
        return energy

    def state(self, when, name):
        """Probability of the state under which a toggle of an input costs what a table says."""
        if when is None:
            return 1.0
        for output in (self.outputs[other] for other in variables(when) if other in self.outputs):
            if output.function and name in variables(output.function):
                return self.chance(depends(output.function, name))
            break
        return self.chance(when)

    def output(self, pin):
        """Joules per toggle of an output: internal, and of charging its net.

        The tables of several inputs share the toggles as these inputs are likely to cause them; a
        table of no input has them all.
        """
        load = self.loads[pin.name]
        shares = [self.share(pin, power) for power in pin.powers]
        totals = {}
        for power, share in zip(pin.powers, shares, strict=True):
            totals[power.related_pg_pin] = totals.get(power.related_pg_pin, 0.0) + share
        internal = self.zeros
        for power, share in zip(pin.powers, shares, strict=True):
            total = totals[power.related_pg_pin]
            weight = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
            if power.related is None:
                weight = 1.0 if power.when is None else self.chance(power.when)
            edges = self.causes(pin, power.related)
            internal = internal + weight * self.energy(power, power.related, edges, load)
        return internal, 0.5 * load * self.voltage_v**2

    def share(self, pin, power):
        """How much of an output's toggles an input causes, not normalized."""
        name = power.related
        if name not in self.density:
            return self.zeros
        if pin.function and name in variables(pin.function):
            chance = self.chance(depends(pin.function, name))
        elif power.when is not None:
            chance = self.chance(power.when)
        else:
            chance = 1.0 if self.clocks(name) else 0.5
        return self.density[name] * chance

    def clocks(self, name):
        return any(
            arc.related == name and arc.timing_type in LAUNCHING
            for pin in self.outputs.values()
            for arc in pin.arcs
        )

    def causes(self, pin, name):
        """Edges of an input that make an output rise and fall."""
        arc = next((arc for arc in pin.arcs if arc.related == name), None)
        return (FALL, RISE) if arc is not None and arc.sense == "negative_unate" else (RISE, FALL)

    def energy(self, power, name, edges, load_f):
        """Mean of the energies of a rise and a fall, which begin with these edges of a pin."""
        slews = self.slews[self.nets.get(name, np.full(len(self.zeros), -1))]
        tables = [
            (table, edge)
            for table, edge in zip((power.rise, power.fall), edges, strict=True)
            if table is not None
        ]
        return sum(table(slews[:, edge], load_f) for table, edge in tables) / max(1, len(tables))

    def chance(self, expression):
        return probabilities(expression, self.duty)
