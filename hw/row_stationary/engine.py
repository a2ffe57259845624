"""The row-stationary engine: rows of elements, the delivery of operands, and the control."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Signal
from amaranth.lib import data

from ..engine_members import engine_members
from ..stamp import Stamped, StampedComponent
from .config import legal_config, row_stationary_config
from .control import StepControl
from .row import Row

__all__ = ["RowStationaryEngine"]


class RowStationaryEngine(StampedComponent):
    """A row-stationary array between two operand streams and a stream of output vectors.

    Rows of elements form chains of equal length, one above the other, the first one at the bottom.
    An element convolves a row of one or several filters with a row of the input; a chain adds up
    its elements' sums from row to row, and columns compute different rows of the output.

    - A pass uses one set of weights: for each ``filter_tag`` ``filter_beats`` beats, taken by the
      rows with that tag. Weights lie in the order of their use: by tap, part of the channels,
      filter (and, for ``macs_per_pe`` channels at once, channel).
    - A pass takes ``steps`` steps of ``filters x parts x taps`` cycles. A step's window is
      ``taps`` columns of pixels, and the next one's begins ``stride`` columns later. A column is
      ``column_beats`` beats of one pixel each, and the element in row r and column c takes the one
      whose number is the sum of the tags of r and c. Passes share no columns.
    - Each step yields, chain by chain, a vector for each filter; its lanes are the array's columns.
      Lanes whose elements are not in use are 0.

    Nothing stops once a step has started; a step waits for its window, for its pass's weights, for
    the time of the step before, and for ``credit``. If it starts in cycle s, vector f of chain c
    comes in ``s + (parts * taps - 1 + c) * filters + rows per chain + f + latency``, see
    `EngineGeometry.latency`. Operands are accepted until both banks of weights or all places of
    pixels are taken, and may start a step in the next cycle. A bank can be filled again
    from ``2 + d + filters * parts * taps`` cycles after the start of its pass's last step,
    ``d = (chains - 1) * filters + rows per chain - 1``; the place of the u-th pixel of a window
    from ``3 + d + u * filters * parts`` cycles after the start of the step that is its last one.

    Parameters
    ----------
    parameters: RowStationaryParameters
    post_beats: int
        Cycles that the consumer needs for one final vector: 1.

    Members
    -------
    Those of `SystolicEngine`; the marks of beats are not used, and ``admit`` says that a step
    starts.
    """

    kind = "engine"

    def __init__(self, parameters, post_beats):
        p = self.array = parameters
        self.post_beats = post_beats
        self.module_name = f"row_stationary_engine_{p.rows}x{p.columns}"
        super().__init__(engine_members(p, row_stationary_config(p, post_beats)))

    def parameters(self):
        p = self.array
        return {"rows": p.rows, "columns": p.columns, "inputs": str(p.inputs),
                "weights": str(p.weights), "partial_sum": str(p.partial_sum),
                "channels_per_beat": p.channels_per_beat, "weights_per_beat": p.weights_per_beat,
                "macs_per_pe": p.macs_per_pe, "filter_depth": p.filter_depth,
                "window_pixels": p.window_pixels, "sum_depth": p.sum_depth,
                "zero_gating": p.zero_gating}

    def elaborate(self, platform):
        m = Module()
        p = self.array
        config = Signal(self.config.shape())
        with m.If(self.load):
            m.d.sync += config.eq(self.config)
        m.submodules.control = control = StepControl(p)
        m.d.comb += [
            self.legal.eq(legal_config(p, self.config)),
            control.reset.eq(self.load), control.config.eq(config),
            control.credit.eq(self.credit), self.admit.eq(control.start),
            control.pixel_valid.eq(self.inputs.valid), self.inputs.ready.eq(control.pixel_ready),
            control.weights_valid.eq(self.weights.valid),
            self.weights.ready.eq(control.weights_ready),
        ]
        rows = self._rows(m, control, config)
        m.d.comb += [control.release.eq(_any(row.release for row in rows)),
                     control.finish.eq(_any(row.finish for row in rows))]
        m.d.sync += self.output_valid.eq(_any(row.output_valid for row in rows) & ~self.load)
        for column, lane in enumerate(self.outputs):
            m.d.sync += lane.eq(_any(row.outputs[column] for row in rows))
        launching = control.launch.valid | control.busy
        m.d.comb += self.busy.eq(_any(row.busy for row in rows) | launching | self.output_valid)
        return m

    def _rows(self, m, control, config):
        """The array, the bottom row first, and what brings the operands to it."""
        p = self.array
        pixels, weights = self._deliver_pixels(m, control, config), self._deliver_weights(
            m, control)
        rows = [Row(p) for _ in range(p.rows)]
        below = None
        for number, row in enumerate(rows):
            m.submodules[f"row_{number}"] = Stamped(row)
            chosen = config.rows[number]
            m.d.comb += [
                row.reset.eq(self.load), row.config.eq(chosen),
                *(row.turns[name].eq(config[name]) for name, _ in row.turns.shape()),
                row.enables.eq(Cat(column.active & (column.output_row <= chosen.output_rows)
                                   for column in config.columns)),
                row.launch.eq(control.launch), row.launch_chain.eq(control.launch_chain),
                *(getattr(row, name).eq(value) for name, value in (pixels | weights).items()),
            ]
            if below:
                m.d.comb += [row.token_i.eq(below.token_o), row.chain_i.eq(below.chain_o)]
            below = row
        return rows

    def _deliver_pixels(self, m, control, config):
        """Registers for a beat of inputs, with its tag as each column sees it."""
        p = self.array
        take = self.inputs.valid & self.inputs.ready
        valid, slot = Signal(), Signal.like(control.write_slot)
        pixel = Signal.like(self.inputs.p.lanes)
        tags = Signal(data.ArrayLayout(p.tag_bits, p.columns))
        m.d.sync += valid.eq(take & ~self.load)
        with m.If(take):
            m.d.sync += [pixel.eq(self.inputs.p.lanes), slot.eq(control.write_slot)]
            m.d.sync += [tag.eq(control.tag - column.tag)
                         for tag, column in zip(tags, config.columns, strict=True)]
        return {"pixel_valid": valid, "pixel": pixel, "pixel_tags": tags, "write_slot": slot}

    def _deliver_weights(self, m, control):
        """Registers for a beat of weights."""
        take = self.weights.valid & self.weights.ready
        valid, weights = Signal(), Signal.like(self.weights.p.lanes)
        place = {"weights_tag": control.filter_tag, "write_bank": control.write_bank,
                 "write_beat": control.write_beat}
        registers = {name: Signal.like(value, name=name) for name, value in place.items()}
        m.d.sync += valid.eq(take & ~self.load)
        with m.If(take):
            m.d.sync += weights.eq(self.weights.p.lanes)
            m.d.sync += [registers[name].eq(value) for name, value in place.items()]
        return {"weights_valid": valid, "weights": weights} | registers


def _any(values):
    return reduce(or_, values)
