"""Row-stationary: rows of kernels stay in elements, rows of pixels slide past them."""

from dataclasses import asdict, dataclass, replace

import numpy as np

from generators.derive import Dataflow

from ..nest import Loop, Nest
from ..row_stationary.choice import plan_of, task_of, whole_sum
from ..row_stationary.plan import RowPlan
from ..row_stationary.search import fewest_sums, last_output
from ..row_stationary.weights import weight_image
from .schedule import Mapping, Schedule, post_nest, window_loops

__all__ = ["RowStationary"]


@dataclass(frozen=True)
class PlannedMapping(Mapping):
    """A `Mapping` with the `RowPlan` that it follows."""

    plan: RowPlan = None

    @property
    def choices(self):
        return asdict(self.plan.mapping) | {"active_elements": self.plan.active_elements}

    @property
    def hops(self):
        """Sums that pass from element to element, up the chains."""
        plan = self.plan
        return plan.passes * plan.steps * plan.vectors * plan.chain_rows * plan.active_columns


class RowStationary(Schedule):
    """Loops: filters, output rows, kernel, channels; then columns of pixels, one after the other.

    Weights lie pass by pass, in each by filters, channels and kernel rows of the elements, and in
    an element's part in the order of their use.
    """

    flow = Dataflow.ROW_STATIONARY

    def map(self, tile, core, bases):
        plan = plan_of(tile, core)
        mapping, columns = plan.mapping, core.output_lanes
        rows = plan.column_rows * mapping.row_groups
        weights = 0 if plan.task.maximum else plan.weight_beats
        per_block = plan.steps * plan.vectors if tile.stays else 0
        squares = plan.filters // columns
        same = ("group", "row") if squares > 1 else (
            "across_y", "x", "row_group", "channels", "group", "row")
        return PlannedMapping(
            tile=tile, flow=self.flow, plan=plan, inputs=_inputs(plan, tile, core, bases.inputs),
            weights=Nest((
                Loop("filters", plan.rounds, {"address": weights * plan.reduction}),
                Loop("again", plan.across),
                Loop("passes", plan.reduction, {"address": weights}),
                Loop("beats", plan.weight_beats, {"address": 1})), {"address": bases.weights}),
            accumulate=Nest((
                Loop("filters", plan.rounds, {"address": per_block * plan.across}),
                Loop("across_y", plan.across, {"address": per_block}),
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
            marks={"parameter": same, "tail": ("filters", "channels")})

    def weight_image(self, tile, core):
        return weight_image(tile, plan_of(tile, core))

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
        task = task_of(whole_sum(tile), core)
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


def _inputs(plan, tile, core, placement):
    """Column by column of pixels; in each all rows, and of every pixel a beat for each group."""
    _, vertical, horizontal, start = window_loops(tile, core, placement)
    mapping, strides, dilation = plan.mapping, tile.layer.strides, tile.layer.dilation
    alone, word, steps = plan.task.alone, core.word_lanes, plan.pixel_steps
    # Chains of filters alone each have their own channels, which follow each other.
    apart = mapping.filters if alone and mapping.channel_groups == 1 else plan.channel_step
    return Nest((
        Loop("filters", plan.rounds, {"address": plan.filters // word if alone else 0}),
        vertical("across_y", plan.across, plan.column_rows * mapping.row_groups * strides[0]),
        vertical("kernel_y", plan.folds[0], mapping.kernel_rows * dilation[0]),
        horizontal("kernel_x", plan.folds[1], mapping.kernel_columns * dilation[1]),
        Loop("block", plan.blocks,
             {"address": mapping.channel_groups * plan.channel_step // word}),
        horizontal("columns", plan.pixel_columns, steps[1]),
        horizontal("group", mapping.column_groups, plan.steps * strides[1]),
        vertical("row", plan.pixel_rows, steps[0]),
        Loop("channels", plan.channel_beats, {"address": apart // word})), start)


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
