"""Admission to a dot-product array: weights move up as soon as the last vector has passed."""

from amaranth import Cat, Module, Signal
from amaranth.lib.wiring import Component, In, Out

__all__ = ["TileControl"]


class TileControl(Component):
    """Control of an array with two sets of weights, the current ones and those that are loaded.

    The beats of the next tile are taken while vectors pass the current one, but for its last beat:
    that one waits until the current tile's last vector enters, and with it the whole tile moves up
    and becomes current. So there is no time between a tile that is complete and one that is used;
    a tile of one beat follows the other in every cycle, and vectors in every cycle pass any tile
    that has no more beats than vectors.

    Parameters
    ----------
    beats: int
        Beats of a tile of weights.
    interval_bits: int

    Members
    -------
    reset, interval: job start; cycles between final vectors, minus one.
    credit: the consumer has room for a vector.
    stationary_valid, stationary_ready, moving_valid, moving_ready: handshakes of the operands.
    last, final: marks of the vector that is offered.
    complete: it has an output; the others wait neither for the consumer nor for its pace.
    admit: a vector enters.
    write: Out(beats), the beat that is taken, the last one of a tile in bit 0.
    swap: Out(1), in the cycle after a tile's last beat.
    """

    def __init__(self, beats, interval_bits):
        self.beats = beats
        super().__init__({
            "reset": In(1), "interval": In(interval_bits), "credit": In(1),
            "stationary_valid": In(1), "stationary_ready": Out(1),
            "moving_valid": In(1), "moving_ready": Out(1), "last": In(1), "final": In(1),
            "complete": In(1, init=1),
            "admit": Out(1), "write": Out(beats), "swap": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        current, vacated = Signal(), Signal()
        beat = Signal(self.beats, init=1 << (self.beats - 1))       # one-hot, counts down
        pause = Signal.like(self.interval)
        take, paced = Signal(), Signal()
        m.d.comb += [
            paced.eq(self.final & self.complete),
            self.moving_ready.eq(current & (self.credit | ~self.complete)
                                 & ~(paced & pause.any())),
            self.admit.eq(self.moving_valid & self.moving_ready),
            vacated.eq(~current | (self.admit & self.last)),
            self.stationary_ready.eq(~beat[0] | vacated),
            take.eq(self.stationary_valid & self.stationary_ready),
            self.write.eq(beat & take.replicate(self.beats)),
        ]
        m.d.sync += [self.swap.eq(self.write[0]), current.eq(self.write[0] | ~vacated)]
        with m.If(take):
            m.d.sync += beat.eq(Cat(beat[1:], beat[0]))
        with m.If(pause.any()):
            m.d.sync += pause.eq(pause - 1)
        with m.If(self.admit & paced):
            m.d.sync += pause.eq(self.interval)
        with m.If(self.reset):
            m.d.sync += [current.eq(0), beat.eq(beat.init), pause.eq(0)]
        return m
