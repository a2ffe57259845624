"""Bounded proofs of the AXI slaves, for every host and every core within the bound.

Of the host nothing is assumed but AXI's rules: it holds a transfer until it is taken, and marks the
last beat of a write. Resets may come at any time.
"""

import pytest
from amaranth import Cat, Module, Signal, unsigned
from amaranth.hdl import Assert, Assume, Cover
from amaranth.lib.wiring import Component, In, connect, flipped

from hw.axi import AXI4LiteSignature, AXI4Signature, Burst, Response
from hw.control_bus import ControlBus
from hw.memory_bus import ADDRESS_BITS, ID_BITS, MemoryBus
from hw.registers import REGISTER_ADDRESS_BITS, REGISTER_BITS
from hw.windows import BUS_BITS, BUS_BYTES, lay_out_windows
from tests.formal import ProofError, prove, reach

CHANNELS = {
    "aw": ("addr", "id", "len", "size", "burst"), "w": ("data", "strb", "last"),
    "b": ("resp", "id"), "ar": ("addr", "id", "len", "size", "burst"),
    "r": ("data", "resp", "id", "last"),
}


def handshake(bus, channel):
    return getattr(bus, channel + "valid") & getattr(bus, channel + "ready")


def hold_transfers(m, bus):
    """Assume of the host's channels, and assert of the slave's, that what waits stays the same."""
    for channel, names in CHANNELS.items():
        valid, ready = getattr(bus, f"{channel}valid"), getattr(bus, f"{channel}ready")
        content = Cat(getattr(bus, channel + name) for name in names
                      if hasattr(bus, channel + name))
        waited = Signal(name=f"{channel}_waited")
        before = Signal(len(content), name=f"{channel}_before")
        m.d.sync += [waited.eq(valid & ~ready), before.eq(content)]
        held = ~waited | valid & (content == before)
        m.d.comb += Assert(held, f"{channel} is held") if channel in "br" else Assume(held)


