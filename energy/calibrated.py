"""Prices components by their calibration cards: the toggles of a run x what they cost in gates.

For each component that a card fits exactly, with the card's `LinearModel`:

    energy = clock_pj x cycles + sum over nets and bits of coefficient x toggles + leakage x time

A net of the model is in the activity below the component's path, by the name that the card has for
it; so are the partial products of two nets. The error that a card states is that of this sum.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from generators.errors import UserError

from .cards import Card, Variant
from .parts import Part, common_path

__all__ = ["Calibrated", "Group", "calibrated"]

_PJ_PER_NW_NS = 1e-6


@dataclass
class Group:
    """The components of a core that one card prices.

    Parameters
    ----------
    card: Card
    variants: dict of str to Variant
        By the paths of the components.
    paths: set of str
        The components and all that lie inside of them, as they do in the card's netlist.
    """

    card: Card
    variants: dict[str, Variant] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)

    def parts(self, activity, period_ns, counts, fixed_pj):
        """The `Part` of the data, the clock and the leakage of all components together.

        Parameters
        ----------
        activity: Activity
        period_ns: float
        counts: dict
            See `energy.pricing.operations`.
        fixed_pj: float
            What constants make of the same components, see `Part`.

        Raises
        ------
        UserError
            Where the activity lacks a net of a component, or has it in another width.
        """
        alike = defaultdict(list)
        for path, variant in self.variants.items():
            alike[self.card.variants.index(variant)].append(path)
        data = clock = leakage = 0.0
        cycles = activity.duration_ns / period_ns
        for number, paths in alike.items():
            variant = self.card.variants[number]
            data += self._data_pj(variant.model, paths, activity)
            clock += variant.model.clock_pj * cycles * len(paths)
            leakage += _PJ_PER_NW_NS * variant.leakage_nw * activity.duration_ns * len(paths)
        operations = sum(counts.get(path, 0) for path in self.variants)
        instance_cycles = cycles * len(self.variants)
        work = ("operations", operations) if operations else ("cycles", instance_cycles)
        for part, (unit, actions), fixed, energy in (
                ("data", work, fixed_pj, data),
                ("clock", ("cycles", instance_cycles), 0.0, clock),
                ("leakage", ("cycles", instance_cycles), 0.0, leakage)):
            yield Part(path=common_path(self.variants), kind=self.card.kind, part=part,
                       count=len(self.variants), unit=unit, actions=actions, fixed_pj=fixed,
                       activity_pj=energy, error_factor=1 + self.card.error, calibrated=True)

    def _data_pj(self, model, paths, activity):
        """Toggles of like components."""
        energy = 0.0
        derived = {product.name for product in model.multipliers}
        for net, coefficients in model.toggles.items():
            missing = [path for path in paths if f"{path}.{net}" not in activity.nets]
            if net in derived and missing:
                raise UserError(f"{activity.source}: net {missing[0]}.{net}, which the card "
                                f"{self.card.name} prices, was not recorded; run `ergon energy` "
                                f"with this technology and these cards")
            found = [activity.net(f"{path}.{net}").toggles for path in paths]
            for path, toggles in zip(paths, found, strict=True):
                if len(toggles) != len(coefficients):
                    raise UserError(
                        f"{activity.source}: net {path}.{net} has {len(toggles)} bits, "
                        f"{len(coefficients)} in the calibration card {self.card.name}; record the "
                        f"activity of the core that the manifest describes, or calibrate again")
            energy += float((np.array(found, float) @ np.array(coefficients)).sum())
        return energy


@dataclass(frozen=True)
class Calibrated:
    """What the cards of a technology know of a core.

    Parameters
    ----------
    groups: tuple of Group
        At least one component each.
    refused: tuple of str
        Components of a kind that has cards, none of which fits: kind and differing parameters.
    refused_kinds: frozenset of str
    """

    groups: tuple[Group, ...]
    refused: tuple[str, ...]
    refused_kinds: frozenset[str]

    @property
    def paths(self):
        """All components that cards price."""
        return set().union(*(group.paths for group in self.groups))

    @property
    def multipliers(self):
        """The `PartialProducts` that must be in the activity, by path of their component."""
        return {path: tuple(variant.model.multipliers) for group in self.groups
                for path, variant in group.variants.items() if variant.model.multipliers}

    @property
    def clocked_paths(self):
        """Those of which they price the clock tree too."""
        return set().union(*(group.paths for group in self.groups
                             if group.card.conditions.clock_tree))


def calibrated(manifest, cards):
    """Match the components of a core with calibration cards.

    A card fits a component of its kind with the same parameters, all of them. What lies inside of
    such a component is in the card's netlist, but for SRAMs.
    """
    groups, refused = [Group(card) for card in cards], Counter()
    kinds = {card.kind for card in cards}
    owners = {}
    # Outer components come before what is inside of them.
    for component in sorted(manifest["components"], key=lambda one: one["path"].count(".")):
        path, kind = component["path"], component["kind"]
        if kind == "sram":
            continue
        owner = next((owners[outer] for outer in _around(path) if outer in owners), None)
        if owner is None and kind in kinds:
            owner, variant = next(((group, variant) for group in groups
                                   if (variant := group.card.variant(component))), (None, None))
            if owner is None:
                refused[kind, _difference(component, cards)] += 1
            else:
                owner.variants[path] = variant
        if owner:
            owners[path] = owner
            owner.paths.add(path)
    return Calibrated(
        groups=tuple(group for group in groups if group.variants),
        refused=tuple(f"{kind} with {text} ({count} instance{'s' if count > 1 else ''})"
                      for (kind, text), count in sorted(refused.items())),
        refused_kinds=frozenset(kind for kind, _ in refused))


def _around(path):
    """Paths of all instances around one."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _difference(component, cards):
    """What tells a component from the variant of a card that is the most like it."""
    parameters = component["parameters"]
    variants = [variant.parameters for card in cards if card.kind == component["kind"]
                for variant in card.variants]
    different = min(([name for name in {**parameters, **other}
                      if name not in parameters or name not in other
                      or parameters[name] != other[name]] for other in variants), key=len)
    return ", ".join(f"{name} {parameters[name]}" if name in parameters else f"no {name}"
                     for name in different)
