"""What systolic arrays are built from."""

from dataclasses import dataclass

from ..multiplier import MultiplierKind
from ..parameters import Dataflow, EngineGeometry, EngineParameters

__all__ = ["SystolicParameters"]


@dataclass(frozen=True)
class SystolicParameters(EngineParameters):
    """A systolic array of ``rows`` (reduction or pixels) by ``columns`` (channels or pixels).

    Parameters
    ----------
    dataflow: Dataflow
    ways: int
        Columns that take their operands in the same cycle and share an element; weight- or
        output-stationary arrays alone, with multipliers of their own.
    multiplier_latency: int or None
        Registers in each multiplier; None: a plain product, left to whoever synthesizes.
    dsp_rows: int
        Rows from the top whose multipliers are DSP blocks on an FPGA; all others are logic.
    edge_stages: int
        Registers between the operand streams and the array.
    """

    dataflow: Dataflow
    ways: int
    multiplier_latency: int | None
    dsp_rows: int
    edge_stages: int

    def multiplier(self, row):
        """The `MultiplierKind` of a row's elements, or None."""
        if self.multiplier_latency is None:
            return None
        return MultiplierKind(self.multiplier_latency, dsp=row < self.dsp_rows)

    @property
    def product_latency(self):
        """Cycles that a product takes."""
        return self.multiplier_latency or 0

    @property
    def element_columns(self):
        """Columns of elements."""
        return self.columns // self.ways

    @property
    def dataflows(self):
        if self.dataflow is Dataflow.SWITCHABLE:
            return (Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY)
        return (self.dataflow,)

    @property
    def row_sums(self):
        if self.dataflow in (Dataflow.OUTPUT_STATIONARY, Dataflow.SWITCHABLE):
            return [self.partial_sum] * self.rows
        return super().row_sums

    @property
    def partial_sum(self):
        """Format of the engine's outputs: what the rows can add up, or the PE's accumulator."""
        if self.dataflow is Dataflow.OUTPUT_STATIONARY:
            return self.accumulator
        rows = self.sum_format(self.rows)
        if self.dataflow is Dataflow.SWITCHABLE:
            return max(rows, self.accumulator, key=lambda number: number.bits)
        return rows

    def geometry(self, dataflow):
        stationary = {Dataflow.WEIGHT_STATIONARY: "weights", Dataflow.INPUT_STATIONARY: "inputs",
                      Dataflow.OUTPUT_STATIONARY: "outputs"}[dataflow]
        by_input, by_output = stationary == "inputs", stationary == "outputs"
        beats = {"weights": self.rows, "inputs": self.columns, "outputs": 0}
        return EngineGeometry(
            input_lanes=self.rows, input_axis="reduction",
            weight_lanes=self.rows if by_input else self.columns,
            weight_axis="reduction" if by_input else "channels",
            output_lanes=self.columns, output_axis="pixels" if by_input else "channels",
            stationary=stationary, stationary_beats=beats[stationary],
            exact_terms=1 if by_output else self.rows,
            latency=(self.edge_stages + self.rows + self.element_columns + by_output
                     + self.product_latency),
            # The stationary operand is read; a sum that stays is read and written.
            register_accesses=2 if by_output else 1, hops=2,
            macs_per_cycle=self.rows * self.columns,
        )
