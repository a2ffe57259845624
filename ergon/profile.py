"""Power over time: what the calibrated components of a core draw, window by window.

Monitors beside the core (`generators.monitors`) price the toggles of every window while the
workload runs, by the same cards as `ergon energy` does those of whole runs.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import ceil

import numpy as np

from compiler.segment import job_starts
from compiler.workload import workload_title
from energy.calibrated import calibrated
from energy.cards import load_cards
from energy.monitors import card_monitors, read_monitors
from energy.parts import kind_name
from energy.technology import available_technologies, load_technology
from generators.errors import UserError

from .gate_level.component import generated_core
from .libraries import chosen_cards
from .run import compare, compile_for, run_program

__all__ = ["Profile", "profile"]

MOST_WINDOWS = 1_000_000    # some 30 MB of text


@dataclass(frozen=True, eq=False)
class Profile:
    """Energy of every window of a workload, in the order of time.

    Parameters
    ----------
    summary: dict
        What was run and with which cards, see `profile`.
    period_ns: float
    kinds: tuple of str
        Kinds of components, as in the columns of ``energies_pj``; the one with the most energy
        first.
    runs, cycles: numpy.ndarray
        Run and length of each window, as [windows].
    energies_pj: numpy.ndarray
        [windows, kinds].
    floor_mw: float
        Clock and leakage of all components, which no data change.
    starts: numpy.ndarray
        Cycles, from the beginning of the first run on, in which a job begins.
    layers: tuple of str
        The layers of those jobs.
    """

    summary: dict
    period_ns: float
    kinds: tuple[str, ...]
    runs: np.ndarray
    cycles: np.ndarray
    energies_pj: np.ndarray
    floor_mw: float
    starts: np.ndarray
    layers: tuple[str, ...]

    @property
    def begins(self):
        """First cycle of each window, from the beginning of the first run on."""
        return np.cumsum(self.cycles) - self.cycles

    @property
    def first_cycles(self):
        """First cycle of each window in its run."""
        _, first, run = np.unique(self.runs, return_index=True, return_inverse=True)
        return self.begins - self.begins[first[run]]

    @property
    def powers_mw(self):
        """Mean power of each kind in each window, as [windows, kinds]."""
        return self.energies_pj / (self.cycles * self.period_ns)[:, None]

    @property
    def window_layers(self):
        """The layer in the middle of each window."""
        jobs = np.searchsorted(self.starts, self.begins + self.cycles // 2, "right") - 1
        return np.array(self.layers)[jobs]

    @property
    def peak(self):
        """Index of the window with the highest power; what a run's end cuts short is none."""
        whole = self.cycles == self.cycles.max()
        return int(np.argmax(np.where(whole, self.powers_mw.sum(axis=1), -np.inf)))

    def mean_mw(self, chosen=slice(None)):
        """Mean power in the chosen windows."""
        return float(self.energies_pj[chosen].sum()
                     / (self.cycles[chosen].sum() * self.period_ns))

    def to_dict(self):
        """The summary, and the figures that follow from the windows."""
        peak, total = self.peak, float(self.energies_pj.sum())
        powers, layers = self.powers_mw.sum(axis=1), self.window_layers
        return {
            **self.summary, "windows": len(self.runs), "energy_pj": total,
            "mean_mw": self.mean_mw(), "floor_mw": self.floor_mw,
            "peak": {"power_mw": float(powers[peak]), "run": int(self.runs[peak]),
                     "cycle": int(self.first_cycles[peak]), "cycles": int(self.cycles[peak]),
                     "layer": str(layers[peak])},
            "kinds": dict(zip(self.kinds, self.energies_pj.sum(axis=0).tolist(), strict=True)),
            "layers": [{"name": name, "cycles": int(self.cycles[chosen].sum()),
                        "energy_pj": float(self.energies_pj[chosen].sum()),
                        "mean_mw": self.mean_mw(chosen), "peak_mw": float(powers[chosen].max())}
                       for name in dict.fromkeys(layers.tolist())
                       for chosen in [layers == name]],
        }


