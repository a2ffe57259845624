"""Energy of one run: activity of the simulation x energies of a technology.

Components that a calibration card fits are priced by it, all others by the constants of the
technology.
"""

from dataclasses import asdict, dataclass, replace

from .calibrated import calibrated
from .cards import load_cards
from .caveats import not_priced, notes
from .checks import check_activity, check_run
from .efficiency import efficiency
from .figure import band, describe
from .layers import split
from .memories import memory_parts
from .parts import Part
from .pricing import clock_parts, constant_parts, operations
from .roofline import roofline
from .technology import Technology

__all__ = ["Report", "annotate"]

_UNCALIBRATED_FACTOR = 2  # at least, where a card of another component must not be stretched

@dataclass(frozen=True)
class Report:
    """Energy of a run, with what is needed to judge it.

    Parameters
    ----------
    run: dict
        The simulation's result as it was given to `annotate`.
    parts: tuple of Part
        Energy by component, most expensive first.
    layers: tuple of dict
        The run's layers with ``utilization``, ``fixed_pj``, ``activity_pj``, ``pj_per_mac`` and
        ``parts`` (activity energy by label of the part).
    outside: dict
        The energy that belongs to no layer, with the same keys as a layer's energy.
    technology: Technology
    activity_cycles: float
        Clock cycles that the activity covers.
    source: str
        The activity file.
    not_priced: tuple of str
    notes: tuple of str
        What a reader of this run's figures should know.
    roofline: dict
        See `energy.roofline.roofline`.
    efficiency: dict or None
        See `energy.efficiency.efficiency`.
    figure: dict
        What the figures are; see `energy.figure.describe`.
    """

    run: dict
    parts: tuple[Part, ...]
    layers: tuple[dict, ...]
    outside: dict
    technology: Technology
    activity_cycles: float
    source: str
    not_priced: tuple[str, ...]
    notes: tuple[str, ...]
    roofline: dict
    efficiency: dict | None
    figure: dict

    @property
    def total_pj(self):
        """Energy by calibration cards, and activity-scaled elsewhere."""
        return sum(part.activity_pj for part in self.parts)

    @property
    def baseline_total_pj(self):
        """Fixed energy per action."""
        return sum(part.fixed_pj for part in self.parts)

    def per_mac(self, energy_pj):
        """Energy per useful multiply-accumulate; None for a run without any."""
        return energy_pj / self.run["macs"] if self.run["macs"] else None

    @property
    def error(self):
        """How far the total may be off; see `energy.figure.band`."""
        return band(self.parts, self.technology)

    def to_dict(self):
        """The report as plain data: the run's keys and those of the energy."""
        file = self.technology.file
        return {
            **self.run,
            "total_pj": self.total_pj, "pj_per_mac": self.per_mac(self.total_pj),
            "baseline_total_pj": self.baseline_total_pj,
            "baseline_pj_per_mac": self.per_mac(self.baseline_total_pj),
            "error": self.error, "figure": self.figure, "efficiency": self.efficiency,
            "components": [asdict(part) for part in self.parts],
            "layers": list(self.layers), "outside_layers": self.outside,
            "activity": {"source": self.source, "cycles": self.activity_cycles},
            "roofline": self.roofline,
            "technology": {**file.model_dump(), "rules": list(self.technology.rules())},
            "not_priced": list(self.not_priced), "notes": list(self.notes),
        }


def annotate(manifest, activity, run, technology, registers, cards=None):
    """Price a run.

    Parameters
    ----------
    manifest: dict
        The generated core's manifest.
    activity: Activity
        Of a simulation of that core; see `energy.reading.read_activity`.
    run: dict
        The simulation's result: ``config``, ``workload``, ``cycles``, ``macs``,
        ``peak_macs_per_cycle`` and ``layers``, a list of ``name``, ``cycles``, ``macs`` and
        ``accesses`` (memory name to ``reads`` and ``writes``, in words). Optional are
        ``host_bytes``, what the host moves in and out; ``sampling``, where the activity is a
        sample of all runs, see `energy.sampling.sampling`; and a layer's ``input_bits``, if its
        inputs take fewer steps than the engine's format would. All keys are passed on.
    technology: Technology
    registers: iterable of str
        Paths of the core's registers; see `energy.netlist.register_paths`.
    cards: iterable of Card or None
        Calibration cards; None for those that come with the technology.

    Raises
    ------
    UserError
        Where the three do not belong together.
    """
    check_run(run)
    check_activity(manifest, activity, run)
    registers = tuple(registers)
    counts = operations(manifest, activity, run["macs"])
    found = calibrated(manifest, load_cards(technology.name) if cards is None else tuple(cards))

    def by_constants(paths):
        return constant_parts(manifest, activity, registers, counts, technology, paths)

    every = {"", *(component["path"] for component in manifest["components"])}
    stored, unseen = by_constants(every - found.paths)
    parts = [*_widened(stored, found.refused_kinds), *memory_parts(manifest, activity, technology),
             *clock_parts(manifest, activity, registers, technology, every - found.clocked_paths)]
    constants_pj = 0.0
    for group in found.groups:
        replaced, _ = by_constants(group.paths)
        constants_pj += sum(part.activity_pj for part in replaced)
        parts += group.parts(activity, manifest["clock"]["period_ns"], counts,
                             sum(part.fixed_pj for part in replaced))
    parts.sort(key=lambda part: -part.activity_pj)
    cycles = activity.duration_ns / manifest["clock"]["period_ns"]
    layers, outside = split(parts, run, cycles)
    return Report(
        run=run, parts=tuple(parts), layers=tuple(layers), outside=outside,
        technology=technology, activity_cycles=cycles, source=activity.source,
        not_priced=tuple(not_priced(manifest, found, technology, unseen)),
        notes=tuple(notes(run, cycles, parts, technology)),
        roofline=roofline(manifest, run),
        efficiency=efficiency(manifest, activity, run, parts, counts, technology),
        figure=describe(manifest, activity, run, technology, parts, found,
                        constants_pj=constants_pj),
    )


def _widened(parts, kinds):
    """The parts, those of some kinds with the error of what has no card."""
    return [replace(part, error_factor=max(part.error_factor, _UNCALIBRATED_FACTOR))
            if part.kind in kinds else part for part in parts]
