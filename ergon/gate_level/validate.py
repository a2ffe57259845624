"""Checks calibration cards on a core of one's own: predicted energy against the gate level."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from energy.calibrated import calibrated
from energy.calibration.held_out import Comparison
from generators.errors import UserError

from ..libraries import chosen_cards, require_library, technology_library
from .component import generated_core
from .layer_window import record_window
from .simulation import GateLevel

__all__ = ["ALLOWED", "validate"]

ALLOWED = 2  # times the error that a card states: what its total over a window may be off
_W_TO_PJ_PER_NS = 1e3


@dataclass(frozen=True)
class _Unit:
    """What is simulated at gate level together: an instance, and the components in it."""

    path: str
    components: tuple[str, ...]


def validate(config, workload, *, technology, liberty=None, cards=None, layer=None, start=None,
             cycles=None, sample, seed, out, view):
    """Compare the energy that cards predict from RTL with that of the gate level.

    A layer runs at RTL, and a window of it at gate level, for every kind of component that has a
    card. What is simulated is driven by what its ports were: of an array whole columns, since
    glitches pass from element to element, with the loads of their own inputs at outputs of the same
    name. A component with a card that was fitted inside of something else, such as the tree of a
    column, is simulated in the like of it.
    Predictions are linear in toggles, so those from the totals that `ergon energy` has are the sums
    of those from windows. Leakage is in both.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core.
    workload: str
    technology: str
    liberty: str or Path or None
        See `technology_library`.
    cards: str or Path or None
        Folder of the cards; None: those of the technology.
    layer, start, cycles, seed
        See `record_window`.
    sample: int
        Instances of each kind that are simulated, or as many more as are simulated with them: a
        random choice, spread over the variants.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View

    Returns
    -------
    dict
        ``config, workload, technology, library, window``; ``components``: of each card, ``kind,
        card, count`` (instances in the core), ``predicted_pj, gate_pj`` a cycle, ``error``,
        ``constant_error`` (every cycle at its mean), ``windows_mean, windows_p95`` (10 cycles, all
        simulated instances together), ``stated`` (the card's own worst), ``allowed``, and the
        ``instances``: ``path, predicted_pj, gate_pj, error``; ``uncalibrated``: components that no
        card of their kind fits; ``passed``.

    Raises
    ------
    UserError, SimulatorFailed
    """
    technology, library = technology_library(technology, liberty)
    cards = chosen_cards(technology, cards)
    with view.step(f"Generating {config}"):
        core = generated_core(config, out)
    found = calibrated(core.manifest, cards)
    if not found.groups:
        why = f" ({'; '.join(found.refused)})" if found.refused else ""
        raise UserError(f"cards: {technology.name} has none for any component of "
                        f"{core.manifest['name']}{why}; calibrate one, see `ergon calibrate`")
    require_library([group.card for group in found.groups], library)
    folder = core.path.parent / "validate"
    window = record_window(core, workload, folder, layer=layer, start=start, cycles=cycles,
                           seed=seed, view=view)
    bench = _Bench(core, library, technology, window, folder, view)
    components = [bench.group(group, sample, seed) for group in found.groups]
    return {"config": core.manifest["name"], "workload": workload, "technology": technology.name,
            "library": library.name, "window": window.to_dict(), "components": components,
            "uncalibrated": list(found.refused),
            "passed": all(abs(found["error"]) <= found["allowed"] for found in components)}


class _Bench:
    """Measures components of a core in one window; each module is mapped once."""

    def __init__(self, core, library, technology, window, folder, view):
        self.core, self.library, self.window = core, library, window
        self.folder, self.view = folder / technology.name, view
        self.wire_f = technology.file.wires.ff_per_fanout.typical * 1e-15
        self.gates = {}

    def group(self, group, sample, seed):
        """The figures of one card's components."""
        chosen = _sample(self.core, _units(self.core, group), sample, seed)
        paths, gate_pj = [], []
        simulated = sum(len(unit.components) for unit in chosen)
        with self.view.step(f"Simulating {simulated} of {len(group.variants)} {group.card.kind} at "
                            f"gate level"):
            for unit in chosen:
                paths += unit.components
                gate_pj.append(self._gate_pj(unit))
        variants = [group.variants[path] for path in paths]
        predicted = self._predicted_pj(paths, variants)
        compared = Comparison(group.card.kind, predicted, np.concatenate(gate_pj, axis=1),
                              float(np.mean([variant.mean_pj for variant in variants]))
                              + float(np.mean(self._leakage_pj(variants))))
        windows = np.abs(np.divide(*compared.windows_pj) - 1)
        allowed = ALLOWED * group.card.error
        return {
            "kind": group.card.kind, "card": group.card.name, "count": len(group.variants),
            "predicted_pj": float(compared.predicted_pj.sum(1).mean()),
            "gate_pj": float(compared.gate_pj.sum(1).mean()), "error": compared.error,
            "constant_error": compared.constant_error,
            "windows_mean": float(windows.mean()) if len(windows) else None,
            "windows_p95": float(np.percentile(windows, 95)) if len(windows) else None,
            "stated": group.card.error, "allowed": allowed,
            "instances": [{"path": path, "predicted_pj": mine, "gate_pj": true,
                           "error": mine / true - 1} for path, mine, true in
                          zip(paths, compared.predicted_pj.mean(0).tolist(),
                              compared.gate_pj.mean(0).tolist(), strict=True)]}

    @property
    def _period_ns(self):
        return self.core.manifest["clock"]["period_ns"]

    def _gate_pj(self, unit):
        """``float[cycles, components]``, leakage included."""
        module = self.core.module(unit.path)
        if module not in self.gates:
            self.gates[module] = GateLevel(self.core, unit.path, self.library,
                                           self.folder / module, wire_f_per_fanout=self.wire_f)
        inside = [path.removeprefix(unit.path).lstrip(".") for path in unit.components]
        run = self.gates[module].at(unit.path).run(
            self.window.recording, self.window.start, self.window.end, self.folder / "replay",
            groups=inside)
        return run.energy_pj + run.leakage_w * _W_TO_PJ_PER_NS * self._period_ns

    def _predicted_pj(self, paths, variants):
        """The same by the cards, from what the components' nets were at RTL."""
        signals = {path: [name for name in self.core.nets(path) if name in _inputs(variant.model)]
                   for path, variant in zip(paths, variants, strict=True)}
        values = self.window.recording.values(
            [f"{path}.{name}" for path, names in signals.items() for name in names],
            self.window.start - 1, self.window.end)
        dynamic = [variant.model.energy_pj({name: values[f"{path}.{name}"]
                                            for name in signals[path]})
                   for path, variant in zip(paths, variants, strict=True)]
        return np.stack(dynamic, axis=1) + self._leakage_pj(variants)

    def _leakage_pj(self, variants):
        """A cycle of each."""
        return np.array([variant.leakage_nw * 1e-6 * self._period_ns for variant in variants])


def _inputs(model):
    """Nets that a model needs, also those of products."""
    return set(model.toggles) | {net for product in model.multipliers
                                 for net in (product.plain, product.recoded)}


def _units(core, group):
    """The `_Unit` of every component of a card.

    The elements of an array are in their column. Other components are in what the card's netlist
    was, which lies as deep below the top.
    """
    meshes = {component["path"] for component in core.manifest["components"]
              if component["kind"] == "mesh"}
    depth = group.card.fitted.scope.count(".") + 1
    inside = defaultdict(list)
    for path in group.variants:
        around, column = ".".join(path.split(".")[:depth]), path.rpartition(".")[0]
        inside[column if around in meshes - {column} else around].append(path)
    return [_Unit(path, tuple(components)) for path, components in inside.items()]


def _sample(core, units, size, seed):
    """Units of ``size`` components or a little more, by turns of the modules that they are of."""
    random = np.random.default_rng(seed)
    by_module = defaultdict(list)
    for index in random.permutation(len(units)).tolist():
        by_module[core.module(units[index].path)].append(units[index])
    turns = sorted((turn, order, unit) for order, found in enumerate(by_module.values())
                   for turn, unit in enumerate(found))
    chosen, components = [], 0
    for _, _, unit in turns:
        if components < size:
            chosen.append(unit)
            components += len(unit.components)
    return chosen
