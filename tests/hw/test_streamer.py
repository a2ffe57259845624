"""Streamers against nested Python loops over a list of words."""

import itertools
import random

import pytest
from amaranth import Signal, signed, unsigned

from hw.streamer import Streamer
from tests.hw.loops import fold, random_bounds
from tests.hw.simulation import simulate

BOUND_BITS = 4
ADDRESS_BITS = 7
# dims, lanes, shape, coordinate bits, held, tail
SHAPES = [(1, 1, unsigned(8), 0, False, False), (3, 4, signed(8), 0, True, True),
          (1, 2, signed(5), 4, False, True), (6, 3, signed(8), 6, False, False),
          (6, 3, signed(8), 6, True, False), (4, 1, unsigned(4), 5, False, True)]
IDLE = {"free": 0, "sometimes": 0.3, "mostly": 0.8}


class Job:
    """A random loop nest, as a config for the hardware and as a list of beats."""

    def __init__(self, rng, dims, shape, coordinate_bits, tail=False):
        self.shape = shape
        self.bounds = random_bounds(rng, dims, BOUND_BITS, elements=90)
        self.base = rng.randrange(1 << ADDRESS_BITS)
        self.strides = [rng.randrange(-20, 20) for _ in self.bounds]
        self.masks = {name: rng.randrange(1 << dims)
                      for name in ("first_mask", "last_mask", "final_mask")
                      + tail * ("tail_mask",)}
        self.coordinate_bits = coordinate_bits
        self.plane = {}
        if coordinate_bits:
            self._draw_plane(rng)

    def _draw_plane(self, rng):
        """Coordinates that step over the edges of a small plane, but not over their range."""
        most = 1 << self.coordinate_bits - 1
        for axis, size in (("y", "height"), ("x", "width")):
            span, strides = most, []
            for bound in self.bounds:
                stride = rng.choice([s for s in (0, 1, 2, 3) if s * (bound - 1) < span])
                span -= stride * (bound - 1)
                strides.append(stride)
            self.plane[axis] = (rng.randrange(-most // 2, 1), strides)
            self.plane[size] = rng.choice([1, most // 3, most // 2, most])
        low = -(1 << self.shape.width - 1) if self.shape.signed else 0
        self.plane["pad"] = rng.randrange(low, low + (1 << self.shape.width))

    @property
    def config(self):
        def deltas(strides, bits):
            return [delta % (1 << bits) for delta in fold(strides, self.bounds)]

        config = {"base": self.base, "bounds": [b - 1 for b in self.bounds],
                  "deltas": deltas(self.strides, ADDRESS_BITS), **self.masks}
        if self.plane:
            for axis in ("y", "x"):
                config[axis], strides = self.plane[axis]
                config[f"{axis}_deltas"] = deltas(strides, self.coordinate_bits)
            config |= {name: self.plane[name] for name in ("height", "width", "pad")}
        return config

    def beats(self):
        """Address (None for padding) and marks of each beat."""
        for index in itertools.product(*map(range, self.bounds)):
            at_first = [i == 0 for i in index]
            at_last = [i == b - 1 for i, b in zip(index, self.bounds, strict=False)]
            marks = {name.removesuffix("_mask"): all(
                flag for d, flag in enumerate(at_first if name == "first_mask" else at_last)
                if mask >> d & 1) for name, mask in self.masks.items()}
            address = self.base + sum(i * s for i, s in zip(index, self.strides, strict=False))
            yield address % (1 << ADDRESS_BITS) if self._inside(index) else None, marks

    def _inside(self, index):
        if not self.plane:
            return True
        y, x = (start + sum(i * s for i, s in zip(index, strides, strict=False))
                for start, strides in (self.plane["y"], self.plane["x"]))
        return 0 <= y < self.plane["height"] and 0 <= x < self.plane["width"]


def random_words(rng, lanes, shape):
    low = -(1 << shape.width - 1) if shape.signed else 0
    return [[rng.randrange(low, low + (1 << shape.width)) for _ in range(lanes)]
            for _ in range(1 << ADDRESS_BITS)]


def memory_of(dut, words, reads):
    """A bench that serves reads and notes their addresses."""
    async def memory(ctx):
        async for _, reset, enable, address in ctx.tick().sample(dut.read_en, dut.read_addr):
            if enable and not reset:
                reads.append(address)
                ctx.set(dut.read_data, words[address])
    return memory


async def load(ctx, dut, job):
    """Load, then spoil the config if it must have been latched."""
    ctx.set(dut.config, job.config)
    ctx.set(dut.load, 1)
    await ctx.tick()
    ctx.set(dut.load, 0)
    if not dut.held:
        ctx.set(dut.config.as_value(), 0)


async def take(ctx, dut, rng, idle):
    """Wait for a beat and take it; while it waits, it must not change."""
    seen = None
    while True:
        ready = rng.random() >= idle
        ctx.set(dut.o.ready, ready)
        *_, valid, payload = await ctx.tick().sample(dut.o.valid, dut.o.payload.as_value())
        assert seen in (None, (valid, payload)), "a waiting beat changed"
        if valid and ready:
            return dut.o.payload.shape().from_bits(payload)
        if valid:
            seen = valid, payload


@pytest.mark.parametrize("idle", IDLE)
@pytest.mark.parametrize(("dims", "lanes", "shape", "coordinate_bits", "held", "tail"), SHAPES)
def test_random_jobs(dims, lanes, shape, coordinate_bits, held, tail, idle):
    seed = 1000 * dims + 10 * lanes + coordinate_bits
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut = Streamer("input_streamer", dims, BOUND_BITS, ADDRESS_BITS, lanes, shape, coordinate_bits,
                   held, tail)
    assert ("tail" in dict(dut.o.p.shape())) == tail
    words, reads = random_words(rng, lanes, shape), []
    reset = Signal()

    async def bench(ctx):
        for run in range(6):
            job = Job(rng, dims, shape, coordinate_bits, tail)
            reads.clear()
            await load(ctx, dut, job)
            stop_at = rng.randrange(40) if run % 3 == 2 else None
            expected = list(job.beats())[:stop_at]
            for address, marks in expected:
                assert ctx.get(dut.active)
                beat = await take(ctx, dut, rng, IDLE[idle])
                data = words[address] if address is not None else [job.plane["pad"]] * lanes
                assert [beat.lanes[i] for i in range(lanes)] == data
                assert {mark: bool(beat[mark]) for mark in marks} == marks
            ctx.set(dut.o.ready, 0)
            if stop_at is None:
                assert not ctx.get(dut.active)
                assert reads == [address for address, _ in expected if address is not None]
                await ctx.tick()
                assert not ctx.get(dut.o.valid)
            else:
                ctx.set(reset, 1)
                await ctx.tick()
                ctx.set(reset, 0)
                assert not ctx.get(dut.active)
                assert not ctx.get(dut.o.valid)

    simulate(dut, bench, memory_of(dut, words, reads), reset=reset)


def test_latency_and_throughput():
    """First read one cycle after load, its beat one cycle later, then one beat per cycle."""
    rng = random.Random(1)
    dut = Streamer("weight_streamer", 2, BOUND_BITS, ADDRESS_BITS, 2, signed(8), 0, held=False)
    job = Job(rng, 2, signed(8), 0)
    beats = len(list(job.beats()))

    async def bench(ctx):
        ctx.set(dut.o.ready, 1)
        await load(ctx, dut, job)
        trace = []
        while ctx.get(dut.active):
            trace.append((ctx.get(dut.read_en), ctx.get(dut.o.valid)))
            await ctx.tick()
        assert trace == [(1, 0)] + [(1, 1)] * (beats - 1) + [(0, 1)]

    simulate(dut, bench)
