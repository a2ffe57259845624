"""What digital compute-in-memory engines are built from."""

from dataclasses import dataclass

from ..adder_tree import TreeStyle
from ..parameters import Dataflow, EngineGeometry, EngineParameters, per_cycle

__all__ = ["DigitalCimParameters", "digits_of"]

# Cycles from a vector's last step to its sums: digit, word lines, trees, weights, total.
STAGES = 5


def digits_of(bits, bits_per_cycle):
    """Steps in which an input of ``bits`` bits enters."""
    return -(-bits // bits_per_cycle)


@dataclass(frozen=True)
class DigitalCimParameters(EngineParameters):
    """Macros of bit cells with an adder tree behind each column of bits.

    Parameters
    ----------
    macro_rows, macro_columns: int
        Macros below and beside each other; ``rows`` and ``columns`` count all of them together.
    bits_per_cycle: int
        Bits of each input that enter in one cycle: a digit.
    tree: TreeStyle
    tree_registers: int
        Pipeline registers inside of the trees.
    banks: int
        Tiles of weights that the cells hold.
    skip_zero_planes: bool
        Digits that are zero in all active rows take no cycle.
    cell_macro: str or None
        Verilog module that takes the place of the synthesizable cells; see `hw.cim.cells`.
    """

    macro_rows: int
    macro_columns: int
    bits_per_cycle: int
    tree: TreeStyle
    tree_registers: int
    banks: int
    skip_zero_planes: bool
    cell_macro: str | None

    dataflows = (Dataflow.WEIGHT_STATIONARY,)

    @property
    def partial_sum(self):
        return self.sum_format(self.rows)

    @property
    def rows_per_macro(self):
        return self.rows // self.macro_rows

    @property
    def columns_per_macro(self):
        return self.columns // self.macro_columns

    @property
    def digits(self):
        """Digits of an input of full precision."""
        return digits_of(self.inputs.bits, self.bits_per_cycle)

    @property
    def cycles_depend_on_data(self):
        return self.skip_zero_planes

    @property
    def latency(self):
        return STAGES + self.tree_registers + (self.macro_rows > 1)

    def geometry(self, dataflow):
        return EngineGeometry(
            input_lanes=self.rows, input_axis="reduction",
            weight_lanes=self.columns, weight_axis="channels",
            output_lanes=self.columns, output_axis="channels",
            stationary="weights", stationary_beats=self.rows, exact_terms=self.rows,
            latency=self.latency, macs_per_cycle=per_cycle(self.rows * self.columns, self.digits),
            banks=self.banks, loads_used_rows=True, marks_tail=self.skip_zero_planes)

    def vector_cycles(self, input_bits, word_lines):
        return digits_of(input_bits, self.bits_per_cycle)

    def choices(self, word_lines, tail_word_lines, input_bits):
        return {"word_lines": word_lines - 1, "tail_word_lines": tail_word_lines - 1,
                "digits": digits_of(input_bits, self.bits_per_cycle) - 1}
