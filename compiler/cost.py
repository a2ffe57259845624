"""The cost model: cycles and memory accesses of a job in closed form, equal to the RTL's.

Everything behind an admission has a constant latency, so that cycles follow from the admissions
alone. Cycle 0 is the job's start; its first operands are read in cycle 1 and offered to the engine
in cycle 2. ``interval`` is the number of cycles that post-processing spends on a vector.
"""

from math import prod

import numpy as np

from .tile import ceil_div

__all__ = ["FIRST_BEAT", "job_accesses", "job_cycles"]

FIRST_BEAT = 2


def job_cycles(mapping, core, latency):
    """Cycles from a job's start to its last result, both included.

    ``latency`` is the manifest's: cycles from an output vector to its write or its way on
    (``accumulate``), from there to the activations (``post``), and from the last vector of a
    square to its transposed first (``transposer``).
    """
    interval = core.post_beats if mapping.post else 1
    geometry = core.engine.geometry(mapping.flow)
    if geometry.stationary == "outputs":
        last = _drained(mapping, geometry.input_lanes, interval)
    else:
        last = _streamed(mapping, geometry.stationary_beats, interval)
    end = last + geometry.latency + latency["accumulate"]
    if mapping.post:
        if core.pixels_are_lanes:
            end += latency["transposer"] + (geometry.output_lanes - 1) * interval
        end += latency["post"]
    return end + 1


def _streamed(mapping, beats, interval):
    """Admission of the last vector past a stationary operand of ``beats`` beats.

    A tile's vectors start in the cycle after its swap. The swap comes with the last vector of the
    tile before, unless the tile is still being loaded: loading starts with the swap before and
    takes ``beats`` cycles. Final vectors keep ``interval`` cycles apart, also across tiles. Every
    group of ``final_every`` tiles ends with a final one; groups repeat as soon as the slack
    between the last vector and the next swap does.
    """
    vectors = mapping.vectors
    groups = mapping.stationary_tiles // mapping.final_every
    ordinary = (mapping.final_every - 1) * max(beats, vectors)
    swap, last, slack, period = FIRST_BEAT + beats, -interval, None, 0
    for done in range(groups):
        final_swap = swap + ordinary
        first = max(final_swap + 1, last + interval)
        period, last = first + (vectors - 1) * interval - last, first + (vectors - 1) * interval
        swap = max(final_swap + beats, last)
        if slack == (slack := swap - last):
            return last + (groups - 1 - done) * period
    return last


def _drained(mapping, rows, interval):
    """The last step of an output-stationary tile, plus the wait of the tile's last row.

    A block of steps takes ``rows`` cycles, and blocks follow each other, but a tile's last block
    waits until the consumer can take its rows after those of the last final tile.
    """
    block = FIRST_BEAT + (mapping.blocks - 1) * rows      # start of the first tile's last block
    tile, every = mapping.blocks * rows, mapping.final_every
    groups = mapping.stationary_tiles // every
    drain = mapping.vectors * interval
    # From one final tile to the next; only the first tile after a final one can have to wait.
    period = max(tile, drain) + (every - 1) * tile
    block += (every - 1) * tile + (groups - 1) * period
    return block + rows - 1 + (mapping.vectors - 1) * interval


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
