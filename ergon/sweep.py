"""Accuracy, cycles and energy of a workload on an analog core, over converters and active rows."""

import numpy as np

from compiler.compile import compile_workload
from compiler.converters import with_converters
from compiler.fit import fitted
from energy.predicted import predicted_parts
from energy.technology import load_technology
from generators.config import accelerator_model, load_config
from generators.derive import derive
from generators.errors import UserError
from generators.manifest import core_manifest
from hw.core import Core
from sim.calibration import calibrate
from sim.golden.analog_layers import driven_ones
from sim.golden.layers import Accumulation
from sim.golden.network import run_workload
from sim.golden.on_core import run_on_core

from .catalog import core_file
from .run import chains_for, measured_and_sample

__all__ = ["sweep"]

LIMITS = {"adc_bits": (2, 12), "rows_active": (8, 256)}


def sweep(config, workload, *, adc_bits, rows_active, images, seed, technology, view):
    """Run the golden model and the cost model of an analog core at every point of a grid.

    The golden model equals the RTL bit for bit and the cycles equal the RTL's, so that nothing has
    to be simulated. At each point the converters are calibrated, on images that are not measured.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project; with an analog engine.
    workload: str
        A network with labels.
    adc_bits, rows_active: sequence of int
        Values of these keys of the ``engine`` section.
    images: int
        How many are measured.
    seed: int
        Of random data.
    technology: str
        A YAML file, or a name.
    view: ergon.console.View
        Shows the steps.

    Returns
    -------
    dict
        ``config, workload, images, exact_accuracy`` (of digital arithmetic), ``technology,
        not_priced`` and ``points``: for each ``rows_active, adc_bits, accuracy, cycles_per_image,
        energy_pj_per_image, low_pj, high_pj, adc_share`` and ``converters`` by layer.

    Raises
    ------
    UserError
        With every point that makes no core, before anything runs.
    """
    cores = _cores(config, {"adc_bits": adc_bits, "rows_active": rows_active})
    _, first = cores[0]
    if chains_for(first, workload, None, images=1)[0].labels is None:
        raise UserError(f"workload: {workload} has no labels, so that there is no accuracy; use "
                        "digits or another network")
    measured, sample = measured_and_sample(workload, seed, first, images)
    priced = load_technology(technology)
    engine = first.engine
    exact = run_workload(measured, Accumulation(engine.accumulator.bits, engine.overflow.value))
    points = []
    for accelerator, core in cores:
        point = {"rows_active": core.engine.rows_active, "adc_bits": core.engine.adc_bits}
        with view.step(f"{point['rows_active']} rows active, {point['adc_bits']}-bit converters"):
            points.append(point | _measure(accelerator, core, measured, sample, priced))
    return {"config": cores[0][0].name, "workload": measured.name, "images": images,
            "exact_accuracy": float(np.mean(exact.predictions == measured.labels)),
            "technology": priced.name, "not_priced": "registers, control, clock, wires, leakage",
            "points": points}


def _cores(config, grid):
    """Configuration and hardware parameters of every point, rows first."""
    accelerator = load_config(core_file(config))
    if accelerator.engine.kind != "analog_cim":
        raise UserError(f"engine.kind: {accelerator.engine.kind} has no converters to sweep; use "
                        "a core with an analog_cim engine")
    problems = [f"{name}: {value} is out of range; use {low} to {high}"
                for name, (low, high) in LIMITS.items() for value in grid[name]
                if not low <= value <= high]
    if problems:
        raise UserError(problems)
    cores = []
    for rows in grid["rows_active"]:
        for bits in grid["adc_bits"]:
            document = accelerator.model_dump(mode="json", exclude_none=True)
            document["engine"] |= {"rows_active": rows, "adc_bits": bits}
            variant = accelerator_model().model_validate(document)
            try:
                cores.append((variant, derive(variant)))
            except UserError as error:
                problems += error.messages
    if problems:
        raise UserError(dict.fromkeys(problems))
    return cores


def _measure(accelerator, core, measured, sample, technology):
    """Accuracy, cycles and energy of one core."""
    converters = calibrate(fitted(sample, core), core.engine)
    workload = with_converters(measured, core.engine, converters)
    encoding = core_manifest(accelerator, core, Core(core), [])["program"]
    program = compile_workload(core, encoding, workload)
    inputs, outputs = run_on_core(core.engine, program, workload.layers, workload.inputs)
    found = outputs[workload.layers[-1].name].reshape(workload.images, -1).argmax(axis=1)
    ones = sum(driven_ones(layer, inputs[layer.name], core.engine, program)
               for layer in workload.layers)
    parts = predicted_parts(core, program, ones, technology)
    total = sum(part.fixed_pj for part in parts)
    conversions = sum(part.fixed_pj for part in parts if part.part == "conversions")
    return {
        "accuracy": float(np.mean(found == workload.labels)),
        "cycles_per_image": program.cycles / workload.images,
        "energy_pj_per_image": total / workload.images,
        "low_pj": sum(part.fixed_pj / part.error_factor for part in parts) / workload.images,
        "high_pj": sum(part.fixed_pj * part.error_factor for part in parts) / workload.images,
        "adc_share": conversions / total,
        "converters": {name: {"low": converter.low, "step": converter.step}
                       for name, converter in converters.items()},
    }
