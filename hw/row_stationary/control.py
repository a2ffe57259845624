"""Admission to a row-stationary array, and when its steps start."""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import Component, In, Out

from ..parameters import address_bits
from .config import row_stationary_config
from .row import token_layout

__all__ = ["StepControl"]


class StepControl(Component):
    """Counts beats into columns of pixels and filter rows, and steps into passes.

    A step starts when its window and its pass's weights are complete and the step before has
    started ``step_cycles`` ago. Places of pixels and banks of weights are free again when the
    array says so.

    Parameters
    ----------
    array: RowStationaryParameters

    Members
    -------
    reset: job start. config: what the layer chooses. credit: there is room for a step's vectors.
    pixel_valid, pixel_ready, weights_valid, weights_ready: handshakes of the operands.
    tag, write_slot: of the beat of inputs. filter_tag, write_bank, write_beat: of weights.
    release, finish: a place of a pixel, a bank of weights is free.
    start: a step starts. launch, launch_chain: one cycle later and for every chain, see `Row`.
    busy: chains are still to be launched.
    """

    def __init__(self, array):
        self.array = p = array
        layout = row_stationary_config(p, 1)
        super().__init__({
            "reset": In(1), "config": In(layout), "credit": In(1),
            "pixel_valid": In(1), "pixel_ready": Out(1), "tag": Out(p.tag_bits),
            "write_slot": Out(address_bits(p.window_pixels)),
            "weights_valid": In(1), "weights_ready": Out(1),
            "filter_tag": Out(address_bits(p.rows)), "write_bank": Out(1),
            "write_beat": Out(address_bits(p.filter_beats)),
            "release": In(1), "finish": In(1),
            "start": Out(1), "launch": Out(token_layout(p)),
            "launch_chain": Out(address_bits(p.rows)), "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        begins, ends, moves = Signal(), Signal(), Signal(range(self.array.window_pixels + 1))
        ready = self._pixels(m, moves) & (self._weights(m, begins) | ~begins)
        final = self._steps(m, ready, begins, ends)
        m.d.comb += moves.eq(Mux(self.start, Mux(final, self.config.taps, self.config.stride) + 1,
                                 0))
        self._launch(m, final, moves, begins)
        return m

    def _pixels(self, m, moves):
        """Columns of pixels come in; returns whether there is a window of them."""
        most = self.array.window_pixels
        held = Signal(range(most + 1))          # columns whose places are taken
        ahead = Signal(range(most + 1))         # columns from the next step's first one on
        take, complete = Signal(), Signal()
        m.d.comb += [
            self.pixel_ready.eq(held < most),
            take.eq(self.pixel_valid & self.pixel_ready),
            complete.eq(take & (self.tag == self.config.column_beats)),
        ]
        m.d.sync += [held.eq(held + complete - self.release), ahead.eq(ahead + complete - moves)]
        with m.If(take):
            m.d.sync += self.tag.eq(Mux(complete, 0, self.tag + 1))
        with m.If(complete):
            m.d.sync += self.write_slot.eq(
                Mux(self.write_slot == most - 1, 0, self.write_slot + 1))
        with m.If(self.reset):
            m.d.sync += [held.eq(0), ahead.eq(0), self.tag.eq(0), self.write_slot.eq(0)]
        return ahead > self.config.taps

    def _weights(self, m, begins):
        """Filter rows come in; returns whether a pass is complete that has not begun."""
        held = Signal(range(3))
        waiting = Signal(range(3))
        take, row_ends, complete = Signal(), Signal(), Signal()
        m.d.comb += [
            self.weights_ready.eq(held < 2),
            take.eq(self.weights_valid & self.weights_ready),
            row_ends.eq(self.write_beat == self.config.filter_beats),
            complete.eq(take & row_ends & (self.filter_tag == self.config.filter_tags)),
        ]
        m.d.sync += [held.eq(held + complete - self.finish),
                     waiting.eq(waiting + complete - (self.start & begins))]
        with m.If(take):
            m.d.sync += self.write_beat.eq(Mux(row_ends, 0, self.write_beat + 1))
            with m.If(row_ends):
                m.d.sync += self.filter_tag.eq(Mux(complete, 0, self.filter_tag + 1))
        with m.If(complete):
            m.d.sync += self.write_bank.eq(~self.write_bank)
        with m.If(self.reset):
            m.d.sync += [held.eq(0), waiting.eq(0), self.write_beat.eq(0), self.filter_tag.eq(0),
                         self.write_bank.eq(0)]
        return waiting.any()

    def _steps(self, m, ready, begins, ends):
        """Starts steps; returns whether the next one ends its pass."""
        step = Signal.like(self.config.steps)
        pause = Signal.like(self.config.step_cycles)
        m.d.comb += [
            begins.eq(step == 0),
            ends.eq(step == self.config.steps),
            self.start.eq(ready & self.credit & ~pause.any() & ~self.reset),
        ]
        with m.If(pause.any()):
            m.d.sync += pause.eq(pause - 1)
        with m.If(self.start):
            m.d.sync += [pause.eq(self.config.step_cycles), step.eq(Mux(ends, 0, step + 1))]
        with m.If(self.reset):
            m.d.sync += [pause.eq(0), step.eq(0)]
        return ends

    def _launch(self, m, final, moves, begins):
        """One chain after the other, ``filters`` cycles apart."""
        most = self.array.window_pixels
        slot, bank = Signal.like(self.launch.slot), Signal(init=1)
        after = Signal(range(2 * most))
        gap = Signal.like(self.config.filters)
        m.d.comb += after.eq(slot + moves)
        m.d.sync += self.launch.valid.eq(self.start)
        with m.If(self.start):
            m.d.sync += [
                slot.eq(Mux(after >= most, after - most, after)),
                self.launch.slot.eq(slot), self.launch.final.eq(final),
                self.launch.bank.eq(bank ^ begins), bank.eq(bank ^ begins),
                self.launch_chain.eq(0), gap.eq(self.config.filters),
                self.busy.eq(self.config.chains.any()),
            ]
        with m.Elif(self.busy):
            m.d.sync += gap.eq(gap - 1)
            with m.If(gap == 0):
                m.d.sync += [
                    self.launch.valid.eq(1), self.launch_chain.eq(self.launch_chain + 1),
                    gap.eq(self.config.filters),
                    self.busy.eq(self.launch_chain + 1 != self.config.chains),
                ]
        with m.If(self.reset):
            m.d.sync += [self.launch.valid.eq(0), self.busy.eq(0), slot.eq(0), bank.eq(1)]
