"""A bounded proof of the FIFO: every beat leaves once, in order and unchanged, however both sides
idle and whenever it is cleared."""

import re

import pytest
from amaranth import Module, Signal, unsigned
from amaranth.hdl import Assert, Assume, Cover
from amaranth.lib.wiring import Component, In

from hw.fifo import Fifo
from tests.formal import ProofError, prove, reach

SHAPE = unsigned(2)
CLOCKS = 12


class FifoProof(Component):
    """A FIFO whose ``chosen``-th beat since it was cleared is followed.

    Within the bound, any beat may be the chosen one: what holds for it holds for all.
    """

    def __init__(self, fifo):
        self.dut = fifo
        super().__init__({"clear": In(1), "valid": In(1), "payload": In(SHAPE), "ready": In(1),
                          "choice": In(range(CLOCKS))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        m.d.comb += [
            dut.clear.eq(self.clear),
            dut.i.valid.eq(self.valid),
            dut.i.payload.eq(self.payload),
            dut.o.ready.eq(self.ready),
        ]
        chosen, started = Signal.like(self.choice), Signal()
        entered, left = Signal(range(CLOCKS + 1)), Signal(range(CLOCKS + 1))
        beat = Signal(SHAPE)
        m.d.sync += [started.eq(1), chosen.eq(self.choice)]
        with m.If(started):
            m.d.comb += Assume(self.choice == chosen)
        with m.If(dut.i.valid & dut.i.ready):
            m.d.sync += entered.eq(entered + 1)
            with m.If(entered == self.choice):
                m.d.sync += beat.eq(dut.i.payload)
        with m.If(dut.o.valid & dut.o.ready):
            m.d.sync += left.eq(left + 1)
        with m.If(self.clear):
            m.d.sync += [entered.eq(0), left.eq(0)]

        waited, before = Signal(), Signal(SHAPE)
        m.d.sync += [waited.eq(dut.o.valid & ~dut.o.ready & ~self.clear),
                     before.eq(dut.o.payload)]
        m.d.comb += [
            Assert(dut.level == entered - left, "the level counts the beats"),
            Assert(dut.level <= dut.depth, "no more beats than the depth"),
            Assert(dut.i.ready | (dut.level >= dut.depth - 1), "ready while there is room"),
            Assert(~dut.o.valid | (left < entered), "no beat from nowhere"),
            Assert(~waited | dut.o.valid & (dut.o.payload == before), "a waiting beat is held"),
            Assert(~(dut.o.valid & (left == self.choice)) | (dut.o.payload == beat),
                   "the beat that entered leaves"),
            Cover((left == dut.depth + 1) & (dut.level == dut.depth)),
        ]
        return m


class Forgetful(Fifo):
    """Clears the beats but not the one at the front."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.clear & self.o.valid):
            m.d.sync += self.o.valid.eq(1)
        return m


@pytest.mark.parametrize("depth", [3, 4, 6])
def test_every_beat_leaves_once_in_order(depth, tmp_path):
    prove(FifoProof(Fifo("fifo", SHAPE, depth)), CLOCKS, tmp_path)


def test_the_proof_is_not_empty(tmp_path):
    reach(FifoProof(Fifo("fifo", SHAPE, 3)), CLOCKS, tmp_path)


def test_the_proof_finds_a_bug(tmp_path):
    with pytest.raises(ProofError):
        prove(FifoProof(Forgetful("fifo", SHAPE, 3)), CLOCKS, tmp_path)


def test_too_shallow():
    with pytest.raises(ValueError, match="^" + re.escape(
            "a FIFO needs a depth of 3 or more, not 2") + "$"):
        Fifo("fifo", SHAPE, 2)
