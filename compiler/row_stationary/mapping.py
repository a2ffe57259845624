"""What may be chosen of a layer's mapping, and what the choice depends on."""

from dataclasses import dataclass

__all__ = ["RowMapping", "RowTask"]


@dataclass(frozen=True)
class RowMapping:
    """What may be chosen for a layer; the rest follows, see `RowPlan`.

    Parameters
    ----------
    kernel_rows, kernel_columns: int
        Of the kernel, in one pass over the input: rows, each in an element of its own, and
        columns, one after the other in an element. The rest of the kernel follows in other passes.
    channel_groups: int
        Elements that share a kernel row and have different input channels. Together with those of
        the other kernel rows they form a chain, whose sums are added up.
    filter_groups, row_groups: int
        Chains with different filters; chains with different output rows.
    column_groups: int
        Parts of an output row; the array's columns are divided among them.
    filters, channels: int
        That take turns in an element.
    """

    kernel_rows: int
    kernel_columns: int
    channel_groups: int
    filter_groups: int
    row_groups: int
    column_groups: int
    filters: int
    channels: int


@dataclass(frozen=True)
class RowTask:
    """All that a mapping depends on, of a tile and of its core.

    Parameters
    ----------
    engine: RowStationaryParameters
    word_lanes, accumulator_words: int
        Of the core.
    height, width, filters, channels: int
        Output rows, columns and channels, and input channels.
    kernel, strides, dilation: tuple of int
        (vertical, horizontal).
    alone: bool
        Whether each filter reads only the input channel of its own number.
    maximum: bool
        Whether results are maxima, which no sum of other products may be part of.
    squares: bool
        Whether results go through the transposer, in runs of as many filters as it has lanes.
    stays: bool
        Whether the sums remain in the accumulators.
    """

    engine: object
    word_lanes: int
    accumulator_words: int
    height: int
    width: int
    filters: int
    channels: int
    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilation: tuple[int, int]
    alone: bool
    maximum: bool
    squares: bool
    stays: bool

    @property
    def filter_step(self):
        """What the filters of all chains together are a multiple of."""
        return self.engine.columns if self.squares or self.alone else 1
