"""Processing elements of the systolic arrays: one multiply-accumulate per cycle each.

Every element lists which of its ports run along a row (``horizontal``), which run down a column
(``vertical``) and which are constant during a layer (``static``). A port ``x`` of the first two
kinds is a pair ``x_i``/``x_o`` with one register in between, so that columns and meshes are wired
from the lists alone.
"""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from ..arithmetic import cut
from ..stamp import StampedComponent

__all__ = ["OutputStationaryPE", "StationaryPE", "SwitchablePE"]


class StationaryPE(StampedComponent):
    """Weight- or input-stationary: ``sum_o = sum_i + moving_i * stationary``.

    The stationary operand is double-buffered: ``load`` shifts the next one in along its chain,
    ``swap`` makes it the current one. Latency one cycle, one result per cycle.

    Parameters
    ----------
    moving, stationary: NumberFormat
        Formats of the operand that passes and of the one that stays.
    sum_in, sum_out: NumberFormat
        Formats of the partial sum; ``sum_in`` is None in the first row, which starts from zero.
    loads_along_rows: bool
        Whether stationary operands enter from the left (input-stationary) or from the top.

    Members
    -------
    moving_i, moving_o: the passing operand.
    stationary_i, stationary_o: chain of next operands; taken when ``load_i`` is set.
    load_i, load_o, swap_i, swap_o: control pulses that travel with the wave.
    sum_i, sum_o: partial sums.
    """

    kind = "pe"
    static = ()

    def __init__(self, *, moving, stationary, sum_in, sum_out, loads_along_rows):
        self.moving, self.stationary = moving, stationary
        self.sum_in, self.sum_out = sum_in, sum_out
        self.loads_along_rows = loads_along_rows
        self.horizontal = ("moving", "swap", "stationary" if loads_along_rows else "load")
        self.vertical = ("load" if loads_along_rows else "stationary", "sum")
        self.module_name = (f"pe_{'is' if loads_along_rows else 'ws'}_{moving}x{stationary}"
                            f"_{sum_in or 'first'}_{sum_out}")
        super().__init__({
            "moving_i": In(moving.shape), "moving_o": Out(moving.shape),
            "stationary_i": In(stationary.shape), "stationary_o": Out(stationary.shape),
            "load_i": In(1), "load_o": Out(1), "swap_i": In(1), "swap_o": Out(1),
            "sum_i": In(sum_in.shape if sum_in else 1), "sum_o": Out(sum_out.shape),
        })

    def parameters(self):
        return {"input_bits": self.moving.bits, "weight_bits": self.stationary.bits,
                "sum_bits": self.sum_out.bits, "moving": str(self.moving),
                "stationary": str(self.stationary), "sum_in": str(self.sum_in),
                "loads_along_rows": self.loads_along_rows}

    def elaborate(self, platform):
        m = Module()
        current = Signal(self.stationary.shape)
        with m.If(self.load_i):
            m.d.sync += self.stationary_o.eq(self.stationary_i)
        with m.If(self.swap_i):
            m.d.sync += current.eq(self.stationary_o)
        product = _product(m, self.moving_i, current)
        m.d.sync += [
            self.moving_o.eq(self.moving_i),
            self.load_o.eq(self.load_i),
            self.swap_o.eq(self.swap_i),
            self.sum_o.eq(self.sum_i + product if self.sum_in else product),
        ]
        return m


