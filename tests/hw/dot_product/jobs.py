"""What a dot-product engine is given and has to answer."""

from dataclasses import replace

from hw.adder_tree import TreeStyle
from hw.dot_product.parameters import DotProductParameters
from hw.formats import NumberFormat
from hw.parameters import Overflow
from tests.hw.systolic import jobs as systolic
from tests.hw.systolic.jobs import WS

__all__ = ["SHAPES", "job_of", "parameters_of", "random_job"]

# Rows, columns, and rows of weights in a beat.
SHAPES = [(1, 1, 1), (1, 5, 1), (4, 1, 2), (4, 3, 4), (5, 3, 1), (6, 2, 3), (7, 2, 7)]


def parameters_of(rows, columns, weight_rows=1, inputs="int8", weights="int8", *,
                  tree=TreeStyle.CARRY_SAVE, tree_registers=1, depthwise=False):
    """`DotProductParameters` from the names of the formats."""
    return DotProductParameters(
        rows=rows, columns=columns, weight_rows=weight_rows, tree=tree,
        tree_registers=tree_registers, depthwise=depthwise, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat.parse("int40"),
        overflow=Overflow.ERROR)


def random_job(rng, parameters, tiles, **options):
    """As for weight-stationary systolic arrays; see there."""
    return _grouped(parameters, systolic.random_job(rng, parameters, WS, tiles, **options))


def job_of(parameters, tiles, **options):
    """As for weight-stationary systolic arrays; see there."""
    return _grouped(parameters, systolic.job_of(parameters, WS, tiles, **options))


def _grouped(parameters, job):
    """A job of beats of one row, last row first, with ``weight_rows`` of them in a beat."""
    step = parameters.weight_rows
    beats = [job.weights[start:start + step] for start in range(0, len(job.weights), step)]
    return replace(job, weights=[
        beat[0] | {"lanes": [lane for row in reversed(beat) for lane in row["lanes"]]}
        for beat in beats])
