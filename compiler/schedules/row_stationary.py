"""Row-stationary: rows of kernels stay in elements, rows of pixels slide past them."""

from dataclasses import asdict, dataclass, replace

import numpy as np

from generators.derive import Dataflow

from ..images import reduction_weights
from ..nest import Loop, Nest
from ..program import Full
from ..row_mapping import RowPlan, RowTask
from ..row_search import best_mapping, fewest_sums, last_output
from ..tile import ceil_div, per_channel
from .schedule import Mapping, Schedule, post_nest, window_loops

__all__ = ["RowStationary", "plan_of", "task_of"]


@dataclass(frozen=True)
class PlannedMapping(Mapping):
    """A `Mapping` with the `RowPlan` that it follows."""

    plan: RowPlan = None

    @property
    def choices(self):
        return asdict(self.plan.mapping) | {"active_elements": self.plan.active_elements}


class RowStationary(Schedule):
    """Loops: filters, output rows, kernel, channels; then columns of pixels, one after the other.

    Weights lie pass by pass, in each by filters, channels and kernel rows of the elements, and in
    an element's part in the order of their use.
    """

    flow = Dataflow.ROW_STATIONARY

    def map(self, tile, core, bases):
        plan = plan_of(tile, core)
        mapping, columns = plan.mapping, core.output_lanes
        strides, dilation = tile.layer.strides, tile.layer.dilation
        _, vertical, horizontal, start = window_loops(tile, core, bases.inputs)
        rows = plan.column_rows * mapping.row_groups
        alone, word = plan.task.alone, core.word_lanes
        # Where chains read channels of their own, those of the next chain follow.
        apart = mapping.filters if mapping.channel_groups == 1 and alone else plan.channel_step
        steps = plan.pixel_steps
        squares = plan.filters // columns
        per_round = plan.across * plan.steps * plan.vectors
        shared = tile.layer.kind == "max_pool2d"
        again = 0 if shared else plan.weight_beats
        held = ("group", "row") if squares > 1 else (
            "across_y", "x", "row_group", "channels", "group", "row")
        return PlannedMapping(
            tile=tile, flow=self.flow, plan=plan,
            inputs=Nest((
                Loop("filters", plan.rounds, {"address": plan.filters // word if alone else 0}),
                vertical("across_y", plan.across, rows * strides[0]),
                vertical("kernel_y", plan.folds[0], mapping.kernel_rows * dilation[0]),
                horizontal("kernel_x", plan.folds[1], mapping.kernel_columns * dilation[1]),
                Loop("block", plan.blocks,
                     {"address": mapping.channel_groups * plan.channel_step // word}),
                horizontal("columns", plan.pixel_columns, steps[1]),
                horizontal("group", mapping.column_groups, plan.steps * strides[1]),
                vertical("row", plan.pixel_rows, steps[0]),
                Loop("channels", plan.channel_beats, {"address": apart // word})), start),
            weights=Nest((
                Loop("filters", plan.rounds, {"address": again * plan.reduction}),
                Loop("again", plan.across),
                Loop("passes", plan.reduction, {"address": again}),
                Loop("beats", plan.weight_beats, {"address": 1})), {"address": bases.weights}),
            accumulate=Nest((
                Loop("filters", plan.rounds, {"address": per_round if tile.stays else 0}),
                Loop("across_y", plan.across,
                     {"address": plan.steps * plan.vectors if tile.stays else 0}),
                Loop("reduction", plan.reduction),
                Loop("x", plan.steps, {"address": plan.vectors}),
                Loop("vectors", plan.vectors, {"address": 1})), {"address": bases.accumulators}),
            post=post_nest(core, bases, tile, ("filters", "channels", plan.rounds, squares),
                           ("across_y", "y", plan.across, rows), ("x", "x", plan.steps, 1),
                           ("row_group", "y", mapping.row_groups, plan.column_rows),
                           ("channels", "channels", squares, 1),
                           ("group", "x", mapping.column_groups, plan.steps),
                           ("row", "y", plan.column_rows, 1)),
            stationary_tiles=plan.passes, vectors=plan.steps * plan.vectors, blocks=0,
            final_every=plan.reduction, beats=plan.weight_beats,
            marks={"parameter": held, "tail": ("filters", "channels")})

    def weight_image(self, tile, core):
        """By rounds of filters, passes and tags, then as an element uses them."""
        plan = plan_of(tile, core)
        mapping, lanes = plan.mapping, core.engine.macs_per_pe
        sizes = {"round": plan.rounds, "group": mapping.filter_groups, "filter": mapping.filters,
                 "block": plan.blocks, "channels": mapping.channel_groups, "part": plan.parts,
                 "lane": lanes}
        kernel = [len(tile.kernel_y), len(tile.kernel_x)]
        whole = [plan.folds[0] * mapping.kernel_rows, plan.folds[1] * mapping.kernel_columns]
        filters = plan.rounds * plan.filters
        if plan.task.alone:
            taps = reduction_weights(tile, 1, 1)[:, 0]
            if plan.task.maximum:
                kernel = whole = [1, 1]
            weights = _padded(taps.reshape(*kernel, tile.channels), (*whole, filters))
            depth = plan.blocks * mapping.channel_groups * plan.channel_step
            own = np.eye(depth, mapping.filters, dtype=np.int64)
            own = own.reshape(*(sizes[name] for name in ("block", "channels", "part", "lane")),
                              1, 1, mapping.filters)
            weights = weights.reshape(*whole, 1, 1, 1, 1, plan.rounds, mapping.filter_groups,
                                      mapping.filters) * own
        else:
            weights = reduction_weights(tile, core.input_lanes, core.input_lanes)
            weights = weights.reshape(*kernel, -1, tile.channels)[:, :, :len(tile.input_channels)]
            weights = _padded(weights, (
                *whole, plan.blocks * mapping.channel_groups * plan.channel_step, filters))
        folds = [1, 1] if plan.task.maximum else plan.folds
        weights = weights.reshape(
            folds[0], mapping.kernel_rows, folds[1], mapping.kernel_columns,
            *(sizes[name] for name in ("block", "channels", "part", "lane", "round", "group",
                                       "filter")))
        weights = weights.transpose(8, 0, 2, 4, 9, 5, 1, 3, 6, 10, 7)
        words = weights.reshape(-1, plan.turns * lanes)
        beats = plan.filter_beats * core.weight_lanes
        image = _padded(words, (len(words), beats)).reshape(-1, core.weight_lanes)
        # The pixels of a maximum are all multiplied by the same ones.
        return image[:plan.weight_beats] if plan.task.maximum else image

    def last_admission(self, mapping, geometry, interval):
        return last_output(mapping.plan)

    def engine_fields(self, mapping):
        """What the engine counts, and which element takes what."""
        plan, chosen = mapping.plan, mapping.plan.mapping
        fields = {
            "filters": chosen.filters, "parts": plan.parts, "taps": chosen.kernel_columns,
            "stride": plan.stride, "steps": plan.steps, "step_cycles": plan.step_cycles,
            "chains": plan.chains, "column_beats": plan.column_beats,
            "filter_tags": plan.filter_tags, "filter_beats": plan.filter_beats}
        fields = {f"engine.{name}": count - 1 for name, count in fields.items()}
        for row in range(plan.chains * plan.chain_rows):
            fields |= {f"engine.rows.{row}.{name}": value
                       for name, value in _row(plan, row).items()}
        most = max(plan.output_rows(group) for group in range(chosen.row_groups))
        for column in range(plan.task.engine.columns):
            group, row = divmod(column, plan.column_rows)
            if group < plan.active_columns and row < most:
                tag = (group * plan.pixel_rows + row * plan.row_stride) * plan.channel_beats
                fields |= {f"engine.columns.{column}.{name}": value for name, value in (
                    ("tag", tag), ("output_row", row), ("active", 1))}
        return fields

    def sum_places(self, tile, core):
        plan = plan_of(tile, core)
        chosen, rows = plan.mapping, plan.column_rows
        number, across, x, fold, filters, group, row = np.ix_(*map(range, (
            plan.rounds, plan.across, plan.steps, chosen.row_groups, plan.filters,
            chosen.column_groups, rows)))
        places = tile.output_places(
            (across * chosen.row_groups + fold) * rows + row, group * plan.steps + x,
            number * plan.filters + filters)
        return places.reshape(-1, core.output_lanes)

    def channel_step(self, tile, core):
        # Maxima need all channels of their filters in a chain; one beat of them always fits.
        task = task_of(_whole(tile), core)
        return tile.channels if fewest_sums(task) is not None else core.input_lanes

    def pieces(self, tile, core):
        """Narrower jobs with the same weights, where the sums of all columns are too many."""
        plan = plan_of(tile, core)
        if plan.task.width == tile.width:
            return [tile]
        layer = replace(tile.layer, mapping=asdict(plan.mapping))
        return [tile.part(layer=layer, x=x, width=min(plan.task.width, tile.x + tile.width - x))
                for x in range(tile.x, tile.x + tile.width, plan.task.width)]

    def sums_under_way(self, tile, core):
        return plan_of(tile, core).sums


def _row(plan, row):
    """What a row of elements is told; chains follow each other from the bottom row on."""
    chosen = plan.mapping
    chain, place = divmod(row, plan.chain_rows)
    fold, group = divmod(chain, chosen.filter_groups)
    channels, kernel_row = divmod(place, chosen.kernel_rows)
    beat, part = channels, 0
    if plan.shares_beats:
        part = group * chosen.filters // plan.task.engine.macs_per_pe
    elif plan.task.alone:
        beat += group * chosen.channel_groups
    pixel = fold * plan.column_rows * plan.row_stride + kernel_row * plan.task.dilation[0]
    return {
        "tag": pixel * plan.channel_beats + beat,
        "filter_tag": (group * chosen.channel_groups + channels) * chosen.kernel_rows + kernel_row,
        "part": part, "chain": chain, "first": int(place == 0),
        "top": int(place == plan.chain_rows - 1), "active": 1,
        "output_rows": plan.output_rows(fold) - 1}


def _padded(array, shape):
    return np.pad(array, [(0, size - had) for size, had in zip(shape, array.shape, strict=True)])


def plan_of(tile, core):
    """The `RowPlan` of a tile, or of the widest part of it whose sums fit the accumulators.

    All parts of a sum lie alike, as those of the whole sum would.

    Raises
    ------
    Full
        If not even the sums of one column fit.
    """
    task = task_of(_whole(tile), core)
    fixed = _fixed(tile.layer, task)
    width = task.width
    while not (mapping := best_mapping(replace(task, width=width), fixed)):
        if width == 1 or tile.stays:
            needed = fewest_sums(replace(task, width=width), fixed)
            raise Full("accumulators", needed - task.accumulator_words)
        width = ceil_div(width, 2)
    return RowPlan(replace(task_of(tile, core), width=width), _fitted(mapping, tile, task))


def _whole(tile):
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


# What is given up first of the numbers that are set by hand, if a part of a layer is too small.
GIVEN_UP = ("row_groups", "column_groups", "filter_groups", "filters", "channel_groups", "channels",
            "kernel_columns", "kernel_rows")


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
