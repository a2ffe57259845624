"""One simulated workload: compiled, run, compared with the golden model, summed up."""

from collections import defaultdict
from itertools import accumulate

import numpy as np

from compiler.compile import compile_workload
from compiler.workload import Formats, load_workload
from generators.derive import Dataflow
from generators.errors import UserError
from sim.golden.layers import Accumulation, run_layer
from sim.runner import simulate

__all__ = ["RECORDED_CYCLES", "compare", "compile_for", "recorded_segments",
           "run_program", "summarize"]

# Activity is recorded from the first run on until this many cycles: what a laptop records and
# reads in about ten seconds. The report says which part of the workload it prices.
RECORDED_CYCLES = 12_000
# An hour or so of Verilator's time.
MOST_CYCLES = 200_000_000


def compile_for(parameters, manifest, workload, seed, *, images=None, keep=False):
    """The `Workload` with its data, and its `Program` for a core."""
    formats = Formats(parameters.engine.inputs, parameters.engine.weights,
                      parameters.multiplier_bits)
    loaded = load_workload(workload, seed, formats, images)
    least = loaded.macs // parameters.geometry.macs_per_cycle
    if least > MOST_CYCLES:
        raise UserError(f"{workload}: takes {least:,} cycles or more on {parameters.name}, and "
                        f"simulation ends at {MOST_CYCLES:,}; use a smaller workload or a larger "
                        "array")
    return loaded, compile_workload(parameters, manifest["program"], loaded, keep=keep)


def recorded_segments(program):
    """The segments whose activity is recorded: from the first on, at least one."""
    ends = accumulate(segment.cycles for segment in program.segments)
    return [number for number, (segment, end) in enumerate(zip(program.segments, ends, strict=True))
            if end - segment.cycles < RECORDED_CYCLES]


def run_program(manifest_path, workload, program, **options):
    """Simulate a program on its workload's images; see `sim.runner.simulate`."""
    tensors = {f"input@{image}": pixels for image, pixels in enumerate(workload.inputs)}
    return simulate(manifest_path, program, tensors, **options)


def compare(parameters, workload, program, result):
    """Numbers that the core computed and that differ from the golden model's, and how many."""
    engine = parameters.engine
    flows = {job.layer: job.dataflow for segment in program.segments for job in segment.jobs}
    stored = {transfer.tensor for segment in program.segments for transfer in segment.stores}
    compared = mismatches = 0
    tensors = workload.inputs
    for layer in workload.layers:
        exact_terms = engine.geometry(Dataflow(flows[layer.name])).exact_terms
        tensors = run_layer(layer, tensors, Accumulation(
            engine.accumulator.bits, engine.overflow.value, exact_terms)).outputs
        for image, expected in enumerate(tensors):
            name = f"{layer.name}@{image}"
            if name in stored:
                compared += expected.size
                mismatches += int(np.count_nonzero(result.tensors[name] != expected))
    return compared, mismatches


def summarize(parameters, workload, program, result, segments):
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
            "layers": _layers(workload, plans, peak)}


def _layers(workload, plans, peak):
    """The predicted cost of each layer; the runs as a whole have been checked against it."""
    totals = defaultdict(lambda: {"cycles": 0, "macs": 0, "dataflow": None,
                                  "accesses": defaultdict(lambda: {"reads": 0, "writes": 0})})
    for plan in plans:
        for job in plan.jobs:
            layer = totals[job.layer]
            layer["cycles"] += job.cycles
            layer["macs"] += job.macs
            layer["dataflow"] = job.dataflow
            for memory, (reads, writes) in job.accesses.items():
                layer["accesses"][memory]["reads"] += reads
                layer["accesses"][memory]["writes"] += writes
    return [{"name": layer.name, "kind": layer.kind, **totals[layer.name],
             "utilization": totals[layer.name]["macs"] / (peak * totals[layer.name]["cycles"])}
            for layer in workload.layers if layer.name in totals]
