"""The best mapping of a layer on a row-stationary array, out of all that there are."""

from dataclasses import astuple
from functools import lru_cache

from ..tile import ceil_div
from .mapping import RowMapping
from .plan import RowPlan
from .timing import FIRST_BEAT, last_start

__all__ = ["best_mapping", "fewest_sums", "last_output", "misfits", "nearest_misfits"]

SLACK = 32      # one cycle in so many is worth less traffic


def last_output(plan):
    """Cycle of a job from which its last vector is the engine's latency away."""
    mapping, engine = plan.mapping, plan.task.engine
    start = last_start(
        plan.passes, plan.steps, plan.step_cycles, mapping.kernel_columns, plan.stride,
        mapping.filters * plan.parts, plan.column_beats, plan.weight_beats,
        engine.window_pixels, plan.start_delay)
    return start + plan.turns + plan.start_delay


@lru_cache(maxsize=4096)
def best_mapping(task, fixed=()):
    """The `RowMapping` with the least traffic of those that are hardly slower than the fastest.

    Of several the fastest, and of those the one with the smallest numbers. ``fixed`` has (name,
    value) of what is chosen already. None if there is no such mapping whose sums fit the
    accumulators.
    """
    plans = [plan for plan in _plans(task, fixed) if plan.sums <= task.accumulator_words]
    plans = sorted(((_least_cycles(plan), plan) for plan in plans), key=lambda found: found[0])
    fewest = None
    for least, plan in plans:
        if fewest is not None and least >= fewest:
            break
        cycles = last_output(plan)
        fewest = cycles if fewest is None else min(fewest, cycles)
    if fewest is None:
        return None
    limit = fewest + fewest // SLACK
    plans = sorted(((plan.traffic, least, plan) for least, plan in plans if least <= limit),
                   key=lambda found: found[:2])
    best = None
    for traffic, _, plan in plans:
        if best and traffic > best[0]:
            break
        if (cycles := last_output(plan)) <= limit:
            found = traffic, cycles, astuple(plan.mapping), plan.mapping
            best = min(best, found) if best else found
    return best[-1]


@lru_cache(maxsize=4096)
def fewest_sums(task, fixed=()):
    """The fewest accumulators that any mapping needs; None if there is no mapping at all."""
    return min((plan.sums for plan in _plans(task, fixed)), default=None)


def nearest_misfits(task, fixed):
    """What is wrong with the mapping that is least wrong: of several, first of all with ``fixed``.
    """
    names = dict(fixed)

    def weight(sentences):
        return len(sentences), sum(text.split(":")[0] not in names for text in sentences)

    return min((list(misfits(RowPlan(task, mapping))) for mapping in _mappings(task, names)),
               key=weight)


def _least_cycles(plan):
    """A bound on `last_output` that is quickly found: all steps, or all beats, one by one."""
    window = plan.mapping.kernel_columns * plan.column_beats
    return FIRST_BEAT + plan.turns + plan.start_delay + max(
        max(window, plan.weight_beats) + (plan.passes * plan.steps - 1) * plan.step_cycles,
        plan.passes * plan.pixel_columns * plan.column_beats, plan.passes * plan.weight_beats)


@lru_cache(maxsize=8)
def _plans(task, fixed):
    """All mappings that the array can run, but those that others are never worse than."""
    plans = (RowPlan(task, mapping) for mapping in _mappings(task, dict(fixed)))
    return [plan for plan in plans if not any(misfits(plan))]


