"""Energies per window of cycles, from the monitors beside a core (`generators.monitors`).

A monitor adds up whole numbers. `card_monitors` turns the energies of calibration cards into such
weights, and `read_monitors` turns the sums of a run back into energies.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generators.errors import UserError
from generators.monitors import Features, MonitorGroup, Monitors

__all__ = ["Scale", "Windows", "card_monitors", "quantized", "read_monitors"]

_WEIGHT_BITS = 16


@dataclass(frozen=True)
class Scale:
    """What a group's sums stand for: ``step_j x sum + cycle_j x cycles``.

    Parameters
    ----------
    step_j: float
        Energy of the weight 1. Every weight is its energy to within half of it, so the energy of
        a window is right to within half of it for each toggle in it.
    cycle_j: float
        Clock and leakage of all instances in one cycle.
    """

    step_j: float
    cycle_j: float = 0.0


@dataclass(frozen=True)
class Windows:
    """What monitors counted, window by window in the order of time.

    Parameters
    ----------
    groups: tuple of str
        Names, as in the columns of ``energies_j``.
    runs: numpy.ndarray
        Index of the run of each window, as [windows].
    cycles: numpy.ndarray
        Length of each window, as [windows].
    energies_j: numpy.ndarray
        Energy of each group in each window, in joules, as [windows, groups].
    """

    groups: tuple[str, ...]
    runs: np.ndarray
    cycles: np.ndarray
    energies_j: np.ndarray


def card_monitors(groups, period_ns, *, window_cycles=10):
    """Monitors of all components that calibration cards price, variant by variant.

    Parameters
    ----------
    groups: iterable of energy.calibrated.Group
    period_ns: float
        Of the clock.
    window_cycles: int or None
        See `Monitors`.

    Returns
    -------
    generators.monitors.Monitors
        The groups' names are ``<card>:<module>``.
    dict of str to Scale
        By those names, for `read_monitors`.
    """
    monitored, scales = [], {}
    for group in groups:
        alike = defaultdict(list)
        for path, variant in group.variants.items():
            alike[variant.module].append((path, variant))
        for module, members in alike.items():
            name, variant = f"{group.card.name}:{module}", members[0][1]
            model = variant.model
            features, step_j = quantized(model.toggles, model.multipliers)
            monitored.append(MonitorGroup(name, features, tuple(path for path, _ in members)))
            leakage_j = variant.leakage_nw * period_ns * 1e-18
            scales[name] = Scale(step_j, len(members) * (model.clock_pj * 1e-12 + leakage_j))
    return Monitors(tuple(monitored), window_cycles), scales


def quantized(toggles_pj, multipliers=()):
    """Energies as 16-bit weights, the largest as 32,767.

    Parameters
    ----------
    toggles_pj: dict of str to list of float
        A net and the energy of a toggle of each of its bits, lowest first; some may be negative.
    multipliers: iterable of PartialProducts
        Nets by these names are partial products.

    Returns
    -------
    generators.monitors.Features
    float
        Energy of the weight 1, in joules.
    """
    largest = max(np.abs(energies).max() for energies in toggles_pj.values())
    step_pj = float(largest) / (2 ** (_WEIGHT_BITS - 1) - 1) or 1.0

    toggles = {net: tuple(np.rint(np.array(energies) / step_pj).astype(int).tolist())
               for net, energies in toggles_pj.items()}
    return Features(toggles, tuple(multipliers)), 1e-12 * step_pj


def read_monitors(path, scales):
    """Read the `Windows` that monitors wrote.

    Parameters
    ----------
    path: str or Path
        ``sim.runner.SimulationResult.monitors``.
    scales: dict of str to Scale
        By group.

    Raises
    ------
    UserError
        For a file that is unreadable, cut off, or of other groups.
    """
    path = Path(path)
    try:
        head, _, body = path.read_text(encoding="ascii").partition("\n")
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path}: cannot be read; name a file that monitors wrote") from None
    names = head.split()
    if names[:2] != ["run", "cycles"] or set(names[2:]) != scales.keys():
        raise UserError(f"{path.name}: does not hold {', '.join(scales)}; use the monitors' file "
                        "of this simulation")
    groups = tuple(names[2:])
    table = _table(path.name, body, len(names))
    steps, per_cycle = ([getattr(scales[group], part) for group in groups]
                        for part in ("step_j", "cycle_j"))
    return Windows(groups, table[:, 0], table[:, 1],
                   table[:, 2:] * np.array(steps) + table[:, 1:2] * np.array(per_cycle))


def _table(name, body, columns):
    """Lines of whole numbers as an array."""
    try:
        if body and not body.endswith("\n"):
            raise ValueError
        return np.array([line.split() for line in body.splitlines()],
                        np.int64).reshape(-1, columns)
    except ValueError:
        raise UserError(f"{name}: ends early; run the simulation to its end again") from None
