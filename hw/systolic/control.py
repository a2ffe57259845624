"""Admission to a systolic array: who may enter, and the control bits that travel with it."""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import Component, In, Out

__all__ = ["OutputControl", "StationaryControl"]


class StationaryControl(Component):
    """Control of weight- and input-stationary arrays.

    Stationary beats fill the chain of next operands; a swap makes them current, in the cycle of
    the running tile's last vector if they are complete by then, so that tiles follow each other
    without a bubble. The next tile's first beat may enter in the cycle of the swap.

    Parameters
    ----------
    beats: int
        Beats of a stationary tile.
    interval_bits: int

    Members
    -------
    enable: this control is the one that the layer uses.
    reset, interval: job start; cycles between final vectors, minus one.
    stationary_valid, stationary_ready, moving_valid, moving_ready: handshakes of the operands.
    last, final: marks of the moving beat. credit: the consumer has room for a vector.
    admit, launch: a vector enters.
    loads: Out(beats), in the cycle after a stationary beat; bit n is set if position n takes it.
    swap: Out(1), in the cycle before the new tile's first vector is at the edge.
    """

    def __init__(self, beats, interval_bits):
        self.beats = beats
        super().__init__({
            "enable": In(1), "reset": In(1), "interval": In(interval_bits), "credit": In(1),
            "stationary_valid": In(1), "stationary_ready": Out(1),
            "moving_valid": In(1), "moving_ready": Out(1), "last": In(1), "final": In(1),
            "admit": Out(1), "launch": Out(1), "loads": Out(beats), "swap": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        remaining = Signal(self.beats, init=(1 << self.beats) - 1)   # thermometer
        complete, current = Signal(), Signal()
        pause = Signal.like(self.interval)

        swap = Signal()
        take_stationary = Signal()
        take_moving = Signal()
        m.d.comb += [
            self.moving_ready.eq(current & self.credit & ~(self.final & pause.any())),
            take_moving.eq(self.moving_valid & self.moving_ready),
            self.admit.eq(take_moving),
            self.launch.eq(take_moving),
            swap.eq(complete & (~current | (take_moving & self.last))),
            self.stationary_ready.eq(self.enable & (~complete | swap)),
            take_stationary.eq(self.stationary_valid & self.stationary_ready),
        ]
        with m.If(pause.any()):
            m.d.sync += pause.eq(pause - 1)
        with m.If(take_moving):
            with m.If(self.last):
                m.d.sync += current.eq(0)
            with m.If(self.final):
                m.d.sync += pause.eq(self.interval)
        with m.If(swap):
            m.d.sync += [current.eq(1), complete.eq(0)]
        with m.If(take_stationary):
            m.d.sync += [
                remaining.eq(Mux(remaining[1:].any(), remaining >> 1, ~0)),
                complete.eq(~remaining[1:].any()),
            ]
        m.d.sync += [
            self.loads.eq(Mux(take_stationary, remaining, 0)),
            self.swap.eq(swap),
        ]
        with m.If(self.reset):
            m.d.sync += [remaining.eq(~0), complete.eq(0), current.eq(0), pause.eq(0)]
        return m


class OutputControl(Component):
    """Control of output-stationary arrays: blocks of ``rows`` steps in, drained rows out.

    A block starts when both operands are there; a tile's last block also waits until its outputs
    have a place: the rows of the tile before have left, the consumer has kept pace, and there is
    credit. One row is then drained every cycle, or every ``interval + 1`` cycles if final.

    Members
    -------
    enable: this control is the one that the layer uses.
    reset: job start. active_rows, interval, occupancy: see `engine_config`.
    moving_valid, moving_ready, stationary_valid, stationary_ready: handshakes of the operands.
    first, last, final: marks of the inputs beat. credit: room for the rows of a tile.
    load: Out(rows), the row whose word is taken in this cycle.
    step, first_step, last_step: Out(1), in the cycle after a step was taken.
    insert: Out(rows), the row to be drained. launch: the cycle before, for any row.
    admit: a tile's last block has started. draining: rows wait. underrun: a block was interrupted.
    """

    def __init__(self, rows, rows_bits, interval_bits, occupancy_bits):
        self.rows = rows
        super().__init__({
            "enable": In(1), "reset": In(1), "active_rows": In(rows_bits),
            "interval": In(interval_bits), "occupancy": In(occupancy_bits),
            "credit": In(1), "admit": Out(1),
            "moving_valid": In(1), "moving_ready": Out(1),
            "stationary_valid": In(1), "stationary_ready": Out(1),
            "first": In(1), "last": In(1), "final": In(1),
            "load": Out(rows), "step": Out(1), "first_step": Out(1), "last_step": Out(1),
            "insert": Out(rows), "launch": Out(1), "draining": Out(1), "underrun": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        slot = Signal(range(self.rows))
        wants_word = Signal(init=1)               # slot <= active_rows
        last, final = Signal(), Signal()          # marks of the running block
        starts, ends = Signal(), Signal()
        ready, take = Signal(), Signal()
        pause = Signal.like(self.occupancy)
        may_end = Signal()
        m.d.comb += [
            starts.eq(slot == 0),
            ends.eq(slot == self.rows - 1),
            may_end.eq(~self.last | (~pause.any() & self.credit)),
            ready.eq(self.enable & (~starts | may_end)),
            take.eq(ready & self.stationary_valid & (self.moving_valid | ~wants_word)),
            self.stationary_ready.eq(take),
            self.moving_ready.eq(take & wants_word),
            self.load.eq(Mux(self.moving_ready, 1 << slot, 0)),
            self.admit.eq(take & starts & self.last),
        ]
        completes = take & ends & Mux(starts, self.last, last)
        m.d.sync += [
            self.step.eq(take),
            self.first_step.eq(take & starts & self.first),
            self.last_step.eq(completes),
        ]
        with m.If(take):
            m.d.sync += [
                slot.eq(Mux(ends, 0, slot + 1)),
                wants_word.eq(ends | (wants_word & (slot != self.active_rows))),
            ]
        with m.Elif(~starts):
            m.d.sync += self.underrun.eq(1)
        with m.If(take & starts):
            m.d.sync += [last.eq(self.last), final.eq(self.final)]

        drained = Signal(range(self.rows))
        drain_final, wait = Signal(), Signal.like(self.interval)
        m.d.comb += self.launch.eq(self.draining & ~wait.any())
        with m.If(wait.any()):
            m.d.sync += wait.eq(wait - 1)
        with m.If(self.launch):
            m.d.sync += [
                drained.eq(drained + 1),
                wait.eq(Mux(drain_final, self.interval, 0)),
            ]
            with m.If(drained == self.active_rows):
                m.d.sync += self.draining.eq(0)
        m.d.sync += self.insert.eq(Mux(self.launch, 1 << drained, 0))
        with m.If(completes):
            m.d.sync += [
                self.draining.eq(1), drained.eq(0), wait.eq(0),
                drain_final.eq(Mux(starts, self.final, final)),
            ]
        with m.If(pause.any()):
            m.d.sync += pause.eq(pause - 1)
        with m.If(self.admit & self.final):
            m.d.sync += pause.eq(self.occupancy)
        with m.If(self.reset):
            m.d.sync += [
                slot.eq(0), wants_word.eq(1), pause.eq(0), self.draining.eq(0),
                self.underrun.eq(0),
            ]
        return m
