"""The cost model: cycles and memory accesses of a job in closed form, equal to the RTL's.

Everything behind an admission has a constant latency, so that cycles follow from the admissions
alone. Cycle 0 is the job's start; its first operands are read in cycle 1 and offered to the engine
in cycle 2. ``interval`` is the number of cycles that post-processing spends on a vector.
"""

from math import prod

import numpy as np

from .schedules import SCHEDULES
from .tile import ceil_div

__all__ = ["job_accesses", "job_cycles", "job_end"]


def job_cycles(mapping, core, latency):
    """Cycles from a job's start to its last result, both included.

    ``latency`` is the manifest's: cycles from an output vector to its write or its way on
    (``accumulate``), from there to the activations (``post``), and from the last vector of a
    square to its transposed first (``transposer``).
    """
    interval = core.post_cycles if mapping.post else 1
    geometry = core.engine.geometry(mapping.flow)
    return job_end(mapping, core, latency,
                   SCHEDULES[mapping.flow].last_admission(mapping, geometry, interval))


def job_end(mapping, core, latency, last):
    """A job's cycles, from that of the last admission."""
    interval = core.post_cycles if mapping.post else 1
    geometry = core.engine.geometry(mapping.flow)
    end = last + geometry.latency + latency["accumulate"]
    if mapping.post:
        if core.pixels_are_lanes:
            end += latency["transposer"] + (geometry.output_lanes - 1) * interval
        end += latency["post"]
    return end + 1


def job_accesses(mapping, core, bases):
    """Reads and writes of each memory; an access is one word of one SRAM."""
    tile = mapping.tile
    vectors = mapping.accumulate.elements
    rounds = next(loop.bound for loop in mapping.accumulate.loops if loop.name == "reduction")
    reads = vectors // rounds * (rounds - 1 + tile.existing)
    writes = vectors // rounds * (rounds - tile.to_post)
    accesses = {
        "activations": (_beats_inside(mapping.inputs, bases.inputs, core) * core.input_words,
                        _words_written(mapping, core)),
        "weights": (mapping.weights.elements, 0),
        "accumulators": (reads, writes),
        "parameters": (_PARAMETER_SRAMS * _parameter_reads(mapping, core), 0),
        "program": (0, 0),
    }
    if core.pixels_are_lanes:
        squares = vectors // rounds * core.output_lanes if mapping.post else 0
        accesses["transposer"] = (squares, squares)
    return accesses


_PARAMETER_SRAMS = 3   # bias, multiplier and shift


def _beats_inside(nest, placement, core):
    """Beats of the input streamer that are not padding: coordinates are independent."""
    count = prod(loop.bound for loop in nest.loops
                 if not {"y", "x"} & loop.strides.keys())
    for axis, extent in (("y", placement.height), ("x", placement.width)):
        positions = np.array([nest.bases[axis]])
        for loop in nest.loops:
            if axis in loop.strides:
                steps = np.arange(loop.bound) * loop.strides[axis]
                positions = (positions[:, None] + steps).reshape(-1)
        count *= int(np.sum(positions % (1 << core.coordinate_bits) < extent))
    return count


def _words_written(mapping, core):
    if not mapping.post:
        return 0
    tile, columns = mapping.tile, core.output_lanes
    full, rest = divmod(tile.channels, columns)
    return tile.pixels * (full * core.output_words + ceil_div(rest, core.word_lanes))


def _parameter_reads(mapping, core):
    if not mapping.post:
        return 0
    if core.post_beats > 1:
        return mapping.post.elements * core.post_beats
    held = prod(loop.bound for loop in mapping.post.loops
                if loop.name in mapping.marks["parameter"])
    return mapping.post.elements // held
