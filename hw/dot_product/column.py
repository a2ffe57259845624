"""A column of a dot-product array: a multiplier for every input, and the tree that adds up."""

from amaranth import Module, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..adder_tree import AdderTree
from ..stamp import Stamped, StampedComponent

__all__ = ["Column", "Multiplier"]


class Multiplier(StampedComponent):
    """``product = moving_i * weight``, the weight double-buffered. Latency one cycle.

    Parameters
    ----------
    array: DotProductParameters

    Members
    -------
    moving_i: In, the input; next_i: In, the next weight, taken when ``load`` is set.
    swap: In(1), the next weight becomes the current one.
    product: Out
    """

    kind = "pe"

    def __init__(self, array):
        self.array = array
        self.module_name = f"multiplier_{array.inputs}x{array.weights}"
        super().__init__({
            "moving_i": In(array.inputs.shape), "next_i": In(array.weights.shape),
            "load": In(1), "swap": In(1), "product": Out(array.product.shape),
        })

    def parameters(self):
        p = self.array
        return {"input_bits": p.inputs.bits, "weight_bits": p.weights.bits,
                "inputs": str(p.inputs), "weights": str(p.weights)}

    def elaborate(self, platform):
        m = Module()
        following = Signal(self.array.weights.shape)
        current = Signal(self.array.weights.shape)
        with m.If(self.load):
            m.d.sync += following.eq(self.next_i)
        with m.If(self.swap):
            m.d.sync += current.eq(following)
        m.d.sync += self.product.eq(self.moving_i * current)
        return m


class Column(StampedComponent):
    """``sum = moving . weights``, an output channel. Latency of multiplier and tree.

    Parameters
    ----------
    array: DotProductParameters

    Members
    -------
    moving: In, the inputs.
    weights: In, ``weight_rows`` of the next weights.
    load: In(weight_beats), the rows that they are for, in groups from the first ones up.
    swap: In(1), the next weights become the current ones.
    sum: Out
    """

    kind = "dot_product_column"

    def __init__(self, array):
        self.array = p = array
        self.module_name = f"dot_product_column_{p.rows}"
        super().__init__({
            "moving": In(data.ArrayLayout(p.inputs.shape, p.rows)),
            "weights": In(data.ArrayLayout(p.weights.shape, p.weight_rows)),
            "load": In(p.weight_beats), "swap": In(1), "sum": Out(p.partial_sum.shape),
        })

    def parameters(self):
        return {"rows": self.array.rows, "weight_rows": self.array.weight_rows}

    def elaborate(self, platform):
        m = Module()
        p = self.array
        m.submodules.tree = Stamped(tree := AdderTree(
            p.rows, p.product, p.tree, p.tree_registers))
        for row in range(p.rows):
            group, lane = divmod(row, p.weight_rows)
            m.submodules[f"pe_{row}"] = Stamped(pe := Multiplier(p))
            m.d.comb += [
                pe.moving_i.eq(self.moving[row]), pe.next_i.eq(self.weights[lane]),
                pe.load.eq(self.load[group]), pe.swap.eq(self.swap),
                tree.terms[row].eq(pe.product),
            ]
        m.d.comb += self.sum.eq(tree.sum)
        return m
