"""What analog compute-in-memory engines are built from."""

from dataclasses import dataclass
from math import ceil

from ...formats import range_format
from ...parameters import Dataflow, EngineGeometry, EngineParameters, per_cycle

__all__ = ["FRACTION_BITS", "GAIN_BITS", "SIGMA_BITS", "AnalogCimParameters", "AnalogNoise",
           "WeightSlice"]

# Analog values are counted in 1/256 of what one input of 1 on one cell that stores 1 adds.
FRACTION_BITS = 8
# The converter's gain is 2**GAIN_BITS / step.
GAIN_BITS = 24
# Standard deviations are in units of 2**-SIGMA_BITS.
SIGMA_BITS = 16
# Cycles from a vector's last step to its sums: step, word lines, column sum, code, converted
# number, digit, total.
LATENCY = 7


@dataclass(frozen=True)
class AnalogNoise:
    """What is not ideal; a deviation of 0 is off.

    Parameters
    ----------
    seed: int
        32 bits.
    thermal: int
        Standard deviation of each conversion, in column sums * 2**16.
    offset: int
        Of the offset of each physical column, in the same unit.
    gain: int
        Of the gain of each physical column, relative, * 2**16.
    cell: int
        Of what each cell adds, relative, * 2**16.
    """

    seed: int
    thermal: int
    offset: int
    gain: int
    cell: int

    @property
    def any(self):
        """Whether anything is not ideal."""
        return any((self.thermal, self.offset, self.gain, self.cell))


@dataclass(frozen=True)
class WeightSlice:
    """The bits of a weight that one physical column stores.

    Parameters
    ----------
    low, bits: int
        The lowest of them, and how many there are.
    negative: bool
        Whether it is the sign bit.
    """

    low: int
    bits: int
    negative: bool

    @property
    def weight(self):
        """What a stored 1 stands for."""
        return -(1 << self.low) if self.negative else 1 << self.low


@dataclass(frozen=True)
class AnalogCimParameters(EngineParameters):
    """Physical columns of analog cells whose sums are converted, slice by slice, digit by digit.

    Parameters
    ----------
    banks: int
        Tiles of weights that the cells hold.
    dac_bits: int
        Bits of each input that its word line takes at once: a digit.
    cell_bits: int
        Bits of a weight that one cell stores.
    rows_active: int
        Word lines that are driven at once: a group.
    columns_per_adc: int
        Physical columns that a converter serves, one after the other. A divisor or a multiple of
        the slices of a weight.
    adc_bits: int
        Resolution of a converter.
    noise: AnalogNoise
    """

    banks: int
    dac_bits: int
    cell_bits: int
    rows_active: int
    columns_per_adc: int
    adc_bits: int
    noise: AnalogNoise

    dataflows = (Dataflow.WEIGHT_STATIONARY,)

    @property
    def slices(self):
        """The `WeightSlice` of each physical column of a weight column.

        The sign bit has a column of its own, so that a weight of 0 stores nothing.
        """
        signed, magnitude = self.weights.signed, self.weights.bits - self.weights.signed
        slices = [WeightSlice(low, min(self.cell_bits, magnitude - low), False)
                  for low in range(0, magnitude, self.cell_bits)]
        return (*slices, WeightSlice(magnitude, 1, True)) if signed else tuple(slices)

    @property
    def physical_columns(self):
        return self.columns * len(self.slices)

    @property
    def group_columns(self):
        """Physical columns of the unit that repeats: whole weights with whole converters."""
        return max(self.columns_per_adc, len(self.slices))

    @property
    def adcs(self):
        return self.physical_columns // self.columns_per_adc

    @property
    def digits(self):
        """Digits of an input of full precision."""
        return ceil(self.inputs.bits / self.dac_bits)

    @property
    def row_groups(self):
        return ceil(self.rows / self.rows_active)

    @property
    def highest_sum(self):
        """The largest column sum of ideal cells."""
        largest = max(piece.bits for piece in self.slices)
        return self.rows_active * ((1 << self.dac_bits) - 1) * ((1 << largest) - 1)

    @property
    def highest_step(self):
        """The smallest step of a converter with which no ideal sum is clipped."""
        return max(1, ceil(self.highest_sum / ((1 << self.adc_bits) - 1)))

    @property
    def highest_value(self):
        """The largest number that a converter can be set to yield."""
        return self.highest_sum + ((1 << self.adc_bits) - 1) * self.highest_step

    @property
    def row_sums(self):
        return [self.partial_sum] * self.rows

    @property
    def low_bits(self):
        return self.highest_sum.bit_length()

    @property
    def step_bits(self):
        return self.highest_step.bit_length()

    @property
    def gain_bits(self):
        return GAIN_BITS + 1

    @property
    def value_bits(self):
        return self.highest_value.bit_length()

    @property
    def weight_sum(self):
        """`NumberFormat` of the sum of a column's weights."""
        return range_format(min(0, self.rows * self.weights.min), self.rows * self.weights.max)

    @property
    def offset(self):
        """Added to signed inputs, so that word lines see no sign."""
        return 1 << (self.digits * self.dac_bits - 1) if self.inputs.signed else 0

    @property
    def partial_sum(self):
        """`NumberFormat` of the outputs, whatever the converters yield."""
        weights = [piece.weight for piece in self.slices]
        radix, sums = 1 << self.dac_bits, self.weight_sum
        places = (radix ** self.digits - 1) // (radix - 1)
        value = self.row_groups * self.highest_value * places
        return range_format(value * sum(w for w in weights if w < 0) - sums.max * self.offset,
                            value * sum(w for w in weights if w > 0) - sums.min * self.offset)

    def vector_cycles(self, input_bits, word_lines):
        """One for each slot of each group of each digit."""
        return (ceil(input_bits / self.dac_bits) * ceil(word_lines / self.rows_active)
                * self.columns_per_adc)

    def choices(self, word_lines, tail_word_lines, input_bits):
        return {"word_lines": word_lines - 1, "digits": ceil(input_bits / self.dac_bits) - 1,
                "row_groups": ceil(word_lines / self.rows_active) - 1}

    def geometry(self, dataflow):
        return EngineGeometry(
            input_lanes=self.rows, input_axis="reduction",
            weight_lanes=self.columns, weight_axis="channels",
            output_lanes=self.columns, output_axis="channels",
            stationary="weights", stationary_beats=self.rows, exact_terms=self.rows,
            latency=LATENCY,
            macs_per_cycle=per_cycle(self.rows * self.columns,
                                     self.vector_cycles(self.inputs.bits, self.rows)),
            banks=self.banks, loads_used_rows=True)