class OutputStationaryPE(StampedComponent):
    """Output-stationary: accumulates in place, then hands its sum to the drain pipeline.

    ``first`` starts a new sum, ``last`` copies the finished one into ``held``, ``insert`` puts it
    into the drain pipeline ``sum`` that runs down the column and is never stopped.

    Parameters
    ----------
    inputs, weights, accumulator: NumberFormat
    overflow: Overflow
        What a sum outside the accumulator's range becomes at each step.

    Members
    -------
    moving_i, moving_o: inputs, along the row.
    weights_i, weights_o: weights, down the column.
    valid, first, last, insert (_i, _o): control, along the row.
    sum_i, sum_o: drain pipeline, down the column.
    """

    kind = "pe"
    horizontal = ("moving", "valid", "first", "last", "insert")
    vertical = ("weights", "sum")
    static = ()

    def __init__(self, *, inputs, weights, accumulator, overflow):
        self.inputs, self.weights = inputs, weights
        self.accumulator, self.overflow = accumulator, overflow
        self.module_name = f"pe_os_{inputs}x{weights}_{accumulator}"
        super().__init__({
            "moving_i": In(inputs.shape), "moving_o": Out(inputs.shape),
            "weights_i": In(weights.shape), "weights_o": Out(weights.shape),
            "sum_i": In(accumulator.shape), "sum_o": Out(accumulator.shape),
            **{f"{name}_i": In(1) for name in self.horizontal[1:]},
            **{f"{name}_o": Out(1) for name in self.horizontal[1:]},
        })

    def parameters(self):
        return {"input_bits": self.inputs.bits, "weight_bits": self.weights.bits,
                "sum_bits": self.accumulator.bits, "inputs": str(self.inputs),
                "weights": str(self.weights), "overflow": self.overflow.value}

    def elaborate(self, platform):
        m = Module()
        running = Signal(self.accumulator.shape)
        held = Signal(self.accumulator.shape)
        total = Signal(self.accumulator.shape)
        addend = Mux(self.first_i, 0, running)
        product = _product(m, self.moving_i, self.weights_i)
        m.d.comb += total.eq(cut(addend + product, self.accumulator, self.overflow))
        with m.If(self.valid_i):
            m.d.sync += running.eq(total)
        with m.If(self.last_i):
            m.d.sync += held.eq(total)
        m.d.sync += [
            self.moving_o.eq(self.moving_i),
            self.weights_o.eq(self.weights_i),
            self.sum_o.eq(Mux(self.insert_i, held, self.sum_i)),
            *(getattr(self, f"{name}_o").eq(getattr(self, f"{name}_i"))
              for name in self.horizontal[1:]),
        ]
        return m


class SwitchablePE(StampedComponent):
    """Weight- or output-stationary, as ``output_stationary`` says during a layer.

    One multiplier and one adder serve both: the partial sum of the row above or the running sum
    is added. The weight chain is the next-weight buffer of one and the weight pipeline of the
    other; the sum chain, wide enough for both, carries partial sums of one and drained results of
    the other. Other parameters and members are those of `StationaryPE` and `OutputStationaryPE`.
    """

    kind = "pe"
    horizontal = ("moving", "load", "swap", "valid", "first", "last", "insert")
    vertical = ("weights", "sum")
    static = ("output_stationary",)

    def __init__(self, *, inputs, weights, accumulator, chain, overflow):
        self.inputs, self.weights, self.chain = inputs, weights, chain
        self.accumulator, self.overflow = accumulator, overflow
        self.module_name = f"pe_switch_{inputs}x{weights}_{accumulator}"
        super().__init__({
            "moving_i": In(inputs.shape), "moving_o": Out(inputs.shape),
            "weights_i": In(weights.shape), "weights_o": Out(weights.shape),
            "sum_i": In(chain.shape), "sum_o": Out(chain.shape),
            **{f"{name}_i": In(1) for name in self.horizontal[1:]},
            **{f"{name}_o": Out(1) for name in self.horizontal[1:]},
            "output_stationary": In(1),
        })

    def parameters(self):
        return {"input_bits": self.inputs.bits, "weight_bits": self.weights.bits,
                "sum_bits": self.chain.bits, "inputs": str(self.inputs),
                "weights": str(self.weights), "accumulator": str(self.accumulator),
                "overflow": self.overflow.value}

    def elaborate(self, platform):
        m = Module()
        current = Signal(self.weights.shape)
        running = Signal(self.accumulator.shape)
        held = Signal(self.accumulator.shape)
        weight = Mux(self.output_stationary, self.weights_i, current)
        addend = Mux(self.output_stationary, Mux(self.first_i, 0, running), self.sum_i)
        total = addend + _product(m, self.moving_i, weight)
        kept = Signal(self.accumulator.shape)
        m.d.comb += kept.eq(cut(total, self.accumulator, self.overflow))
        with m.If(self.load_i):
            m.d.sync += self.weights_o.eq(self.weights_i)
        with m.If(self.swap_i):
            m.d.sync += current.eq(self.weights_o)
        with m.If(self.valid_i):
            m.d.sync += running.eq(kept)
        with m.If(self.last_i):
            m.d.sync += held.eq(kept)
        with m.If(~self.output_stationary):
            m.d.sync += self.sum_o.eq(total)
        with m.Else():
            m.d.sync += self.sum_o.eq(Mux(self.insert_i, held, self.sum_i))
        m.d.sync += [
            self.moving_o.eq(self.moving_i),
            *(getattr(self, f"{name}_o").eq(getattr(self, f"{name}_i"))
              for name in self.horizontal[1:]),
        ]
        return m


def _product(m, a, b):
    """``a * b`` on a net with a name."""
    product = Signal((a * b).shape(), name="product")
    m.d.comb += product.eq(a * b)
    return product
