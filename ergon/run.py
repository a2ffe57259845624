"""One simulated workload: compiled, run, compared with the golden model, summed up."""

from collections import defaultdict
from dataclasses import replace
from math import ceil

import numpy as np

from compiler.chains import compile_chains, input_tensors
from compiler.converters import with_converters
from compiler.data_cycles import with_data
from compiler.fit import fitted
from compiler.row_stationary.by_hand import with_mappings
from compiler.workload import Formats, load_chains, load_workload
from generators.errors import UserError
from hw.cim.analog.parameters import AnalogCimParameters
from sim.calibration import calibrate
from sim.golden.on_core import run_on_core
from sim.runner import simulate

__all__ = ["RECORDED_CYCLES", "accuracy", "chains_for", "compare", "compile_for", "core_formats",
           "layer_costs", "measured_and_sample", "recorded_segments", "run_program", "sample_plan",
           "summarize"]

# Activity of longer programs is recorded in part, see `recorded_segments`: what a laptop records
# and reads in a few seconds.
RECORDED_CYCLES = 12_000
LEAST_DRAWN = 3  # segments of a stratum, where it has so many
CALIBRATION_IMAGES = 32
# An hour or so of Verilator's time.
MOST_CYCLES = 200_000_000


def core_formats(parameters):
    """The `Formats` of a core."""
    engine = parameters.engine
    return Formats(engine.inputs, engine.weights, parameters.multiplier_bits)


def chains_for(parameters, workload, seed, images=None, mapping=None):
    """The chains of a workload in a core's formats, with the mappings of a file, if there is one.
    """
    chains = load_chains(workload, seed, core_formats(parameters), images)
    return with_mappings(chains, parameters, mapping) if mapping else chains


def compile_for(parameters, manifest, workload, seed, *, images=None, keep=False, mapping=None):
    """The chains of a workload with their data, and the `Program` of all of them for a core."""
    chains = chains_for(parameters, workload, seed, images, mapping)
    if isinstance(parameters.engine, AnalogCimParameters):
        chains = tuple(_calibrated(chain, parameters, workload, seed) for chain in chains)
    least = int(sum(chain.macs for chain in chains) / parameters.geometry.macs_per_cycle)
    if least > MOST_CYCLES:
        raise UserError(f"{workload}: takes {least:,} cycles or more on {parameters.name}, and "
                        f"simulation ends at {MOST_CYCLES:,}; predict it (`ergon predict`), or use "
                        "a smaller workload (NAME@2 is half the size) or a larger array")
    program = compile_chains(parameters, manifest["program"], chains, keep=keep)
    if parameters.engine.cycles_depend_on_data:
        inputs, _ = _golden(parameters, chains, program)
        program = with_data(program, parameters, manifest["program"], inputs)
    return chains, program


def _calibrated(chain, parameters, workload, seed):
    """The chain with settings of an analog engine's converters.

    Where there are labels, and with them an accuracy, other images decide than those that run.
    """
    sample = chain
    if chain.labels is not None:
        _, sample = measured_and_sample(workload, seed, parameters, chain.images)
    return with_converters(chain, parameters.engine,
                           calibrate(fitted(sample, parameters), parameters.engine))


def measured_and_sample(workload, seed, parameters, images):
    """A labelled workload of so many images, and one of others to calibrate converters with."""
    loaded = load_workload(workload, seed, core_formats(parameters), images + CALIBRATION_IMAGES)
    return tuple(replace(loaded, inputs=loaded.inputs[part],
                         labels=None if loaded.labels is None else loaded.labels[part])
                 for part in (slice(images), slice(images, None)))


def recorded_segments(program, most=RECORDED_CYCLES, seed=0):
    """The segments whose activity is recorded: all of them, or a random sample of each stratum.

    A stratum is all segments that compute tiles of the same layers, for all images. As large a
    part of each is drawn as ``most`` is of the program's cycles, rounded up to whole segments, and
    three at least, whose differences show how much the others may differ.

    Parameters
    ----------
    program: compiler.program.Program
    most: int
        Clock cycles; a longer program is sampled.
    seed: int
        Of the draw.

    Returns
    -------
    list of int
        In the order of the program.
    """
    if program.cycles <= most:
        return list(range(len(program.segments)))
    random = np.random.default_rng(seed)
    drawn = []
    for members in _strata(program).values():
        share = max(LEAST_DRAWN, ceil(len(members) * most / program.cycles))
        drawn += random.permutation(members)[:share].tolist()
    return sorted(drawn)