def _mappings(task, fixed):
    """What uses no more of the array than it needs for as few passes."""
    def choose(name, values):
        # Where nothing is left to choose from, one is tried, which does not fit.
        return [fixed[name]] if name in fixed else list(values) or [1]

    engine = task.engine
    heights = [1] if task.maximum else _shares(task.kernel[0], engine.rows)
    groups = [n for n in range(1, engine.columns + 1)
              if engine.columns % n == 0 and n <= task.width]
    for kernel_rows in choose("kernel_rows", heights):
        strips = engine.rows // kernel_rows
        for column_groups in choose("column_groups", groups):
            blocks = ceil_div(task.height * column_groups, engine.columns)
            for row_groups in choose("row_groups", _shares(blocks, strips)):
                for filter_groups in choose("filter_groups", range(1, strips // row_groups + 1)):
                    most = strips // row_groups // filter_groups
                    for filters in choose("filters", _filters(task, filter_groups)):
                        for columns, channels, channel_groups in _inside(
                                task, filters, most, choose):
                            yield RowMapping(kernel_rows, columns, channel_groups, filter_groups,
                                             row_groups, column_groups, filters, channels)


def _inside(task, filters, most, choose):
    """Kernel columns, channels and channel groups."""
    engine = task.engine
    wanted = min(filters, task.filters) if task.alone else task.channels
    single = task.maximum or task.dilation[1] > 1
    widths = [1] if single else _shares(task.kernel[1], engine.window_pixels)
    step = engine.macs_per_pe
    parts = [min(wanted, step * count)
             for count in range(1, min(engine.parts, ceil_div(wanted, step)) + 1)]
    for columns in choose("kernel_columns", widths):
        for channels in choose("channels", parts):
            for groups in choose("channel_groups", _shares(ceil_div(wanted, channels), most)):
                yield columns, channels, groups


def _filters(task, groups):
    """Filters in an element that leave no round of all filters with less to do than it might."""
    most = task.engine.sum_depth
    if task.filter_step == 1:
        return _shares(ceil_div(task.filters, groups), most)
    return [count for count in range(1, most + 1) if count * groups % task.filter_step == 0]


def _shares(total, most):
    """Of the numbers up to ``most``, the smallest that take ``total`` in so many times."""
    return [size for size in range(min(total, most), 0, -1)
            if size == ceil_div(total, ceil_div(total, size))]


def misfits(plan):
    """Sentences about what the array cannot do, each beginning with what was chosen."""
    task, mapping, engine = plan.task, plan.mapping, plan.task.engine
    for side, name in enumerate(("kernel_rows", "kernel_columns")):
        if getattr(mapping, name) > task.kernel[side]:
            yield (f"{name}: {getattr(mapping, name)} are more than the kernel's "
                   f"{task.kernel[side]}; use at most {task.kernel[side]}")
    rows = plan.chains * plan.chain_rows
    if rows > engine.rows:
        yield (f"filter_groups: {plan.chains} x {plan.chain_rows} rows of all groups are more than "
               f"the array's {engine.rows}; use fewer groups or kernel rows")
    if task.height <= (mapping.row_groups - 1) * plan.column_rows:
        yield (f"row_groups: {task.height} output rows are too few for {mapping.row_groups} "
               f"groups of {plan.column_rows}; use fewer")
    if engine.columns % mapping.column_groups:
        yield (f"column_groups: {mapping.column_groups} does not divide {engine.columns} columns; "
               "use a divisor")
    if plan.turns * engine.macs_per_pe > engine.filter_depth:
        yield (f"filters: {plan.turns * engine.macs_per_pe} weights per element are more than its "
               f"filter scratchpad's {engine.filter_depth}; use fewer filters, channels or kernel "
               "columns")
    yield from _window_misfits(plan)
    yield from _channel_misfits(plan)
    yield from _filter_misfits(plan)


def _filter_misfits(plan):
    task, mapping, step = plan.task, plan.mapping, plan.task.filter_step
    if mapping.filters > task.engine.sum_depth:
        yield (f"filters: {mapping.filters} are more than the {task.engine.sum_depth} places of "
               "the sum scratchpad; use fewer")
    if plan.filters % step:
        yield (f"filters: {mapping.filters} in each of {mapping.filter_groups} filter groups are "
               f"no multiple of {step}, as many as there are columns; use one")
    elif task.squares and ceil_div(task.filters, step) % (plan.filters // step):
        yield (f"filters: {plan.filters} in all filter groups do not divide "
               f"{ceil_div(task.filters, step) * step}, the {task.filters} of the layer filled up "
               f"to whole vectors; use a divisor that is a multiple of {step}")


def _window_misfits(plan):
    task, mapping, engine = plan.task, plan.mapping, plan.task.engine
    columns = mapping.kernel_columns
    if columns > engine.window_pixels:
        yield (f"kernel_columns: {columns} are more than the {engine.window_pixels} pixels of the "
               "input scratchpad; use fewer")
    if columns > 1 and (task.dilation[1] > 1 or task.strides[1] > columns):
        yield (f"kernel_columns: {columns} with strides of {task.strides[1]} and a dilation of "
               f"{task.dilation[1]} leave pixels out; use 1")
    if plan.column_beats > 1 << engine.tag_bits:
        yield (f"column_groups: {plan.column_beats} beats for a column of pixels are more than "
               f"the {1 << engine.tag_bits} tags; use fewer groups")
    if plan.steps > 1 << 16:
        yield f"column_groups: {plan.steps} steps are more than {1 << 16}; use more groups"


def _channel_misfits(plan):
    """Elements and chains take their channels from whole words of the activations."""
    task, mapping, engine = plan.task, plan.mapping, plan.task.engine
    if mapping.channels > engine.channels_per_beat:
        yield (f"channels: {mapping.channels} are more than the {engine.channels_per_beat} of a "
               "beat; use fewer")
    once = plan.blocks * mapping.channel_groups == 1
    if plan.channel_step % task.word_lanes and not once:
        yield (f"channels: {mapping.channels} are not in whole words of {task.word_lanes}; use a "
               "multiple")
    if task.maximum and plan.blocks * mapping.kernel_rows * mapping.kernel_columns > 1:
        yield ("kernel_rows: a maximum is taken pixel by pixel; use 1 kernel row and column, and "
               "all channels of the filters at once")
    if not task.alone or mapping.filter_groups == 1:
        return
    even = mapping.channel_groups == 1 or mapping.filters == (
        mapping.channel_groups * plan.channel_step)
    if not (once if plan.shares_beats else mapping.filters % task.word_lanes == 0 and even):
        yield (f"filter_groups: the channels of {mapping.filters} filters in each of "
               f"{mapping.filter_groups} groups do not begin with beats of their own; use 1")