class ControlProof(Component):
    """A control bus with one open write and one open read at most, each answered once."""

    def __init__(self, dut):
        self.dut = dut
        super().__init__({
            "bus": In(AXI4LiteSignature(address_bits=REGISTER_ADDRESS_BITS,
                                        data_bits=REGISTER_BITS)),
            "status": In(6),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        bus = self.bus
        connect(m, flipped(bus), dut.bus)
        m.d.comb += Cat(dut.busy, dut.ready, dut.done, dut.bank_conflict,
                        dut.engine_underrun, dut.job_refused).eq(self.status)
        hold_transfers(m, bus)

        open_write, open_read, waits = Signal(), Signal(), Signal(2)
        taken = handshake(bus, "aw")
        with m.If(handshake(bus, "b")):
            m.d.sync += open_write.eq(0)
        with m.If(taken):
            m.d.sync += open_write.eq(1)
        with m.If(handshake(bus, "r")):
            m.d.sync += open_read.eq(0)
        with m.If(handshake(bus, "ar")):
            m.d.sync += open_read.eq(1)
        m.d.sync += waits.eq(0)
        with m.If(bus.awvalid & bus.wvalid & ~taken & ~bus.bvalid):
            m.d.sync += waits.eq(waits + 1)
        m.d.comb += [
            Assert(taken == handshake(bus, "w"), "address and data together"),
            Assert(bus.bvalid == open_write, "one response per write"),
            Assert(bus.rvalid == open_read, "one answer per read"),
            Assert(waits <= 1, "a write is taken in the second cycle"),
            Assert(~(dut.start & dut.busy), "no start while busy"),
            Assert(~((dut.start | dut.clear | dut.program_base_written) & ~taken),
                   "no pulse without a write"),
            Cover(dut.start & open_read & bus.rvalid & ~bus.rready),
        ]
        return m


class MemoryProof(Component):
    """A memory bus before a memory in which each word holds its own address.

    A busy core leaves noise in the memory's output register.
    """

    WORDS = 4

    def __init__(self, dut):
        self.dut = dut
        super().__init__({
            "bus": In(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                    id_bits=ID_BITS)),
            "busy": In(1), "noise": In(BUS_BITS),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        bus, host = self.bus, dut.host.memory
        connect(m, flipped(bus), dut.bus)
        m.d.comb += dut.busy.eq(self.busy)
        hold_transfers(m, bus)
        with m.If(self.busy):
            m.d.sync += host.read_data.eq(self.noise)
        with m.Elif(host.read_en):
            m.d.sync += host.read_data.eq(host.addr)

        writing, write_word, write_left, write_id = self._burst(m, "aw", "w")
        answering = Signal()
        with m.If(handshake(bus, "b")):
            m.d.sync += answering.eq(0)
        with m.If(handshake(bus, "w")):
            m.d.comb += Assume(bus.wlast == (write_left == 0))
            m.d.sync += answering.eq(bus.wlast)
        fits = (write_word < self.WORDS) & bus.wstrb.all() & ~self.busy
        m.d.comb += [
            Assert(~bus.wready | writing, "data of an open write"),
            Assert(bus.bvalid == answering, "one response per write"),
            Assert(~bus.bvalid | (bus.bid == write_id), "identifier of a write"),
            Assert(host.write_en == (handshake(bus, "w") & fits), "writes are beats that fit"),
            Assert(~host.write_en | (host.addr == write_word), "address of a write"),
        ]

        reading, read_word, read_left, read_id = self._burst(m, "ar", "r")
        with m.If(bus.rvalid):
            m.d.comb += [
                Assert(reading, "answers of an open read"),
                Assert(bus.rlast == (read_left == 0), "last beat of a read"),
                Assert(bus.rid == read_id, "identifier of a read"),
            ]
            with m.If(bus.rresp == Response.OKAY):
                m.d.comb += [
                    Assert(read_word < self.WORDS, "no data from outside"),
                    Assert(bus.rdata == read_word, "data of a beat"),
                ]
        used = host.read_en | host.write_en.any()
        m.d.comb += [
            Assert(~used | dut.active & ~self.busy, "memories are idle or owned"),
            Cover(handshake(bus, "r") & bus.rlast & (read_word == 2)),
            Cover(handshake(bus, "b") & (bus.bresp == Response.OKAY) & (write_word == 2)),
        ]
        return m

    def _burst(self, m, address, beats):
        """The open burst, the word of its next beat, beats after that, and the identifier.

        A burst that is not allowed lies beyond all words.
        """
        bus = self.bus
        place, length, size, burst, identifier = (
            getattr(bus, address + name) for name in ("addr", "len", "size", "burst", "id"))
        is_open, increments = Signal(), Signal()
        word = Signal(ADDRESS_BITS)
        left, source = Signal.like(length), Signal.like(identifier)
        legal = ((place % BUS_BYTES == 0) & (size == 2)
                 & ((burst == Burst.INCR) | (burst == Burst.FIXED)))
        with m.If(handshake(bus, beats)):
            m.d.sync += [word.eq(word + increments), left.eq(left - 1), is_open.eq(left != 0)]
        with m.If(handshake(bus, address)):
            m.d.comb += Assert(~is_open, "one burst at a time")
            m.d.sync += [is_open.eq(1), left.eq(length), source.eq(identifier), word.eq(1 << 31),
                         increments.eq(burst == Burst.INCR)]
            with m.If(legal):
                m.d.sync += word.eq(place // BUS_BYTES)
        return is_open, word, left, source


WINDOWS = lay_out_windows([("memory", MemoryProof.WORDS, 1, unsigned(32))])


def control_proof(kind=ControlBus):
    return ControlProof(kind(4))


def memory_proof(kind=MemoryBus):
    return MemoryProof(kind(WINDOWS))


class Impatient(ControlBus):
    """Takes a response back that is not accepted at once."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.bus.bvalid & ~self.bus.bready):
            m.d.sync += self.bus.bvalid.eq(0)
        return m


class AlwaysOkay(MemoryBus):
    """Never says that a read has failed."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        m.d.sync += self.bus.rresp.eq(Response.OKAY)
        return m


class Careless(MemoryBus):
    """Writes words of which only some bytes are strobed."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(handshake(self.bus, "w") & ~self.busy):
            m.d.comb += self.host.memory.write_en.eq(1)
        return m


@pytest.mark.parametrize(("proof", "depth"), [(control_proof, 12), (memory_proof, 10)])
def test_holds(proof, depth, tmp_path):
    prove(proof(), depth, tmp_path)


@pytest.mark.parametrize("proof", [control_proof, memory_proof])
def test_proof_is_not_empty(proof, tmp_path):
    reach(proof(), 12, tmp_path)


@pytest.mark.parametrize(("proof", "bug"), [
    (control_proof, Impatient), (memory_proof, AlwaysOkay), (memory_proof, Careless),
])
def test_finds_a_bug(proof, bug, tmp_path):
    with pytest.raises(ProofError):
        prove(proof(bug), 8, tmp_path)
