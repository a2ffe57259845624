"""The memory bus against a naive model, with idles on every channel."""

import random
from dataclasses import dataclass, field

import pytest
from amaranth import signed

from generators.verilog import convert
from hw.axi import Burst, Response
from hw.memory_bus import MemoryBus
from hw.windows import lay_out_windows
from tests.hw.axi_channels import Sink, Source
from tests.hw.bus_top import WINDOWS, MemoryTop
from tests.hw.simulation import simulate
from tests.hw.window_model import WindowModel

WORD = 2  # AxSIZE of a whole bus word


@dataclass
class BurstModel:
    """A burst: where its beats lie, and whether it has met a busy core."""

    addr: int
    len: int
    id: int
    size: int = WORD
    burst: Burst = Burst.INCR
    beat: int = 0
    failed: bool = False
    met_busy: list = field(default_factory=list)

    @property
    def fields(self):
        return {name: getattr(self, name) for name in ("addr", "len", "id", "size", "burst")}

    @property
    def legal(self):
        return (self.size == WORD and self.addr % 4 == 0
                and self.burst in (Burst.INCR, Burst.FIXED))

    @property
    def address(self):
        """Address of the beat whose turn it is."""
        return self.addr + (4 * self.beat if self.burst is Burst.INCR else 0)


class Bench:
    """Drives both ends of the bus, and checks each transfer against the model."""

    def __init__(self, windows, rng, host_idle, response_idle, busy):
        self.dut, self.model = MemoryTop(windows), WindowModel(windows)
        self.rng, self.busy_probability = rng, busy
        bus = self.dut.memory
        self.aw, self.w, self.ar = (Source(bus, channel, rng, host_idle)
                                    for channel in ("aw", "w", "ar"))
        self.b = Sink(bus, "b", ("id", "resp"), rng, response_idle)
        self.r = Sink(bus, "r", ("id", "resp", "data", "last"), rng, response_idle)
        self.writes, self.reads, self.responses = [], [], []
        self.open_reads = 0
        self.read_back = []

    def write(self, burst, words):
        """Queue a write of pairs of data and strobes; expect it after the ones before."""
        self.aw.send(**burst.fields)
        self.writes.append(burst)
        for index, (word, strobes) in enumerate(words):
            self.w.send(data=word, strb=strobes, last=index == burst.len)

    def read(self, burst):
        self.ar.send(**burst.fields)
        self.reads.append(burst)

    async def run(self, ctx):
        """Until all bursts are answered."""
        busy = 0
        while self.writes or self.reads or self.responses:
            if self.rng.random() < 0.2:
                busy = self.rng.random() < self.busy_probability
            ctx.set(self.dut.busy, busy)
            for channel in (self.aw, self.w, self.ar, self.b, self.r):
                channel.drive(ctx)
            assert not ctx.get(self.dut.accesses) or (ctx.get(self.dut.active) and not busy)
            self._check_write(ctx, busy)
            self._check_read(ctx, busy)
            await ctx.tick()

    def _check_write(self, ctx, busy):
        self.aw.taken(ctx)
        if (beat := self.w.taken(ctx)) is not None:
            burst = self.writes[0]
            done = (burst.legal and not busy
                    and self.model.write(burst.address, beat["data"], beat["strb"]))
            burst.failed |= not done
            burst.beat += 1
            if beat["last"]:
                self.responses.append(self.writes.pop(0))
        if (response := self.b.taken(ctx)) is not None:
            burst = self.responses.pop(0)
            assert response["id"] == burst.id
            assert response["resp"] == (Response.SLVERR if burst.failed else Response.OKAY)

    def _check_read(self, ctx, busy):
        if self.open_reads:
            self.reads[0].met_busy.append(busy)
        if (answer := self.r.taken(ctx)) is not None:
            burst = self.reads[0]
            word = self.model.read(burst.address) if burst.legal else None
            assert answer["id"] == burst.id
            assert answer["last"] == (burst.beat == burst.len)
            if word is None or all(burst.met_busy):
                assert answer["resp"] == Response.SLVERR
            elif answer["resp"] == Response.OKAY:
                assert answer["data"] == word, f"{burst.address:#x}"
                self.read_back.append(word)
            else:
                assert answer["resp"] == Response.SLVERR
                assert any(burst.met_busy)
            burst.beat += 1
            if answer["last"]:
                self.reads.pop(0)
                self.open_reads -= 1
        if self.ar.taken(ctx) is not None:
            self.open_reads += 1


