"""What a systolic engine is given and has to answer: parameters, tiles, beats, expected vectors."""

from dataclasses import dataclass

import numpy as np

from hw.formats import NumberFormat
from hw.parameters import Dataflow, Overflow
from hw.systolic.parameters import SystolicParameters
from sim.golden.arithmetic import saturate, wrap

__all__ = ["FLOWS", "IS", "OS", "SHAPES", "SWITCH", "WS", "Job", "job_of", "parameters_of",
           "random_job"]

WS, OS = Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY
IS, SWITCH = Dataflow.INPUT_STATIONARY, Dataflow.SWITCHABLE

# The array's dataflow and the job's.
FLOWS = [(WS, WS), (IS, IS), (OS, OS), (SWITCH, WS), (SWITCH, OS)]
SHAPES = [(1, 1), (1, 5), (4, 1), (4, 4), (3, 5)]


def parameters_of(dataflow, rows, columns, inputs="int8", weights="int8", accumulator="int32",
                  overflow=Overflow.ERROR, ways=1, multiplier_latency=None, dsp_rows=0,
                  edge_stages=0):
    """`SystolicParameters` from the names of the formats."""
    return SystolicParameters(
        dataflow=dataflow, rows=rows, columns=columns, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat.parse(accumulator),
        overflow=overflow, ways=ways, multiplier_latency=multiplier_latency, dsp_rows=dsp_rows,
        edge_stages=edge_stages)


@dataclass(frozen=True)
class Job:
    """One job of an array.

    Parameters
    ----------
    flow: Dataflow
    active_rows: int
        Pixels of each output-stationary tile.
    config: dict
        What to load.
    inputs, weights: list of dict
        Payloads of both streams.
    expected: list of list of int
        Output vectors.
    """

    flow: Dataflow
    active_rows: int
    config: dict
    inputs: list
    weights: list
    expected: list


def random_job(rng, parameters, flow, tiles, *, steady=False, sizes=None):
    """A `Job` of random tiles: of ``sizes`` (pixels, reduction, channels), or of random sizes.

    If ``steady``, none is so short that it costs a bubble.
    """
    rows, columns = parameters.rows, parameters.columns
    active = int(rng.integers(1, rows + 1)) if flow is OS and not steady else rows
    pairs = []
    for _ in range(tiles):
        pixels = {OS: active, IS: columns, WS: int(rng.integers(1, rows + 3))}[flow]
        reduction = rows * int(rng.integers(1, 4)) if flow is OS else rows
        channels = int(rng.integers(1, columns + 3)) if flow is IS else columns
        if steady:
            pixels = max(pixels, rows) if flow is WS else pixels
            channels = max(channels, columns) if flow is IS else channels
        pixels, reduction, channels = sizes or (pixels, reduction, channels)
        pairs.append((_random(rng, parameters.inputs, (pixels, reduction)),
                      _random(rng, parameters.weights, (reduction, channels))))
    return job_of(parameters, flow, pairs)


def job_of(parameters, flow, tiles, *, interval=0, final=True):
    """A `Job` of ``tiles``: pairs of inputs (pixels, reduction) and weights (reduction, channels).

    ``interval``: cycles between final vectors, minus one; ``final``: whether vectors are.
    """
    inputs, weights, expected = [], [], []
    rows = parameters.rows
    active = len(tiles[0][0]) if flow is OS else rows
    for x, w in tiles:
        if flow is OS:
            blocks = x.shape[1] // rows
            for block in range(blocks):
                part = slice(block * rows, (block + 1) * rows)
                inputs += [_beat(row[part], block == 0, block == blocks - 1, final) for row in x]
                weights += [_beat(row) for row in w[part]]
            expected += _accumulate(parameters, x, w)
        elif flow is WS:
            weights += [_beat(row) for row in w[::-1]]
            inputs += _vectors(x, final)
            expected += (x @ w).tolist()
        else:
            inputs += [_beat(row) for row in x[::-1]]
            weights += _vectors(w.T, final)
            expected += (w.T @ x.T).tolist()
    vectors = active if flow is OS else 1
    config = {"output_stationary": int(flow is OS), "active_rows": active - 1,
              "interval": interval, "occupancy": (interval + 1) * vectors - 1}
    return Job(flow, active, config, inputs, weights, expected)


def _vectors(rows, final):
    return [_beat(row, n == 0, n == len(rows) - 1, final) for n, row in enumerate(rows)]


def _beat(lanes, first=False, last=False, final=False):
    return {"lanes": [int(lane) for lane in lanes], "first": int(first), "last": int(last),
            "final": int(final)}


def _accumulate(parameters, x, w):
    """The product as the PEs form it: brought into the accumulator's range at every step."""
    cut = saturate if parameters.overflow is Overflow.SATURATE else wrap
    total = np.zeros((len(x), w.shape[1]), dtype=np.int64)
    for step in range(x.shape[1]):
        total = cut(total + np.outer(x[:, step], w[step]), parameters.accumulator.bits)
    return total.tolist()


def _random(rng, number, shape):
    """Uniform numbers, with the extreme values over-represented."""
    values = rng.integers(number.min, number.max + 1, shape)
    corners = rng.choice([number.min, number.max, 0, max(-1, number.min)], shape)
    return np.where(rng.random(shape) < 0.3, corners, values)
