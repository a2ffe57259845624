"""What row-stationary engines are built from."""

from dataclasses import dataclass

from ..parameters import Dataflow, EngineGeometry, EngineParameters

__all__ = ["RowStationaryParameters"]


@dataclass(frozen=True)
class RowStationaryParameters(EngineParameters):
    """``rows`` x ``columns`` elements with memories of their own.

    Parameters
    ----------
    channels_per_beat: int
        Channels of a pixel in a beat of inputs, and in a place of the input scratchpad.
    weights_per_beat: int
        Weights in a beat of weights.
    macs_per_pe: int
        Channels that an element multiplies per cycle; divides both of the above.
    filter_depth: int
        Weights in each of the two banks of an element's filter scratchpad; whole beats.
    window_pixels: int
        Places of an element's input scratchpad.
    sum_depth: int
        Partial sums in an element: filters that take turns in it.
    zero_gating: bool
        Whether an element whose inputs are all zero holds the operands of its multipliers.
    """

    channels_per_beat: int
    weights_per_beat: int
    macs_per_pe: int
    filter_depth: int
    window_pixels: int
    sum_depth: int
    zero_gating: bool

    dataflows = (Dataflow.ROW_STATIONARY,)
    keeps_pace = False

    @property
    def partial_sum(self):
        """Sums wrap everywhere, or fit everywhere, in the accumulator's format."""
        return self.accumulator

    @property
    def parts(self):
        """Parts of a pixel, each as wide as an element's multipliers take it."""
        return self.channels_per_beat // self.macs_per_pe

    @property
    def words_per_beat(self):
        """Words of the filter scratchpad in a beat of weights."""
        return self.weights_per_beat // self.macs_per_pe

    @property
    def filter_beats(self):
        """Beats of weights that fill a bank."""
        return self.filter_depth // self.weights_per_beat

    @property
    def filter_words(self):
        """Words in a bank: most cycles of a step."""
        return self.filter_depth // self.macs_per_pe

    @property
    def tag_bits(self):
        """Width of the place of a beat among those of a column of pixels.

        Every output row of an array's worth of them takes one new input row per stride; strides
        are small, and the rows of the kernels come on top.
        """
        return (8 * self.rows * self.columns - 1).bit_length()

    def geometry(self, dataflow):
        return EngineGeometry(
            input_lanes=self.channels_per_beat, input_axis="reduction",
            weight_lanes=self.weights_per_beat, weight_axis="reduction",
            output_lanes=self.columns, output_axis="pixels",
            stationary="weights", exact_terms=1,
            # At the least: one tap of a beat's channels, for the filters of a square of outputs.
            stationary_beats=-(-self.columns * self.channels_per_beat // self.weights_per_beat),
            # From the start of a step; what its mapping adds comes on top.
            latency=5, macs_per_cycle=self.rows * self.columns * self.macs_per_pe)
