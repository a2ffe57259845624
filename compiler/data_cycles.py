"""Exact cycles where they depend on the data: engines that skip digits that are zero."""

from dataclasses import replace

import numpy as np

from .cost import job_end
from .schedules import before_first_tile, next_tile
from .segment import run_cost
from .tile import per_channel, used_rows

__all__ = ["with_data"]


def with_data(program, core, encoding, inputs):
    """The program with the cycles that it takes on these very numbers.

    Parameters
    ----------
    program: Program
    core: CoreParameters
    encoding: dict
        The manifest's ``program`` entry.
    inputs: dict of str to numpy.ndarray
        What each layer reads, [images, height, width, channels].

    Returns
    -------
    Program
    """
    segments = []
    for segment in program.segments:
        jobs = tuple(replace(job, cycles=_cycles(job, core, encoding["latency"],
                                                 inputs[job.layer][segment.image]))
                     for job in segment.jobs)
        cycles, _ = run_cost(jobs, encoding)
        segments.append(replace(segment, jobs=jobs, cycles=cycles))
    return replace(program, segments=tuple(segments))


def _cycles(job, core, latency, image):
    """Cycles of a job on its layer's input [height, width, channels]."""
    mapping, geometry = job.mapping, core.engine.geometry(job.mapping.flow)
    interval = core.post_cycles if mapping.post else 1
    durations = _digits(mapping.tile, core.engine, geometry, image)
    others = durations[:, 1:].sum(axis=1), np.maximum(durations, interval)[:, 1:].sum(axis=1)
    state, final = before_first_tile(geometry.banks), None
    for number in range(mapping.stationary_tiles):
        tile = number % len(durations)
        ends = (number + 1) % mapping.final_every == 0
        floor = {} if final is None or not ends else {"floor": final + interval}
        state = next_tile(state, mapping.beats, int(durations[tile, 0]), int(others[ends][tile]),
                          **floor)
        final = state[-1] if ends else final
    return job_end(mapping, core, latency, state[-1])


def _digits(tile, engine, geometry, image):
    """[tiles, pixels]: digits that each vector sends; channel tiles alike are listed once."""
    count = _digit_counts(engine, tile.layer.input_bits(engine.inputs))
    step = geometry.output_lanes if per_channel(tile.layer) else geometry.input_lanes
    used, tail = used_rows(tile, geometry)
    channels = tile.input_channels
    blocks = range(channels.start, channels.stop, step)
    kinds = []
    for block in blocks:
        rows = tail if block + step >= channels.stop else used
        kinds.append(_windows(tile, engine, image[..., block:block + rows]))
    sent = np.stack(kinds, axis=0 if per_channel(tile.layer) else 1)   # [blocks, taps, pixels]
    return count[sent].reshape(-1, tile.pixels)


def _digit_counts(engine, bits):
    """How many digits are sent for rows whose bits together are 0, 1, 2, ..."""
    places = engine.vector_cycles(bits, engine.rows)
    numbers = np.arange(1 << engine.inputs.bits)
    if engine.inputs.signed:        # the bits above the format's are the sign's
        half = 1 << (engine.inputs.bits - 1)
        numbers = (numbers ^ half) - half
    digits = [(numbers >> (place * engine.bits_per_cycle)) % (1 << engine.bits_per_cycle) != 0
              for place in range(places)]
    return np.maximum(np.sum(digits, axis=0), 1)


def _windows(tile, engine, channels):
    """[taps, pixels]: all bits that any of the channels has under each tap in each window."""
    layer = tile.layer
    bits = np.bitwise_or.reduce(channels, axis=-1)
    pad = engine.inputs.min if layer.kind == "max_pool2d" else layer.input_zero_point
    top, left, _, _ = layer.padding
    y = np.arange(tile.y, tile.y + tile.height) * layer.strides[0] - top
    x = np.arange(tile.x, tile.x + tile.width) * layer.strides[1] - left
    found = []
    for ky in tile.kernel_y:
        for kx in tile.kernel_x:
            rows, columns = y + ky * layer.dilation[0], x + kx * layer.dilation[1]
            inside = ((rows >= 0) & (rows < bits.shape[0]))[:, None] & (
                (columns >= 0) & (columns < bits.shape[1]))
            values = bits[np.clip(rows, 0, bits.shape[0] - 1)[:, None],
                          np.clip(columns, 0, bits.shape[1] - 1)]
            found.append(np.where(inside, values, pad).reshape(-1))
    return np.array(found) % (1 << engine.inputs.bits)
