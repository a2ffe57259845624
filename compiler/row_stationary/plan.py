"""What follows from a mapping: passes, steps, beats, sums."""

from dataclasses import dataclass
from functools import cached_property

from ..tile import ceil_div
from .mapping import RowMapping, RowTask

__all__ = ["RowPlan"]


@dataclass(frozen=True)
class RowPlan:
    """A mapping of a task in numbers.

    A chain is ``chain_rows`` long. A pass runs with one set of weights; passes of ``reduction``
    complete a sum, for each of ``across`` blocks of output rows and each of ``rounds`` of filters.
    A step yields one output column of every column group, a vector for each filter and chain.
    """

    task: RowTask
    mapping: RowMapping

    # What is taken at once, and how often.

    @cached_property
    def parts(self):
        """Turns that the channels of an element take."""
        return ceil_div(self.mapping.channels, self.task.engine.macs_per_pe)

    @cached_property
    def channel_step(self):
        """Channels from one element to the next that has others."""
        return self.parts * self.task.engine.macs_per_pe

    @cached_property
    def chain_rows(self):
        return self.mapping.kernel_rows * self.mapping.channel_groups

    @cached_property
    def chains(self):
        return self.mapping.filter_groups * self.mapping.row_groups

    @cached_property
    def column_rows(self):
        """Output rows of a column group, those outside the tile included."""
        return self.task.engine.columns // self.mapping.column_groups

    @cached_property
    def filters(self):
        """Filters of all chains."""
        return self.mapping.filters * self.mapping.filter_groups

    @cached_property
    def rounds(self):
        return ceil_div(self.task.filters, self.filters)

    @cached_property
    def across(self):
        return ceil_div(self.task.height, self.column_rows * self.mapping.row_groups)

    @cached_property
    def folds(self):
        """Passes over the rows and over the columns of a kernel."""
        kernel, mapping = self.task.kernel, self.mapping
        return (ceil_div(kernel[0], mapping.kernel_rows),
                ceil_div(kernel[1], mapping.kernel_columns))

    @cached_property
    def chain_channels(self):
        """Channels that a chain has to add up."""
        task = self.task
        return min(self.mapping.filters, task.filters) if task.alone else task.channels

    @cached_property
    def blocks(self):
        """Passes over the channels."""
        return ceil_div(self.chain_channels, self.mapping.channel_groups * self.channel_step)

    @cached_property
    def reduction(self):
        return self.folds[0] * self.folds[1] * self.blocks

    @cached_property
    def passes(self):
        return self.rounds * self.across * self.reduction

    @cached_property
    def steps(self):
        return ceil_div(self.task.width, self.mapping.column_groups)

    # What an element does in a step.

    @cached_property
    def turns(self):
        mapping = self.mapping
        return mapping.filters * mapping.kernel_columns * self.parts

    @cached_property
    def vectors(self):
        """Output vectors of a step."""
        return self.chains * self.mapping.filters

    @cached_property
    def step_cycles(self):
        return max(self.turns, self.vectors)

    @cached_property
    def start_delay(self):
        """Cycles from the start of a step to that of its last row of elements."""
        return (self.chains - 1) * self.mapping.filters + self.chain_rows - 1

    # Inputs. Single kernel rows and columns skip what the strides leave out.

    @cached_property
    def row_stride(self):
        """Rows of delivered pixels from one output row to the next."""
        return self.task.strides[0] if self.mapping.kernel_rows > 1 else 1

    @cached_property
    def stride(self):
        """Columns that a window moves from step to step."""
        return self.task.strides[1] if self.mapping.kernel_columns > 1 else 1

    @cached_property
    def pixel_steps(self):
        """Rows and columns of the input from one delivered pixel to the next."""
        strides, mapping = self.task.strides, self.mapping
        return (1 if mapping.kernel_rows > 1 else strides[0],
                1 if mapping.kernel_columns > 1 else strides[1])

    @cached_property
    def pixel_rows(self):
        """Rows of pixels that a column group needs."""
        outputs = min(self.task.height, self.column_rows * self.mapping.row_groups)
        return ((outputs - 1) * self.row_stride
                + (self.mapping.kernel_rows - 1) * self.task.dilation[0] + 1)

    @cached_property
    def pixel_columns(self):
        """Columns of pixels in a pass."""
        return (self.steps - 1) * self.stride + self.mapping.kernel_columns

    @cached_property
    def shares_beats(self):
        """Whether chains with filters alone find their channels in the same beats."""
        task, mapping = self.task, self.mapping
        return (task.alone and mapping.filter_groups > 1
                and self.filters <= task.engine.channels_per_beat
                and mapping.filters % task.engine.macs_per_pe == 0)

    @cached_property
    def channel_beats(self):
        """Beats of a pixel in a pass."""
        own = self.mapping.filter_groups if self.task.alone and not self.shares_beats else 1
        return own * self.mapping.channel_groups

    @cached_property
    def column_beats(self):
        return self.mapping.column_groups * self.pixel_rows * self.channel_beats

    # Weights and sums.

    @cached_property
    def filter_tags(self):
        """Kernel rows of different weights in a pass."""
        return self.mapping.filter_groups * self.chain_rows

    @cached_property
    def filter_beats(self):
        engine = self.task.engine
        return ceil_div(self.turns * engine.macs_per_pe, engine.weights_per_beat)

    @cached_property
    def weight_beats(self):
        """Beats of weights of a pass."""
        return self.filter_tags * self.filter_beats

    @cached_property
    def sums(self):
        """Accumulators that a job uses."""
        if self.task.stays:
            return self.rounds * self.across * self.steps * self.vectors
        return self.steps * self.vectors if self.reduction > 1 else 0

    # What comes of it.

    def output_rows(self, group):
        """Output rows in the columns of a row group."""
        if self.across > 1:
            return self.column_rows
        return min(self.column_rows, self.task.height - group * self.column_rows)

    @cached_property
    def active_columns(self):
        """Column groups that are not outside altogether."""
        return ceil_div(self.task.width, self.steps)

    @cached_property
    def active_elements(self):
        """Elements of the array that compute."""
        rows = sum(self.output_rows(group) for group in range(self.mapping.row_groups))
        return (rows * self.active_columns * self.mapping.filter_groups * self.chain_rows)

    @cached_property
    def traffic(self):
        """Numbers that go in and out of the core's memories, but for the results."""
        engine = self.task.engine
        operands = (self.pixel_columns * self.column_beats * engine.channels_per_beat
                    + self.weight_beats * engine.weights_per_beat)
        sums = 2 * (self.reduction - 1) * self.rounds * self.across * self.steps * self.vectors
        return self.passes * operands + sums * engine.columns