def profile(config, workload, *, technology, cards=None, simulator, window_cycles, seed,
            mapping=None, out, view):
    """Run a workload with monitors on all components that have calibration cards.

    All runs are monitored, and all results compared with the golden model.

    Parameters
    ----------
    config, workload, simulator, seed, mapping, out, view
        See `ergon.flow.simulate`.
    technology: str
        A YAML file, or a name.
    cards: str or Path or None
        Folder of calibration cards in place of the technology's own.
    window_cycles: int
        Length of a window; the last one of a run may be shorter.

    Returns
    -------
    Profile
        Its summary: ``config, workload, simulator, seed, runs, compared, mismatches, cycles,
        predicted_cycles, cycles_per_second`` (of the simulator), ``technology, period_ns,
        window_cycles``; ``cards``, each with ``name, kind, instances, energy_pj, worst,
        windows_mean, windows_p95`` (held-out errors, of windows of 10 cycles and of totals);
        ``calibrated, components``, how many there are; ``without``, the kinds of the others with
        their numbers; ``uncalibrated``, those that cards of their kind do not fit.
    Path
        The folder of the run.

    Raises
    ------
    UserError, SimulationFailed, SimulatorFailed
    """
    technology = load_technology(technology)
    known = chosen_cards(technology, cards)
    with view.step(f"Generating {config}"):
        core = generated_core(config, out)
    found = calibrated(core.manifest, known)
    if not found.groups:
        raise UserError(_no_card(core.manifest, technology, found))
    with view.step(f"Compiling {workload}"):
        chains, program = compile_for(core.parameters, core.manifest, workload, seed,
                                      mapping=mapping)
    _check_windows(program, window_cycles)
    period_ns = core.manifest["clock"]["period_ns"]
    monitors, scales = card_monitors(found.groups, period_ns, window_cycles=window_cycles)
    folder = core.path.parent / f"run_{workload_title(workload)}"
    with view.step(f"Running {len(program.segments)} runs, {program.cycles:,} cycles, under "
                   f"{simulator} with monitors"):
        result = run_program(core.path, chains, program, simulator=simulator, seed=seed,
                             monitors=monitors, folder=folder)
    with view.step("Comparing with the golden model"):
        compared, mismatches = compare(core.parameters, chains, program, result)
    windows = read_monitors(result.monitors, scales)
    energies_pj = 1e12 * windows.energies_j
    by_card = _summed(energies_pj, [name.partition(":")[0] for name in windows.groups])
    kinds = {group.card.name: group.card.kind for group in found.groups}
    by_kind = _summed(np.stack(list(by_card.values()), axis=1), [kinds[name] for name in by_card])
    order = sorted(by_kind, key=lambda kind: -by_kind[kind].sum())
    starts, layers = _jobs(program, result, core.manifest["program"])
    summary = {
        "config": core.manifest["name"], "workload": workload_title(workload),
        "simulator": result.simulator, "seed": seed, "runs": len(program.segments),
        "compared": compared, "mismatches": mismatches, "cycles": result.cycles,
        "predicted_cycles": program.cycles, "cycles_per_second": result.cycles_per_second,
        "technology": technology.name, "period_ns": period_ns, "window_cycles": window_cycles,
        "cards": [_about(group, by_card[group.card.name]) for group in found.groups],
        **_coverage(core.manifest, found), "uncalibrated": list(found.refused)}
    return Profile(
        summary=summary, period_ns=period_ns, kinds=tuple(order), runs=windows.runs,
        cycles=windows.cycles, energies_pj=np.stack([by_kind[kind] for kind in order], axis=1),
        floor_mw=1e12 * sum(scale.cycle_j for scale in scales.values()) / period_ns,
        starts=starts, layers=layers), folder


def _about(group, energies_pj):
    """A card with what its components took, and the errors that it states."""
    card = group.card
    return {"name": card.name, "kind": card.kind, "instances": len(group.variants),
            "energy_pj": float(energies_pj.sum()), "worst": card.error,
            **{name: max(getattr(error, name) for error in card.errors)
               for name in ("windows_mean", "windows_p95")}}


def _no_card(manifest, technology, found):
    """The sentence for a core that no card of a technology fits."""
    others = [name for name in available_technologies() if name != technology.name
              and calibrated(manifest, load_cards(name)).groups]
    more = f", and {len(found.refused) - 1} more" if len(found.refused) > 1 else ""
    why = f" ({found.refused[0]}{more})" if found.refused else ""
    use = f"{', '.join(others)} or " if others else ""
    return (f"technology: {technology.name} has no calibration card for any component of "
            f"{manifest['name']}{why}; use {use}cards of your own, see `ergon calibrate` and "
            "--cards")


def _check_windows(program, window_cycles):
    windows = sum(ceil(segment.cycles / window_cycles) for segment in program.segments)
    if windows > MOST_WINDOWS:
        # A run's last window may be short.
        least = ceil(program.cycles / max(1, MOST_WINDOWS - len(program.segments)))
        raise UserError(f"--window: {window_cycles:,} cycles make {windows:,} windows, above "
                        f"{MOST_WINDOWS:,}; use {least:,} or more, or a smaller workload (NAME@2 "
                        "is half the size)")


def _summed(columns, names):
    """The columns of each name, added up: name to [windows]."""
    sums = defaultdict(float)
    for column, name in zip(columns.T, names, strict=True):
        sums[name] = sums[name] + column
    return dict(sums)


def _jobs(program, result, encoding):
    """When jobs begin, in cycles since the beginning of the first run, and their layers."""
    starts, layers, begin = [], [], 0
    for segment, run in zip(program.segments, result.runs, strict=True):
        starts += [begin + start for start in job_starts(segment.jobs, encoding)]
        layers += [job.layer for job in segment.jobs]
        begin += run.cycles
    return np.array(starts), tuple(layers)


def _coverage(manifest, found):
    """How many components are calibrated, and of which kinds the others are.

    What only holds calibrated components is none of them, nor is what lies inside of one.
    """
    priced = {path for group in found.groups for path in group.variants}
    others = Counter(
        component["kind"] for component in manifest["components"]
        if component["path"] not in found.paths
        and not any(path.startswith(f"{component['path']}.") for path in priced))
    return {"calibrated": len(priced), "components": len(priced) + sum(others.values()),
            "without": {kind_name(kind): count for kind, count in others.most_common()}}