def random_burst(rng, model):
    """Mostly a burst of words near some window; now and then one that is not allowed."""
    window = rng.choice(model.windows)
    place = rng.choice([4 * rng.randrange(window.bytes // 4), window.bytes - 4])
    burst = BurstModel(window.base + place, rng.choice([0, 1, 3, 5, rng.randrange(40)]),
                       rng.randrange(16))
    match rng.randrange(16):
        case 0:
            burst.size = rng.choice([0, 1, 3])
        case 1:
            burst.burst = rng.choice([Burst.WRAP, Burst.RESERVED])
        case 2 | 3:
            burst.burst = Burst.FIXED
        case 4:
            burst.addr += rng.randrange(1, 4)
        case 5:
            burst.addr = rng.choice([model.end, burst.addr | 1 << rng.randrange(16, 32)])
    return burst


def random_words(rng, burst):
    partial = rng.random() < 0.3
    return [(rng.getrandbits(32), rng.randrange(16) if partial and rng.random() < 0.3 else 0xF)
            for _ in range(burst.len + 1)]


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize(("host_idle", "response_idle"), [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)])
@pytest.mark.parametrize("busy", [0, 0.1])
def test_random_bursts(name, host_idle, response_idle, busy):
    seed = f"{name} {host_idle} {response_idle} {busy}"
    print(f"seed={seed!r}")
    rng = random.Random(seed)
    bench = Bench(WINDOWS[name], rng, host_idle, response_idle, busy)

    async def run(ctx):
        for _ in range(10):
            for _ in range(rng.randrange(4)):
                burst = random_burst(rng, bench.model)
                bench.write(burst, random_words(rng, burst))
            for _ in range(rng.randrange(4)):
                bench.read(random_burst(rng, bench.model))
            await bench.run(ctx)
        bench.busy_probability = 0
        ctx.set(bench.dut.busy, 0)
        for address in range(0, bench.model.end, 64):
            bench.read(BurstModel(address, 15, 0))
        await bench.run(ctx)
        assert any(bench.read_back)

    simulate(bench.dut, run, cycles=20_000)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_one_beat_per_cycle(kind):
    bench = Bench(WINDOWS["single"], random.Random(0), 0, 0, 0)
    burst, cycles = BurstModel(0, 255, 5), 0

    async def count(ctx):
        nonlocal cycles
        while True:
            await ctx.tick()
            cycles += 1

    async def run(ctx):
        if kind == "read":
            bench.read(burst)
        else:
            bench.write(burst, [(beat, 0xF) for beat in range(256)])
        await bench.run(ctx)

    simulate(bench.dut, run, count)
    assert cycles == 256 + {"read": 4, "write": 3}[kind]


def test_reads_and_writes_take_turns():
    bench = Bench(WINDOWS["single"], random.Random(0), 0, 0, 0)
    order = []

    async def watch(ctx):
        bus = bench.dut.memory
        while True:
            await ctx.tick()
            order.extend("w" * ctx.get(bus.awready) + "r" * ctx.get(bus.arready))

    async def run(ctx):
        for address in range(0, 32, 4):
            bench.write(BurstModel(address, 0, 1), [(address, 0xF)])
            bench.read(BurstModel(address, 0, 2))
        await bench.run(ctx)

    simulate(bench.dut, run, watch)
    assert "".join(order) in ("wr" * 8, "rw" * 8)


def test_core_takes_over_while_a_read_waits():
    """The beat on the bus is safe; the one that waits in the memory's register is lost."""
    dut = MemoryTop(WINDOWS["single"])
    answers = []

    async def run(ctx):
        bus = dut.memory
        for name, value in BurstModel(0, 3, 0).fields.items():
            ctx.set(getattr(bus, f"ar{name}"), value)
        ctx.set(bus.arvalid, 1)
        await ctx.tick().until(bus.arready)
        ctx.set(bus.arvalid, 0)
        await ctx.tick().repeat(5)
        ctx.set(dut.busy, 1)
        await ctx.tick().repeat(3)
        ctx.set(dut.busy, 0)
        ctx.set(bus.rready, 1)
        for _ in range(4):
            *_, answer = await ctx.tick().sample(bus.rresp).until(bus.rvalid)
            answers.append(answer)

    simulate(dut, run)
    assert answers == [Response.OKAY, Response.SLVERR, Response.OKAY, Response.OKAY]


@pytest.mark.slow
def test_a_memory_word_may_have_hundreds_of_bus_words():
    bus = MemoryBus(lay_out_windows([("weights", 2, 1400, signed(8))]))
    assert "module dut" in convert(bus, name="dut", header="")[0]
