"""What a row-stationary engine is given and has to answer: mappings, passes, beats, vectors."""

from dataclasses import dataclass

import numpy as np

from hw.formats import NumberFormat
from hw.parameters import Dataflow, Overflow
from hw.row_stationary.parameters import RowStationaryParameters
from sim.golden.arithmetic import wrap

__all__ = ["Job", "Mapping", "Pass", "config_of", "job_of", "parameters_of", "random_job",
           "random_pass"]


def parameters_of(rows, columns, *, lanes=(4, 4), macs=1, depth=64, window=8, sums=4,
                  gating=False, inputs="int8", weights="int8", accumulator="int32"):
    """`RowStationaryParameters`; ``lanes``: channels and weights per beat."""
    return RowStationaryParameters(
        rows=rows, columns=columns, channels_per_beat=lanes[0], weights_per_beat=lanes[1],
        macs_per_pe=macs, filter_depth=depth, window_pixels=window, sum_depth=sums,
        zero_gating=gating, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat.parse(accumulator),
        overflow=Overflow.WRAP)


@dataclass(frozen=True)
class Mapping:
    """How a convolution is laid on the array.

    Parameters
    ----------
    kernel: (int, int)
        Kernel rows and columns.
    strides: (int, int)
        Of rows and columns of the output.
    steps: int
        Columns of the output in each column group.
    folds, groups, channel_groups: int
        Chains for other rows of the output, chains for other filters, parts of a chain.
    output_rows: int
        Of each fold.
    column_groups: int
    filters, channels: int
        In each element.
    missing_rows: int
        Rows of the output that the last fold lacks.
    """

    kernel: tuple = (3, 3)
    strides: tuple = (1, 1)
    steps: int = 4
    folds: int = 1
    groups: int = 1
    channel_groups: int = 1
    output_rows: int = 4
    column_groups: int = 1
    filters: int = 1
    channels: int = 1
    missing_rows: int = 0

    @property
    def chains(self):
        return self.folds * self.groups

    @property
    def chain_rows(self):
        return self.channel_groups * self.kernel[0]

    @property
    def input_rows(self):
        return (self.folds * self.output_rows - 1) * self.strides[0] + self.kernel[0]

    @property
    def input_columns(self):
        return (self.steps - 1) * self.strides[1] + self.kernel[1]

    def parts(self, parameters):
        return -(-self.channels // parameters.macs_per_pe)

    def turns(self, parameters):
        """Cycles that an element computes in a step."""
        return self.filters * self.kernel[1] * self.parts(parameters)

    def step_cycles(self, parameters):
        return max(self.turns(parameters), self.chains * self.filters)


@dataclass(frozen=True)
class Pass:
    """Numbers of a pass: inputs (group, channel, row, column), weights (filter, channel, row,
    column)."""

    inputs: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Job:
    """One job; ``passes`` x ``steps`` steps. Members as in `tests.hw.systolic.jobs.Job`."""

    flow: Dataflow
    mapping: Mapping
    passes: int
    config: dict
    inputs: list
    weights: list
    expected: list


def random_pass(rng, parameters, mapping, zeros=0.0):
    """A `Pass` of random numbers, some of the inputs being ``zeros``."""
    p, map_ = parameters, mapping
    channels = map_.channel_groups * map_.channels
    inputs = rng.integers(p.inputs.min, p.inputs.max + 1, (
        map_.column_groups, channels, map_.input_rows, map_.input_columns))
    weights = rng.integers(p.weights.min, p.weights.max + 1, (
        map_.groups * map_.filters, channels, *map_.kernel))
    return Pass(np.where(rng.random(inputs.shape) < zeros, 0, inputs), weights)


def random_job(rng, parameters, mapping, passes, zeros=0.0):
    return job_of(parameters, mapping, [random_pass(rng, parameters, mapping, zeros)
                                        for _ in range(passes)])


def job_of(parameters, mapping, passes):
    """A `Job` of several passes with the same mapping."""
    return Job(Dataflow.ROW_STATIONARY, mapping, len(passes), config_of(parameters, mapping),
               [beat for item in passes for beat in _input_beats(parameters, mapping, item)],
               [beat for item in passes for beat in _weight_beats(parameters, mapping, item)],
               [vector for item in passes for vector in _vectors(parameters, mapping, item)])


def config_of(parameters, mapping):
    """What the engine is told, each count minus one."""
    p, map_ = parameters, mapping
    height, width = map_.kernel
    assert map_.chains * map_.chain_rows <= p.rows, "more rows than the array has"
    assert map_.turns(p) <= p.filter_words, "more weights than the scratchpad holds"
    depth = -(-map_.turns(p) * p.macs_per_pe // p.weights_per_beat)
    rows = []
    for number in range(p.rows):
        chain, position = divmod(number, map_.chain_rows)
        fold, group = divmod(chain, map_.groups)
        channels, kernel_row = divmod(position, height)
        active = chain < map_.chains
        missing = map_.missing_rows if fold == map_.folds - 1 else 0
        rows.append({
            "tag": active * ((fold * map_.output_rows * map_.strides[0] + kernel_row)
                             * map_.channel_groups + channels),
            "filter_tag": active * ((group * map_.channel_groups + channels) * height
                                    + kernel_row),
            "part": 0, "chain": active * chain, "first": position == 0,
            "top": position == map_.chain_rows - 1, "active": active,
            "output_rows": map_.output_rows - missing - 1})
    columns = []
    for number in range(p.columns):
        group, row = divmod(number, map_.output_rows)
        active = group < map_.column_groups
        columns.append({
            "tag": active * (group * map_.input_rows + row * map_.strides[0])
            * map_.channel_groups,
            "output_row": row, "active": active})
    return {
        "filters": map_.filters - 1, "parts": map_.parts(p) - 1, "taps": width - 1,
        "stride": map_.strides[1] - 1, "steps": map_.steps - 1,
        "step_cycles": map_.step_cycles(p) - 1, "chains": map_.chains - 1,
        "column_beats": map_.column_groups * map_.input_rows * map_.channel_groups - 1,
        "filter_tags": map_.groups * map_.channel_groups * height - 1, "filter_beats": depth - 1,
        "rows": rows, "columns": columns}


def _beat(lanes):
    return {"lanes": [int(lane) for lane in lanes], "first": 0, "last": 0, "final": 0}


def _input_beats(parameters, mapping, item):
    lanes = parameters.channels_per_beat
    for column in range(mapping.input_columns):
        for group in item.inputs:
            for row in range(mapping.input_rows):
                for channels in np.split(group[:, row, column], mapping.channel_groups):
                    yield _beat(np.pad(channels, (0, lanes - len(channels))))


def _weight_beats(parameters, mapping, item):
    """Each element's weights by tap, part, filter and channel of the part."""
    p, macs = parameters, parameters.macs_per_pe
    parts = mapping.parts(p)
    for filters in np.split(item.weights, mapping.groups):
        for channels in np.split(filters, mapping.channel_groups, axis=1):
            whole = np.pad(channels, ((0, 0), (0, parts * macs - channels.shape[1]),
                                      (0, 0), (0, 0)))
            for row in range(mapping.kernel[0]):
                used = whole[:, :, row].reshape(mapping.filters, parts, macs, -1)
                words = used.transpose(3, 1, 0, 2).ravel()
                words = np.pad(words, (0, -len(words) % p.weights_per_beat))
                for beat in words.reshape(-1, p.weights_per_beat):
                    yield _beat(beat)


def _vectors(parameters, mapping, item):
    """A vector for each step, fold and filter, one lane per column of the array."""
    map_ = mapping
    height, width = map_.kernel
    for x in range(map_.steps):
        left = x * map_.strides[1]
        for fold in range(map_.folds):
            present = map_.output_rows - map_.missing_rows * (fold == map_.folds - 1)
            for weights in item.weights:
                lanes = np.zeros(parameters.columns, int)
                for group, inputs in enumerate(item.inputs):
                    for row in range(present):
                        top = (fold * map_.output_rows + row) * map_.strides[0]
                        window = inputs[:, top:top + height, left:left + width]
                        lanes[group * map_.output_rows + row] = np.sum(window * weights)
                yield [int(lane) for lane in wrap(lanes, parameters.accumulator.bits)]
