"""What the hardware is built from: every parameter explicit, no defaults.

`generators` derives these objects from a validated configuration; components see nothing else.
"""

from dataclasses import dataclass
from enum import Enum

from .formats import NumberFormat, range_format

__all__ = ["CoreParameters", "Dataflow", "EngineGeometry", "EngineParameters", "Overflow",
           "address_bits", "per_cycle"]


def address_bits(depth):
    """Width of an address into ``depth`` words; at least one bit, so that ports never vanish."""
    return max(1, (depth - 1).bit_length())


def per_cycle(actions, cycles):
    """Actions per cycle: a whole number where it is one."""
    return actions / cycles if actions % cycles else actions // cycles


class Dataflow(str, Enum):
    """Which operand stays in the array; ``switchable`` is weight- or output-stationary by layer."""

    WEIGHT_STATIONARY = "weight_stationary"
    OUTPUT_STATIONARY = "output_stationary"
    INPUT_STATIONARY = "input_stationary"
    ROW_STATIONARY = "row_stationary"
    DEPTHWISE_WINDOW = "depthwise_window"
    SWITCHABLE = "switchable"


class Overflow(str, Enum):
    """What the accumulator does with a sum that it cannot hold (``error``: it is wide enough)."""

    ERROR = "error"
    SATURATE = "saturate"
    WRAP = "wrap"


@dataclass(frozen=True)
class EngineGeometry:
    """What a core, a compiler and a report need to know of any engine, for one dataflow.

    Parameters
    ----------
    input_lanes, weight_lanes, output_lanes: int
        Numbers per beat of each stream.
    input_axis, weight_axis, output_axis: str
        The tensor axis that the lanes of a beat run along: ``reduction`` (K), ``channels`` (N)
        or ``pixels`` (M).
    stationary: str
        The operand that stays: ``weights``, ``inputs`` or ``outputs``.
    stationary_beats: int
        Beats that load one stationary tile.
    exact_terms: int
        Products that are added up exactly before a sum is brought into the accumulator's range.
    latency: int
        Cycles from the admission of a vector to its output vector (from its last step, if it
        takes several; for ``outputs``: from the last step of a tile to its first output vector).
    macs_per_cycle: int or float
        Peak multiply-accumulates per cycle.
    banks: int
        Stationary tiles that the array holds, the current one included.
    loads_used_rows: bool
        Whether only those rows of a tile are loaded that the layer uses.
    marks_tail: bool
        Whether input beats carry the mark ``tail``.
    register_accesses, hops: int or None
        Accesses to an element's registers, and numbers that pass from element to element, for
        each multiply-accumulate; None where it depends on the layer.
    """

    input_lanes: int
    weight_lanes: int
    output_lanes: int
    input_axis: str
    weight_axis: str
    output_axis: str
    stationary: str
    stationary_beats: int
    exact_terms: int
    latency: int
    macs_per_cycle: int | float
    banks: int = 2
    loads_used_rows: bool = False
    marks_tail: bool = False
    register_accesses: int | None = None
    hops: int | None = None


@dataclass(frozen=True)
class EngineParameters:
    """What every engine's parameters have in common; a family adds its own and these members:

    - ``dataflows``: what a program may choose from, a tuple of `Dataflow`;
    - ``geometry(dataflow)``: its `EngineGeometry` in one of them; lanes are the same in all;
    - ``partial_sum``: `NumberFormat` of its outputs;
    - where they differ from what is here, ``vector_cycles``, ``choices``,
      ``cycles_depend_on_data`` (cycles are then at most ``vector_cycles``) and ``keeps_pace``.
    """

    rows: int
    columns: int
    inputs: NumberFormat
    weights: NumberFormat
    accumulator: NumberFormat
    overflow: Overflow

    @property
    def row_sums(self):
        """`NumberFormat` of the sum behind each row, from the first to the last."""
        return [self.sum_format(row + 1) for row in range(self.rows)]

    cycles_depend_on_data = False
    keeps_pace = True   # final vectors come no faster than post-processing takes them

    def vector_cycles(self, input_bits, word_lines):
        """Cycles between vectors of ``word_lines`` inputs that have ``input_bits`` bits."""
        return 1

    def choices(self, word_lines, tail_word_lines, input_bits):
        """What a layer chooses of this engine alone, by the names of its config's fields.

        Parameters
        ----------
        word_lines, tail_word_lines: int
            Rows that the layer uses; those in its last block of input channels.
        input_bits: int
            Precision of its inputs.
        """
        return {}

    @property
    def product_range(self):
        """Smallest and largest product of one input and one weight."""
        corners = [a * b for a in (self.inputs.min, self.inputs.max)
                   for b in (self.weights.min, self.weights.max)]
        return min(corners), max(corners)

    def sum_format(self, terms):
        """The narrowest format of a sum of ``terms`` products."""
        low, high = self.product_range
        return range_format(min(0, low * terms), max(0, high * terms))