def sample_plan(program, recorded):
    """What `energy.sampling` needs to know of a sample, as plain data.

    Returns
    -------
    dict
        ``strata``, a list of their ``layers``, ``runs`` and ``cycles``; and ``recorded``, the
        ``stratum`` (its index), ``cycles`` and ``macs`` of each recorded run.
    """
    segments = program.segments
    strata = _strata(program)
    index = {number: stratum for stratum, members in enumerate(strata.values())
             for number in members}
    return {"strata": [{"layers": list(layers), "runs": len(members),
                        "cycles": sum(segments[number].cycles for number in members)}
                       for layers, members in strata.items()],
            "recorded": [{"stratum": index[number], "cycles": segments[number].cycles,
                          "macs": sum(job.macs for job in segments[number].jobs)}
                         for number in recorded]}


def _strata(program):
    """Numbers of the segments that have the layers of their jobs in common, by those layers."""
    strata = defaultdict(list)
    for number, segment in enumerate(program.segments):
        strata[tuple(dict.fromkeys(job.layer for job in segment.jobs))].append(number)
    return strata


def run_program(manifest_path, chains, program, **options):
    """Simulate a program on its chains' images; see `sim.runner.simulate`."""
    return simulate(manifest_path, program, input_tensors(chains), **options)


def compare(parameters, chains, program, result):
    """Numbers that the core computed and that differ from the golden model's, and how many."""
    stored = {transfer.tensor for segment in program.segments for transfer in segment.stores}
    compared = mismatches = 0
    _, outputs = _golden(parameters, chains, program)
    for layer, tensors in outputs.items():
        for image, expected in enumerate(tensors):
            name = f"{layer}@{image}"
            if name in stored:
                compared += expected.size
                mismatches += int(np.count_nonzero(result.tensors[name] != expected))
    return compared, mismatches


def accuracy(workload, result):
    """The part of the images whose largest output on the core is their label's."""
    last = workload.layers[-1].name
    outputs = [result.tensors[f"{last}@{image}"].reshape(-1) for image in range(workload.images)]
    return float(np.mean(np.argmax(outputs, axis=1) == workload.labels))


def _golden(parameters, chains, program):
    """What each layer reads and writes, by its name."""
    inputs, outputs = {}, {}
    for chain in chains:
        read, written = run_on_core(parameters.engine, program, chain.layers, chain.inputs)
        inputs |= read
        outputs |= written
    return inputs, outputs


def summarize(parameters, chains, program, result, segments):
    """What the runs of some segments cost, and each layer's part of it, as plain data."""
    runs = [result.runs[number] for number in segments]
    plans = [program.segments[number] for number in segments]
    peak = parameters.geometry.macs_per_cycle
    cycles = sum(run.cycles for run in runs)
    macs = sum(job.macs for plan in plans for job in plan.jobs)
    accesses = {}
    for memory in program.accesses:
        reads, writes = (sum(run.accesses[memory][way] for run in runs) for way in (0, 1))
        predicted = [sum(plan.accesses[memory][way] for plan in plans) for way in (0, 1)]
        accesses[memory] = {"reads": reads, "writes": writes, "predicted_reads": predicted[0],
                            "predicted_writes": predicted[1]}
    return {"cycles": cycles, "predicted_cycles": sum(plan.cycles for plan in plans),
            "macs": macs, "peak_macs_per_cycle": peak,
            "utilization": macs / (peak * cycles), "accesses": accesses,
            "layers": layer_costs(chains, [(plan, 1) for plan in plans], parameters)}


def layer_costs(chains, counts, core):
    """The predicted cost of each layer, as plain data.

    Where the compiler has chosen a mapping, it is that of the layer's longest job.

    Parameters
    ----------
    chains: tuple of Workload
    counts: iterable of (Segment, int)
        Segments and how often they run.
    core: CoreParameters
    """
    peak = core.geometry.macs_per_cycle
    totals = defaultdict(lambda: {"cycles": 0, "macs": 0, "dataflow": None,
                                  "accesses": defaultdict(lambda: {"reads": 0, "writes": 0})})
    longest = {}
    for segment, times in counts:
        for job in segment.jobs:
            layer = totals[job.layer]
            layer["cycles"] += times * job.cycles
            layer["macs"] += times * job.macs
            layer["dataflow"] = job.dataflow
            if job.mapping.choices and job.cycles > longest.get(job.layer, 0):
                longest[job.layer], layer["mapping"] = job.cycles, job.mapping.choices
            if job.mapping.hops is not None:
                layer["hops"] = layer.get("hops", 0) + times * job.mapping.hops
            for memory, (reads, writes) in job.accesses.items():
                layer["accesses"][memory]["reads"] += times * reads
                layer["accesses"][memory]["writes"] += times * writes
    return [{"name": layer.name, "kind": layer.kind, **totals[layer.name],
             "input_bits": layer.input_bits(core.engine.inputs),
             "utilization": totals[layer.name]["macs"] / (peak * totals[layer.name]["cycles"])}
            for chain in chains for layer in chain.layers if layer.name in totals]
