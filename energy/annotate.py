"""Energy of one run: activity of the simulation x energies of a technology."""

from dataclasses import asdict, dataclass

from generators.errors import UserError

from .cim import cim_parts
from .efficiency import efficiency
from .formatting import energy, quantity
from .layers import split
from .memories import memory_parts, scratchpad_parts
from .parts import Part
from .pricing import PRICED_KINDS, arithmetic_parts, operations, register_parts
from .roofline import roofline
from .technology import Technology

__all__ = ["Report", "annotate"]

_RUN_KEYS = ("config", "workload", "cycles", "macs", "peak_macs_per_cycle", "layers")
_NEVER_PRICED = (
    "wires, clock tree, clock pins and leakage",
    "glitches: simulation has no delays",
    "combinational logic other than multipliers and adders: multiplexers, shifters, comparators, "
    "address arithmetic",
    "input and output pins and whatever lies outside the core",
)


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

    @property
    def total_pj(self):
        """Activity-scaled energy."""
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
        total = self.total_pj
        low = sum(part.activity_pj / part.error_factor for part in self.parts)
        high = sum(part.activity_pj * part.error_factor for part in self.parts)
        factor = max(high / total, total / low) if total else self.technology.error_factor
        return {
            "text": f"not calibrated: published constants, good to about a factor of {factor:.2g} "
                    f"either way; no wires, clock tree, leakage or glitches",
            "factor": factor, "low_pj": low, "high_pj": high,
        }

    def to_dict(self):
        """The report as plain data: the run's keys and those of the energy."""
        file = self.technology.file
        return {
            **self.run,
            "total_pj": self.total_pj, "pj_per_mac": self.per_mac(self.total_pj),
            "baseline_total_pj": self.baseline_total_pj,
            "baseline_pj_per_mac": self.per_mac(self.baseline_total_pj),
            "error": self.error, "efficiency": self.efficiency,
            "components": [asdict(part) for part in self.parts],
            "layers": list(self.layers), "outside_layers": self.outside,
            "activity": {"source": self.source, "cycles": self.activity_cycles},
            "roofline": self.roofline,
            "technology": {**file.model_dump(), "rules": list(self.technology.rules())},
            "not_priced": list(self.not_priced), "notes": list(self.notes),
        }


def annotate(manifest, activity, run, technology, registers):
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
        ``host_bytes``, what the host moves in and out, and a layer's ``input_bits``, if its inputs
        take fewer steps than the engine's format would. All keys are passed on.
    technology: Technology
    registers: iterable of str
        Paths of the core's registers; see `energy.netlist.register_paths`.

    Raises
    ------
    UserError
        Where the three do not belong together.
    """
    _check(run)
    counts = operations(manifest, activity, run["macs"])
    stored, unseen = register_parts(manifest, activity, registers, counts, technology)
    parts = [*arithmetic_parts(manifest, activity, counts, technology),
             *cim_parts(manifest, activity, counts, technology), *stored,
             *scratchpad_parts(manifest, activity, technology),
             *memory_parts(manifest, activity, technology)]
    parts.sort(key=lambda part: -part.activity_pj)
    cycles = activity.duration_ns / manifest["clock"]["period_ns"]
    layers, outside = split(parts, run, cycles)
    return Report(
        run=run, parts=tuple(parts), layers=tuple(layers), outside=outside,
        technology=technology, activity_cycles=cycles, source=activity.source,
        not_priced=(*_NEVER_PRICED, *_unpriced(manifest, unseen)),
        notes=tuple(_notes(run, cycles, parts, technology)),
        roofline=roofline(manifest, run),
        efficiency=efficiency(manifest, activity, run, parts, counts, technology),
    )


def _check(run):
    missing = [key for key in _RUN_KEYS if key not in run]
    if missing:
        raise UserError(f"run: {', '.join(missing)} missing; use the JSON that `ergon simulate "
                        f"--json` prints")
    if run["cycles"] < 1:
        raise UserError(f"run: {run['cycles']} cycles is no run; simulate a workload first")


def _unpriced(manifest, unseen):
    """Kinds of which something is left out, as sentences."""
    others = sorted({component["kind"] for component in manifest["components"]}
                    - PRICED_KINDS - {"sram"})
    if others:
        yield f"logic between the registers of {', '.join(others)}"
    for kind, count in sorted(unseen.items()):
        yield f"{count} registers of {kind} that the activity file does not hold"


def _notes(run, cycles, parts, technology):
    yield ("Scaled by activity: multipliers and adders by the toggles of an operand or sum, as a "
           "multiple of what uniform random data toggles (0.5 per bit and operation), and the "
           "registers of what computes. The same in both views: energy per memory access, and all "
           "other registers, which are charged by the toggle.")
    if any(part.kind in ("cim_cells", "analog_columns") for part in parts):
        yield ("Compute-in-memory: as a fixed energy, a word line goes up and down for every 1 "
               "that it carries, and each cell on it makes a product; by activity, word lines and "
               "products of digital cells cost what they toggle, and adders what their sums do. "
               "The same in both views: writes, conversions, and lines of analog cells.")
    yield ("Activity is one total for the whole simulation: it is shared out over the layers by "
           "their accesses, their MACs or, for everything else, their cycles.")
    if run.get("priced_runs", 0) < run.get("runs", 0):
        yield (f"These figures cover the first {run['priced_runs']} of {run['runs']} runs, whose "
               "activity was recorded; all runs were compared with the golden model.")
    if cycles > 1.05 * run["cycles"]:
        yield (f"The activity covers {cycles:,.0f} cycles, the run itself {run['cycles']:,}: "
               f"loading, reading back and idling are priced too, outside the layers.")
    if run.get("host_bytes"):
        low, high = technology.dram_pj(run["host_bytes"])
        yield (f"Were the {quantity(run['host_bytes'])}B that the host loads and reads back DRAM "
               f"traffic, they would cost {energy(low)} to {energy(high)} more.")
    predicted = sum(access[way] for layer in run["layers"] for access in
                    layer["accesses"].values() for way in ("reads", "writes"))
    counted = sum(part.actions for part in parts if part.kind == "sram")
    if predicted > counted:
        yield (f"The layers claim {predicted:,} memory accesses, but only {counted:,.0f} were "
               f"recorded; energy by layer is scaled to what was recorded.")