@dataclass(frozen=True)
class CoreParameters:
    """An engine with its memories, streamers and post-processing.

    Parameters
    ----------
    name: str
        Verilog name of the top module.
    engine: EngineParameters
        The compute array, of any family.
    word_lanes: int
        Lanes of an activation word; divides the engine's input and output lanes.
    activation_words, weight_words, accumulator_words, parameter_words, program_words: int
        Depths of the memories, powers of two. Activations count both halves; a program word has
        32 bits.
    post_lanes: int
        Post-processing lanes; divides the engine's columns.
    multiplier_bits: int
        Width of the requantization multiplier, 8 to 32; 32 is exactly LiteRT's arithmetic.
    requantize_cycles: int
        Cycles that a post-processing lane takes per result.
    prefetch: bool
        Whether the next job's descriptor is fetched while a job runs, whose units have their own
        copies; else they share the sequencer's, and fetching waits for the job's end.
    """

    name: str
    engine: EngineParameters
    word_lanes: int
    activation_words: int
    weight_words: int
    accumulator_words: int
    parameter_words: int
    program_words: int
    post_lanes: int
    multiplier_bits: int
    requantize_cycles: int
    prefetch: bool

    @property
    def dataflows(self):
        """The dataflows that a program may choose from."""
        return self.engine.dataflows

    @property
    def geometry(self):
        """The engine's geometry where dataflows do not differ: its lanes."""
        return self.engine.geometry(self.dataflows[0])

    @property
    def input_lanes(self):
        return self.geometry.input_lanes

    @property
    def weight_lanes(self):
        return self.geometry.weight_lanes

    @property
    def output_lanes(self):
        return self.geometry.output_lanes

    @property
    def pixels_are_lanes(self):
        """Whether output vectors run along pixels and have to be transposed."""
        return self.geometry.output_axis == "pixels"

    @property
    def input_words(self):
        """Activation words per input beat."""
        return self.input_lanes // self.word_lanes

    @property
    def output_words(self):
        """Activation words per output vector."""
        return self.output_lanes // self.word_lanes

    @property
    def banks(self):
        """Interleaved banks in each half of the activation memory."""
        return 1 << (max(self.input_words, self.output_words) - 1).bit_length()

    @property
    def post_beats(self):
        """Parts of a vector, and of its parameters, that post-processing takes one by one."""
        return self.output_lanes // self.post_lanes

    @property
    def post_cycles(self):
        """Cycles that post-processing spends on one vector."""
        return self.post_beats * self.requantize_cycles

    @property
    def activation_address(self):
        return address_bits(self.activation_words)

    @property
    def coordinate_bits(self):
        """Signed pixel coordinates: those of every pixel of a half, and as many outside."""
        return self.activation_address

    @property
    def post_coordinate_bits(self):
        """Coordinates of output vectors; none where each vector is one pixel of the layer.

        Where an array holds blocks of pixels, those at the rim hang over and are not written.
        """
        blocks = self.pixels_are_lanes or any(
            self.engine.geometry(flow).stationary != "weights" for flow in self.dataflows)
        return self.coordinate_bits if blocks else 0

    @property
    def bound_bits(self):
        """Width of a loop bound: no loop is longer than a half or than the other memories."""
        return max(self.activation_address - 1, address_bits(self.weight_words),
                   address_bits(self.accumulator_words))
