"""Processing elements of the systolic arrays: one multiply-accumulate per cycle each.

Every element lists which of its ports run along a row (``horizontal``), which run down a column
(``vertical``) and which are constant during a layer (``static``). A port ``x`` of the first two
kinds is a pair ``x_i``/``x_o`` with one register in between, so that columns and meshes are wired
from the lists alone.

An element may serve ``ways`` columns, which take the moving operand in the same cycle: everything
that runs down a column then has as many lanes. Where its multiplier has registers, sums follow
their operands that many cycles later; as all elements do alike, nothing else changes.
"""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from ..arithmetic import cut
from ..multiplier import add_products
from ..stamp import StampedComponent
from .element import delayed, down, each, multiplier_parameters, name_suffix

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
    ways: int
        Columns that the element serves; 1 if stationary operands load along rows.
    multiplier: MultiplierKind or None
        None: a plain product.

    Members
    -------
    moving_i, moving_o: the passing operand.
    stationary_i, stationary_o: chain of next operands; taken when ``load_i`` is set.
    load_i, load_o, swap_i, swap_o: control pulses that travel with the wave.
    sum_i, sum_o: partial sums.
    """

    kind = "pe"
    static = ()

    def __init__(self, *, moving, stationary, sum_in, sum_out, loads_along_rows, ways,
                 multiplier):
        self.moving, self.stationary = moving, stationary
        self.sum_in, self.sum_out = sum_in, sum_out
        self.ways, self.multiplier = ways, multiplier
        self.loads_along_rows = loads_along_rows
        self.horizontal = ("moving", "swap", "stationary" if loads_along_rows else "load")
        self.vertical = ("load" if loads_along_rows else "stationary", "sum")
        self.module_name = (f"pe_{'is' if loads_along_rows else 'ws'}_{moving}x{stationary}"
                            f"_{sum_in or 'first'}_{sum_out}{name_suffix(ways, multiplier)}")
        operands = down(stationary.shape, ways)
        super().__init__({
            "moving_i": In(moving.shape), "moving_o": Out(moving.shape),
            "stationary_i": In(operands), "stationary_o": Out(operands),
            "load_i": In(1), "load_o": Out(1), "swap_i": In(1), "swap_o": Out(1),
            "sum_i": In(down(sum_in.shape, ways) if sum_in else ways),
            "sum_o": Out(down(sum_out.shape, ways)),
        })

    def parameters(self):
        return {"input_bits": self.moving.bits, "weight_bits": self.stationary.bits,
                "sum_bits": self.sum_out.bits, "moving": str(self.moving),
                "stationary": str(self.stationary), "sum_in": str(self.sum_in),
                "loads_along_rows": self.loads_along_rows,
                **multiplier_parameters(self.ways, self.multiplier)}

    def elaborate(self, platform):
        m = Module()
        current = Signal(down(self.stationary.shape, self.ways))
        with m.If(self.load_i):
            m.d.sync += self.stationary_o.eq(self.stationary_i)
        with m.If(self.swap_i):
            m.d.sync += current.eq(self.stationary_o)
        products = add_products(m, self.moving_i, each(current, self.ways),
                                (self.moving, self.stationary), self.multiplier)
        m.d.sync += [
            self.moving_o.eq(self.moving_i),
            self.load_o.eq(self.load_i),
            self.swap_o.eq(self.swap_i),
            *(o.eq(i + product if self.sum_in else product) for o, i, product
              in zip(each(self.sum_o, self.ways), each(self.sum_i, self.ways), products,
                     strict=True)),
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
    ways: int
        Columns that the element serves.
    multiplier: MultiplierKind or None
        None: a plain product. ``insert`` comes as much later as its latency.

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

    def __init__(self, *, inputs, weights, accumulator, overflow, ways, multiplier):
        self.inputs, self.weights = inputs, weights
        self.accumulator, self.overflow = accumulator, overflow
        self.ways, self.multiplier = ways, multiplier
        self.module_name = (f"pe_os_{inputs}x{weights}_{accumulator}"
                            f"{name_suffix(ways, multiplier)}")
        operands, sums = down(weights.shape, ways), down(accumulator.shape, ways)
        super().__init__({
            "moving_i": In(inputs.shape), "moving_o": Out(inputs.shape),
            "weights_i": In(operands), "weights_o": Out(operands),
            "sum_i": In(sums), "sum_o": Out(sums),
            **{f"{name}_i": In(1) for name in self.horizontal[1:]},
            **{f"{name}_o": Out(1) for name in self.horizontal[1:]},
        })

    def parameters(self):
        return {"input_bits": self.inputs.bits, "weight_bits": self.weights.bits,
                "sum_bits": self.accumulator.bits, "inputs": str(self.inputs),
                "weights": str(self.weights), "overflow": self.overflow.value,
                **multiplier_parameters(self.ways, self.multiplier)}

    def elaborate(self, platform):
        m = Module()
        sums = down(self.accumulator.shape, self.ways)
        late = self.multiplier.latency if self.multiplier else 0
        running = Signal(sums, reset_less=late > 0)
        held = Signal(sums, reset_less=late > 0)
        total = Signal(sums)
        products = add_products(m, self.moving_i, each(self.weights_i, self.ways),
                                (self.inputs, self.weights), self.multiplier)
        valid, last = (delayed(m, self, name, late) for name in ("valid", "last"))
        for way, product in enumerate(products):
            addend = each(running, self.ways)[way]
            if not late:
                addend = Mux(self.first_i, 0, addend)
            m.d.comb += each(total, self.ways)[way].eq(
                cut(addend + product, self.accumulator, self.overflow))
        with m.If(valid):
            m.d.sync += running.eq(total)
        if late:
            # A sum's first product is a cycle away: clearing a register costs no multiplexer.
            with m.If(delayed(m, self, "first", late - 1)):
                m.d.sync += running.eq(0)
        with m.If(last):
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
    the other. Other parameters and members are those of `StationaryPE` and `OutputStationaryPE`;
    an element serves one column.
    """

    kind = "pe"
    horizontal = ("moving", "load", "swap", "valid", "first", "last", "insert")
    vertical = ("weights", "sum")
    static = ("output_stationary",)

    def __init__(self, *, inputs, weights, accumulator, chain, overflow, multiplier):
        self.inputs, self.weights, self.chain = inputs, weights, chain
        self.accumulator, self.overflow = accumulator, overflow
        self.multiplier = multiplier
        self.module_name = (f"pe_switch_{inputs}x{weights}_{accumulator}"
                            f"{name_suffix(1, multiplier)}")
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
                "overflow": self.overflow.value,
                **multiplier_parameters(1, self.multiplier)}

    def elaborate(self, platform):
        m = Module()
        current = Signal(self.weights.shape)
        running = Signal(self.accumulator.shape)
        held = Signal(self.accumulator.shape)
        weight = Mux(self.output_stationary, self.weights_i, current)
        late = self.multiplier.latency if self.multiplier else 0
        first, valid, last = (delayed(m, self, name, late) for name in ("first", "valid", "last"))
        addend = Mux(self.output_stationary, Mux(first, 0, running), self.sum_i)
        product, = add_products(m, self.moving_i, [weight], (self.inputs, self.weights),
                                self.multiplier)
        total = addend + product
        kept = Signal(self.accumulator.shape)
        m.d.comb += kept.eq(cut(total, self.accumulator, self.overflow))
        with m.If(self.load_i):
            m.d.sync += self.weights_o.eq(self.weights_i)
        with m.If(self.swap_i):
            m.d.sync += current.eq(self.weights_o)
        with m.If(valid):
            m.d.sync += running.eq(kept)
        with m.If(last):
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
