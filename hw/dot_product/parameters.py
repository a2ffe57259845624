"""What dot-product engines are built from."""

from dataclasses import dataclass

from ..adder_tree import TreeStyle
from ..formats import NumberFormat, range_format
from ..parameters import Dataflow, EngineGeometry, EngineParameters

__all__ = ["DotProductParameters"]


@dataclass(frozen=True)
class DotProductParameters(EngineParameters):
    """``columns`` dot products of ``rows`` numbers each, per cycle.

    Parameters
    ----------
    weight_rows: int
        Rows of a tile in one beat of weights; divides ``rows``.
    tree: TreeStyle
    tree_registers: int
        Pipeline registers inside of the trees.
    depthwise: bool
        Whether columns can take windows of one input lane.
    """

    weight_rows: int
    tree: TreeStyle
    tree_registers: int
    depthwise: bool

    @property
    def dataflows(self):
        windows = (Dataflow.DEPTHWISE_WINDOW,) if self.depthwise else ()
        return (Dataflow.WEIGHT_STATIONARY, *windows)

    @property
    def partial_sum(self):
        return self.sum_format(self.rows)

    @property
    def row_sums(self):
        return [self.partial_sum] * self.rows       # one tree adds up all rows

    @property
    def product(self):
        """`NumberFormat` of one product: unsigned if both of its factors are."""
        low, high = self.product_range
        if low >= 0:
            return NumberFormat(high.bit_length(), signed=False)
        return range_format(low, high)

    @property
    def weight_beats(self):
        """Beats that load a tile of weights."""
        return self.rows // self.weight_rows

    def geometry(self, dataflow):
        return EngineGeometry(
            input_lanes=self.rows, input_axis="reduction",
            weight_lanes=self.weight_rows * self.columns, weight_axis="channels",
            output_lanes=self.columns, output_axis="channels",
            stationary="weights", stationary_beats=self.weight_beats, exact_terms=self.rows,
            # From the operand registers: through the multipliers, and through the trees.
            latency=1 + self.tree_registers, macs_per_cycle=self.rows * self.columns,
            register_accesses=1, hops=1)
