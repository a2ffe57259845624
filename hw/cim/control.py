"""Admission to a compute-in-memory array: which rows are written, which vectors enter, and when."""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import Component, In, Out

from ..parameters import address_bits

__all__ = ["BankControl"]


class BankControl(Component):
    """Control of an array that holds a tile of weights in each of its banks.

    Tiles are written to the banks in turn, their last active row first, while vectors pass the
    bank before. A bank becomes current once it is complete, in the cycle in which the current
    one's last vector takes its last step, so that tiles follow each other without a bubble; the
    bank that is left can be written from that very cycle on.

    A vector takes one step or more. It enters with its first one and the next vector follows its
    last one. That one waits for credit and, where vectors are final, for the consumer's pace.

    Parameters
    ----------
    beats: int
        Most rows of a tile.
    banks: int
    interval_bits: int

    Members
    -------
    reset, interval, final_beat: job start; cycles between final vectors and rows of a tile, both
        minus one.
    credit: the consumer has room for a vector.
    stationary_valid, stationary_ready: handshake of the rows. write, write_row, write_bank: a row
        is taken, its number (counting down) and its bank.
    moving_valid, moving_ready, last, final: handshake and marks of the vector that is offered.
    only, ends: that vector has one step; the next step of the vector inside is its last.
    accept, step, launch: a vector enters; a step is taken; it is its vector's last one.
    bank: of the step.
    """

    def __init__(self, beats, banks, interval_bits):
        self.banks = banks
        super().__init__({
            "reset": In(1), "interval": In(interval_bits), "final_beat": In(address_bits(beats)),
            "credit": In(1),
            "stationary_valid": In(1), "stationary_ready": Out(1), "write": Out(1),
            "write_row": Out(address_bits(beats)), "write_bank": Out(address_bits(banks)),
            "moving_valid": In(1), "moving_ready": Out(1), "last": In(1), "final": In(1),
            "only": In(1), "ends": In(1),
            "accept": Out(1), "step": Out(1), "launch": Out(1), "bank": Out(address_bits(banks)),
        })

    def elaborate(self, platform):
        m = Module()
        current = Signal()                          # vectors may pass the bank `bank`
        release = self._vectors(m, current)
        waiting = Signal(range(self.banks + 1))     # complete tiles behind the current one
        row = Signal.like(self.write_row)           # rows of this tile that were taken
        complete = Signal()
        swap = Signal()
        m.d.comb += [
            swap.eq(waiting.any() & (~current | release)),
            self.stationary_ready.eq((waiting + current < self.banks) | release),
            self.write.eq(self.stationary_valid & self.stationary_ready),
            self.write_row.eq(self.final_beat - row),
            complete.eq(self.write & (row == self.final_beat)),
        ]
        m.d.sync += waiting.eq(waiting + complete - swap)
        with m.If(self.write):
            m.d.sync += row.eq(Mux(complete, 0, row + 1))
        with m.If(complete):
            m.d.sync += self.write_bank.eq(self._after(self.write_bank))
        with m.If(swap):
            m.d.sync += [current.eq(1), self.bank.eq(self._after(self.bank))]
        with m.Elif(release):
            m.d.sync += current.eq(0)
        with m.If(self.reset):
            m.d.sync += [waiting.eq(0), row.eq(0), current.eq(0), self.write_bank.eq(0),
                         self.bank.eq(self.banks - 1)]
        return m

    def _after(self, bank):
        """The bank whose turn is next; their number is a power of two."""
        return bank + 1 if self.banks > 1 else 0

    def _vectors(self, m, current):
        """Steps of vectors; returns the signal that the current bank has had its last one."""
        held = Signal()
        held_last = Signal()
        held_final = Signal()
        pause = Signal.like(self.interval)
        late = Signal()
        go_on = Signal()
        release = Signal()
        final = Mux(held, held_final, self.final)
        m.d.comb += [
            late.eq(~self.credit | (final & pause.any())),
            self.moving_ready.eq(current & ~held & ~(self.only & late)),
            self.accept.eq(self.moving_valid & self.moving_ready),
            go_on.eq(held & ~(self.ends & late)),
            self.step.eq(self.accept | go_on),
            self.launch.eq(Mux(held, go_on & self.ends, self.accept & self.only)),
            release.eq(self.launch & Mux(held, held_last, self.last)),
        ]
        with m.If(pause.any()):
            m.d.sync += pause.eq(pause - 1)
        with m.If(self.launch & final):
            m.d.sync += pause.eq(self.interval)
        with m.If(self.accept):
            m.d.sync += [held.eq(~self.only), held_last.eq(self.last), held_final.eq(self.final)]
        with m.Elif(self.launch):
            m.d.sync += held.eq(0)
        with m.If(self.reset):
            m.d.sync += [held.eq(0), pause.eq(0)]
        return release
