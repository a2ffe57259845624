"""The plan of a tile: its mapping is chosen, or was set by hand."""

from dataclasses import replace

from ..program import Full
from ..tile import ceil_div, per_channel
from .mapping import RowTask
from .plan import RowPlan
from .search import best_mapping, fewest_sums

__all__ = ["plan_of", "task_of", "whole_sum"]

# What is given up first of the numbers that are set by hand, if a part of a layer is too small.
GIVEN_UP = ("row_groups", "column_groups", "filter_groups", "filters", "channel_groups", "channels",
            "kernel_columns", "kernel_rows")


def plan_of(tile, core):
    """The `RowPlan` of a tile, or of the widest part of it whose sums fit the accumulators.

    All parts of a sum lie alike, as those of the whole sum would.

    Raises
    ------
    Full
        If not even the sums of one column fit.
    """
    task = task_of(whole_sum(tile), core)
    fixed = _fixed(tile.layer, task)
    width = task.width
    while not (mapping := best_mapping(replace(task, width=width), fixed)):
        if width == 1 or tile.stays:
            needed = fewest_sums(replace(task, width=width), fixed)
            raise Full("accumulators", needed - task.accumulator_words)
        width = ceil_div(width, 2)
    return RowPlan(replace(task_of(tile, core), width=width), _fitted(mapping, tile, task))


def whole_sum(tile):
    """The tile with all of its products."""
    layer = tile.layer
    return tile.part(kernel_y=range(layer.kernel[0]), kernel_x=range(layer.kernel[1]),
                     blocks=range(ceil_div(layer.input_shape.channels, tile.block_lanes)))


def task_of(tile, core):
    """The `RowTask` of a tile."""
    layer = tile.layer
    return RowTask(
        engine=core.engine, word_lanes=core.word_lanes, accumulator_words=core.accumulator_words,
        height=tile.height, width=tile.width, filters=tile.channels,
        channels=len(tile.input_channels), kernel=(len(tile.kernel_y), len(tile.kernel_x)),
        strides=layer.strides, dilation=layer.dilation, alone=per_channel(layer),
        maximum=layer.kind == "max_pool2d", squares=not layer.raw, stays=tile.stays)


def _fixed(layer, task):
    """What is set by hand and the task can have, as (name, value)."""
    chosen, given_up = layer.mapping or {}, iter(GIVEN_UP)
    while fewest_sums(task, tuple(sorted(chosen.items()))) is None:
        name = next(given_up)
        chosen = {key: value for key, value in chosen.items() if key != name}
    return tuple(sorted(chosen.items()))


def _fitted(mapping, tile, task):
    """The mapping of a whole sum on a part of its kernel and channels."""
    columns = min(mapping.kernel_columns, len(tile.kernel_x))
    if columns < task.strides[1]:
        columns = 1
    changes = {"kernel_rows": min(mapping.kernel_rows, len(tile.kernel_y)),
               "kernel_columns": columns}
    if not task.alone:
        channels = min(mapping.channels, len(tile.input_channels))
        groups = min(mapping.channel_groups, ceil_div(len(tile.input_channels), channels))
        changes |= {"channels": channels, "channel_groups": groups}
    return replace(mapping, **changes)
