"""What a digital compute-in-memory engine is given and has to answer."""

from dataclasses import dataclass, replace

import numpy as np

from hw.adder_tree import TreeStyle
from hw.cim.parameters import DigitalCimParameters
from hw.formats import NumberFormat
from hw.parameters import Overflow
from tests.hw.systolic.jobs import WS, Job

__all__ = ["SHAPES", "Tile", "job_of", "numbers", "parameters_of", "random_job", "random_tile",
           "steps_of"]

# Rows and columns of a macro, and the grid of macros.
SHAPES = [(8, 1, 1, 1), (9, 5, 2, 1), (13, 3, 1, 2), (16, 4, 3, 2)]


def parameters_of(rows, columns, macro_rows=1, macro_columns=1, inputs="int8", weights="int8", *,
                  bits_per_cycle=1, tree=TreeStyle.CARRY_SAVE, tree_registers=0, banks=2,
                  skip_zero_planes=False):
    """`DigitalCimParameters` of a grid of macros of ``rows`` x ``columns`` each."""
    return DigitalCimParameters(
        rows=rows * macro_rows, columns=columns * macro_columns, macro_rows=macro_rows,
        macro_columns=macro_columns, bits_per_cycle=bits_per_cycle, tree=tree,
        tree_registers=tree_registers, banks=banks, skip_zero_planes=skip_zero_planes,
        cell_macro=None, inputs=NumberFormat.parse(inputs), weights=NumberFormat.parse(weights),
        accumulator=NumberFormat.parse("int32"), overflow=Overflow.ERROR)


@dataclass(frozen=True)
class Tile:
    """Inputs (vectors, rows in use) that pass weights (rows in use, columns).

    Parameters
    ----------
    final: bool
        Whether its vectors are final.
    tail: bool
        Whether only the first ``tail`` rows of the job take part.
    """

    x: np.ndarray
    w: np.ndarray
    final: bool = True
    tail: bool = False


def job_of(parameters, tiles, *, digits=None, tail=None, interval=0, seed=0):
    """A `Job` of `Tile` objects that use equally many rows.

    Parameters
    ----------
    digits: int or None
        Of each input; None for all.
    tail: int or None
        Rows in use by tiles marked so; None for as many as by all others.
    interval: int
        Cycles between final vectors, minus one.
    seed: int
        Of what comes in on rows that are not in use.
    """
    p, rng = parameters, np.random.default_rng(seed)
    word_lines = len(tiles[0].w)
    inputs, weights, expected = [], [], []
    for tile in tiles:
        rows = tail or word_lines if tile.tail else word_lines
        lanes = rng.integers(p.inputs.min, p.inputs.max + 1, (len(tile.x), p.rows))
        lanes[:, :rows] = tile.x[:, :rows]
        if not p.skip_zero_planes:      # nobody tells such an engine where a tail begins
            rows = word_lines
            lanes[:, :rows] = tile.x
        weights += [_beat(row) for row in tile.w[::-1]]
        inputs += [_beat(row, last=number == len(lanes) - 1, final=tile.final)
                   | ({"tail": int(tile.tail)} if p.skip_zero_planes else {})
                   for number, row in enumerate(lanes)]
        expected += (tile.x[:, :rows] @ tile.w[:rows]).tolist()
    config = {"interval": interval, "word_lines": word_lines - 1,
              "digits": (digits or p.digits) - 1, "tail_word_lines": (tail or word_lines) - 1}
    return Job(WS, word_lines, config, inputs, weights, expected)


def _beat(lanes, last=False, final=False):
    return {"lanes": [int(lane) for lane in lanes], "first": 0, "last": int(last),
            "final": int(final)}


def numbers(rng, number, shape):
    """Uniform numbers, with the extreme values over-represented."""
    values = rng.integers(number.min, number.max + 1, shape)
    corners = rng.choice([number.min, number.max, 0, max(-1, number.min)], shape)
    return np.where(rng.random(shape) < 0.3, corners, values)


def random_tile(rng, parameters, vectors, *, word_lines=None, digits=None, sparse=False, **marks):
    """A `Tile` of random numbers, of inputs of as many digits as are sent.

    If ``sparse``, many bits of the inputs are zero in all rows of a vector.
    """
    p = parameters
    word_lines = word_lines or p.rows
    bits = min(p.inputs.bits, (digits or p.digits) * p.bits_per_cycle)
    inputs = replace(p.inputs, bits=bits)
    x = numbers(rng, inputs, (vectors, word_lines))
    if sparse:
        x &= rng.integers(0, inputs.max + 1, (vectors, 1)) & rng.integers(0, inputs.max + 1,
                                                                         (vectors, 1))
    return Tile(x, numbers(rng, p.weights, (word_lines, p.columns)), **marks)


def random_job(rng, parameters, tiles, *, word_lines=None, digits=None, tail=None, interval=0,
               vectors=None):
    """A `Job` of random tiles, in turn final and not, of ``vectors`` or of random numbers of them.

    Half of them are sparse, and with a ``tail`` some are marked.
    """
    made = [random_tile(rng, parameters, vectors or int(rng.integers(1, 6)),
                        word_lines=word_lines, digits=digits, sparse=bool(rng.integers(2)),
                        final=bool(rng.integers(2)), tail=tail is not None and number % 3 == 1)
            for number in range(tiles)]
    return job_of(parameters, made, digits=digits, tail=tail, interval=interval)


def steps_of(parameters, job):
    """Cycles of each vector of a job, from the numbers that it sends."""
    p, digits = parameters, job.config["digits"] + 1
    if not p.skip_zero_planes:
        return [digits] * len(job.inputs)
    steps = []
    for beat in job.inputs:
        rows = job.config["tail_word_lines" if beat["tail"] else "word_lines"] + 1
        sent = {place for place in range(digits) for value in beat["lanes"][:rows]
                if value >> place * p.bits_per_cycle & (1 << p.bits_per_cycle) - 1}
        steps.append(max(1, len(sent)))
    return steps
