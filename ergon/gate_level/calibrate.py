"""Calibrates components: gate-level energy of recorded data, explained by toggles at RTL."""

import numpy as np

from energy.calibration.features import FeatureSet
from energy.calibration.fit import Moments, fit
from energy.calibration.held_out import Comparison, summarize
from energy.cards import Card, Conditions, Fitted, LibraryUsed, Variant
from generators.errors import UserError
from generators.version import VERSION
from sim.simulators import find_simulator

from .bench import FIT, HELD, Bench

__all__ = ["calibrate", "comparisons"]

SEED = 1


def calibrate(name, designs, held_out, kind, library, technology, *, out, view, scope=None):
    """Fit a card to components of some designs, and measure its error on others.

    Parameters
    ----------
    name: str
        Of the card.
    designs, held_out: sequence of str
        Configurations; what is held out has other data too.
    kind: str
        Kind of the component in manifests.
    library: energy.gate_level.library.Library
    technology: Technology
        Says how much wire a net has.
    out: Path
    view: ergon.console.View
    scope: str or None
        See `Bench`.

    Returns
    -------
    card: Card
    comparisons: list of (str, list of Comparison)
        By held-out design.
    """
    variants, netlists = {}, []
    for design in designs:
        bench = Bench(design, kind, scope, out)
        with view.step(f"Mapping {bench.scope} of {bench.name} to {library.name}"):
            gate = bench.gate_level(library, technology)
        netlists.append(gate.mapped.sha256)
        with view.step(f"Simulating {bench.name} at RTL"):
            recording = bench.record(FIT, SEED)
        with view.step(f"Simulating {len(gate.netlist.instances):,} cells"):
            measured = list(bench.measure(gate, recording))
        with view.step("Fitting"):
            for variant in _variants(bench, measured, gate):
                if variant.module in variants:
                    raise UserError(f"{design}: {variant.module} is in a design before it too; "
                                    f"leave one of them out")
                variants[variant.module] = variant
    card = Card(
        version=1, name=name, kind=kind, variants=list(variants.values()), errors=[],
        library=LibraryUsed(name=library.name, sha256=library.sha256,
                            voltage_v=library.voltage_v, temperature_c=library.temperature_c,
                            process=library.process),
        tools={"ergon": VERSION, "yosys": gate.mapped.yosys,
               "icarus": find_simulator("icarus").version},
        conditions=Conditions(
            period_ns=gate.period_ns, input_slew_ns=0.1, glitches=True, clock_tree=False,
            wire_ff_per_fanout=technology.file.wires.ff_per_fanout.typical),
        fitted=Fitted(designs=[Bench.title(design) for design in designs], scope=bench.scope,
                      netlists=netlists, seed=SEED,
                      data_sets=list(dict.fromkeys(data.name for data in measured))))
    found = [(design, comparisons(card, design, library, technology, out=out, view=view,
                                  scope=scope)) for design in held_out]
    errors = [summarize(Bench.title(design), compared) for design, compared in found]
    return card.model_copy(update={"errors": errors}), found


def comparisons(card, design, library, technology, *, out, view, scope=None):
    """A card's energies and those of the gate level, for each held-out data set of a design.

    Returns
    -------
    list of Comparison
    """
    bench = Bench(design, card.kind, scope, out)
    variants = [card.variant(component) for component in bench.components]
    if None in variants:
        raise UserError(f"{design}: {bench.components[variants.index(None)]['path']} is not what "
                        f"card {card.name} was calibrated for; calibrate it too, or hold another "
                        f"design out")
    with view.step(f"Mapping {bench.scope} of {bench.name} to {library.name}"):
        gate = bench.gate_level(library, technology)
    with view.step(f"Simulating {bench.name} at RTL"):
        recording = bench.record(HELD, SEED + 1)
    found = []
    with view.step(f"Simulating {len(gate.netlist.instances):,} cells"):
        for data in bench.measure(gate, recording):
            predicted = np.stack([variant.model.energy_pj(values) for variant, values
                                  in zip(variants, data.values, strict=True)], axis=1)
            constant = float(np.mean([variant.mean_pj for variant in variants]))
            found.append(Comparison(data.name, predicted, data.energy_pj, constant))
    return found


def _variants(bench, measured, gate):
    """One `Variant` for each module among the components."""
    core, components, mapped = bench.core, bench.components, gate.mapped
    groups = {}
    for index, component in enumerate(components):
        groups.setdefault(core.module(component["path"]), []).append(index)
    for module, indices in groups.items():
        component = components[indices[0]]
        clock_pj = float(np.mean(measured[0].clock_pj[indices]))
        distinct = _distinct([data.values[index] for data in measured for index in indices])
        found = []
        for multipliers in core.multipliers(component["path"]):
            features = FeatureSet(distinct, multipliers)
            moments = Moments()
            for data in measured:
                for index in indices:
                    moments.add(data.name, features.matrix(data.values[index]),
                                data.energy_pj[:, index], data.clock_pj[index])
            coefficients, error = fit(moments)
            found.append((error, features.model(clock_pj, coefficients)))
        error, model = min(found, key=lambda pair: pair[0])
        about = mapped.modules[module]
        yield Variant(
            parameters=component["parameters"], module=module, cells=_cells(mapped, module),
            area_um2=round(about.area_um2, 3),
            mean_pj=round(float(np.mean([data.energy_pj[:, indices].mean()
                                         for data in measured])), 6),
            leakage_nw=round(float(np.mean(measured[0].leakage_w[indices])) * 1e9, 6),
            fitted_cycles=sum(len(data.energy_pj) for data in measured) * len(indices),
            left_out_rms=round(error, 4), model=model)


def _distinct(values):
    """Widths of the nets that are no mere copies of others, and that ever move."""
    seen, widths = set(), {}
    for net in values[0]:
        history = b"".join(np.packbits(found[net]).tobytes() for found in values)
        moves = any(np.any(found[net] != found[net][0]) for found in values)
        if moves and history not in seen:
            seen.add(history)
            widths[net] = values[0][net].shape[1]
    return widths


def _cells(mapped, module):
    """Library cells in a module and all below it."""
    about = mapped.modules[module]
    return sum(about.cells.values()) + sum(
        number * _cells(mapped, part) for part, number in about.parts.items()
        if part in mapped.modules)
