"""Accumulation against sums and maxima, one after the other, over a Python dictionary."""

import itertools
import random

import pytest
from amaranth import Signal

from hw.accumulate import Accumulate
from hw.formats import NumberFormat
from hw.parameters import Overflow
from tests.hw.loops import fold, random_bounds
from tests.hw.simulation import simulate

BOUND_BITS = 3
ADDRESS_BITS = 5
# columns, partial sum, accumulator, overflow, dims, held
CASES = [(1, "int18", "int32", Overflow.ERROR, 3, False),
         (3, "int12", "int12", Overflow.WRAP, 4, True),
         (4, "int10", "int14", Overflow.SATURATE, 3, False),
         (7, "uint9", "uint10", Overflow.SATURATE, 2, False),
         (2, "int16", "int12", Overflow.SATURATE, 5, False),
         (2, "uint16", "uint20", Overflow.ERROR, 3, True)]


def cut(value, target, overflow):
    if overflow is Overflow.SATURATE:
        return min(max(value, target.min), target.max)
    return (value - target.min) % (1 << target.bits) + target.min


def pack(lanes, bits):
    return sum((lane % (1 << bits)) << (bits * n) for n, lane in enumerate(lanes))


def unpack(word, columns, target):
    fields = (word >> (target.bits * n) & ((1 << target.bits) - 1) for n in range(columns))
    return [cut(field, target, Overflow.WRAP) for field in fields]


def make(columns=1, partial_sum="int8", accumulator="int16", overflow=Overflow.WRAP, dims=1,
         held=False):
    return Accumulate(columns, NumberFormat.parse(partial_sum), NumberFormat.parse(accumulator),
                      overflow, dims, BOUND_BITS, ADDRESS_BITS, held)


class Job:
    """A loop nest with random vectors, few addresses and many repetitions."""

    def __init__(self, rng, dut, bounds=None, strides=None, **options):
        self.dut = dut
        self.bounds = bounds or random_bounds(rng, dut.dims, BOUND_BITS, elements=60)
        self.base = rng.randrange(1 << ADDRESS_BITS)
        self.strides = strides or [rng.choice([0, 0, 1, 2]) for _ in self.bounds]
        self.options = {name: rng.randrange(2) for name in ("maximum", "to_post", "existing")}
        self.options |= {name: rng.randrange(1 << dut.dims)
                         for name in ("first_mask", "final_mask")}
        self.options |= options
        fmt = dut.partial_sum
        extremes = [fmt.min, fmt.max, 0, 1]
        self.vectors = [[rng.choice([rng.choice(extremes), rng.randint(fmt.min, fmt.max)])
                         for _ in range(dut.columns)] for _ in self.indices()]

    def indices(self):
        return list(itertools.product(*map(range, self.bounds)))

    @property
    def config(self):
        deltas = [delta % (1 << ADDRESS_BITS) for delta in fold(self.strides, self.bounds)]
        return {"base": self.base, "bounds": [b - 1 for b in self.bounds], "deltas": deltas,
                **self.options}

    def run(self, memory):
        """Updates ``memory``; returns what is sent on. Counts the accesses."""
        options, posts = self.options, []
        self.reads = self.writes = 0
        for index, vector in zip(self.indices(), self.vectors, strict=True):
            first = all(i == 0 for d, i in enumerate(index) if options["first_mask"] >> d & 1)
            final = all(i == self.bounds[d] - 1 for d, i in enumerate(index)
                        if options["final_mask"] >> d & 1)
            address = self.base + sum(map(int.__mul__, index, self.strides))
            address %= 1 << ADDRESS_BITS
            total = vector
            if options["existing"] or not first:
                self.reads += 1
                combine = max if options["maximum"] else int.__add__
                total = map(combine, memory[address], vector)
            total = [cut(n, self.dut.accumulator, self.dut.overflow) for n in total]
            if final and options["to_post"]:
                posts.append(total)
            else:
                memory[address] = total
                self.writes += 1
        return posts


def memory_of(dut, memory, accesses):
    """The accumulator memory. Reading what is being written gives rubbish, as macros may."""
    async def bench(ctx):
        bits = dut.accumulator.bits
        ports = (dut.read_en, dut.read_addr, dut.write_en, dut.write_addr, dut.write_data)
        async for _, reset, reads, read_addr, writes, write_addr, word in ctx.tick().sample(*ports):
            if reads and not reset:
                collides = writes and read_addr == write_addr
                value = ~word if collides else pack(memory[read_addr], bits)
                ctx.set(dut.read_data, value)
                accesses["reads"] += 1
            if writes and not reset:
                memory[write_addr] = unpack(word, dut.columns, dut.accumulator)
                accesses["writes"] += 1
    return bench


def posts_of(dut, posts):
    async def bench(ctx):
        async for _, reset, valid, lanes in ctx.tick().sample(dut.post_valid, dut.post_lanes):
            if valid and not reset:
                posts.append([lanes[n] for n in range(dut.columns)])
    return bench


async def load(ctx, dut, job):
    ctx.set(dut.config, job.config)
    ctx.set(dut.load, 1)
    await ctx.tick()
    ctx.set(dut.load, 0)
    if not dut.held:
        ctx.set(dut.config.as_value(), 0)  # it must have been latched


async def play(ctx, dut, vectors, rng, idle):
    for vector in vectors:
        while rng.random() < idle:
            await ctx.tick()
        ctx.set(dut.i_lanes, vector)
        ctx.set(dut.i_valid, 1)
        await ctx.tick()
        ctx.set(dut.i_valid, 0)


async def settle(ctx, dut):
    """Wait until nothing is under way, and for the benches beside this one to have seen it."""
    while ctx.get(dut.busy):
        await ctx.tick()
    await ctx.tick()


def blank(dut):
    return {address: [0] * dut.columns for address in range(1 << ADDRESS_BITS)}


@pytest.mark.parametrize("idle", [0, 0.3, 0.8])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_jobs(case, idle):
    seed = f"{case} {idle}"
    print("seed", seed)
    rng = random.Random(seed)
    dut = make(*case)
    memory, model, posts, expected = blank(dut), blank(dut), [], []
    accesses = {"reads": 0, "writes": 0}

    async def bench(ctx):
        for _ in range(12):
            job = Job(rng, dut)
            await load(ctx, dut, job)
            assert ctx.get(dut.active)
            await play(ctx, dut, job.vectors, rng, idle)
            assert not ctx.get(dut.active)
            await settle(ctx, dut)
            expected.extend(job.run(model))
            assert memory == model
            assert posts == expected
            assert accesses == {"reads": job.reads, "writes": job.writes}
            accesses.update(reads=0, writes=0)

    simulate(dut, bench, memory_of(dut, memory, accesses), posts_of(dut, posts))


@pytest.mark.parametrize(("bounds", "strides"), [
    ((1, 1, 8), (0, 0, 0)),  # one address all the time
    ((1, 5, 2), (0, 0, 1)),  # two cycles apart
    ((1, 4, 3), (0, 0, 1)),  # three cycles apart: through the memory
    ((3, 2, 2), (0, 1, 0)),  # one cycle apart, then two others
    ((2, 2, 3), (1, 0, 0)),  # runs of six
], ids=str)
@pytest.mark.parametrize("maximum", [0, 1])
def test_forwarding(bounds, strides, maximum):
    rng = random.Random(str(bounds))
    dut = make(columns=2, dims=3)
    job = Job(rng, dut, bounds, strides, maximum=maximum, to_post=0, existing=1)
    memory = {address: [rng.randint(-50, 50), 0] for address in range(1 << ADDRESS_BITS)}
    model = {address: list(word) for address, word in memory.items()}

    async def bench(ctx):
        await load(ctx, dut, job)
        await play(ctx, dut, job.vectors, rng, idle=0)
        await settle(ctx, dut)
        job.run(model)
        assert memory == model

    simulate(dut, bench, memory_of(dut, memory, {"reads": 0, "writes": 0}))


def test_latency():
    """Read in the cycle of entry, written one cycle later or sent on two, busy in between."""
    rng = random.Random(3)
    dut = make()
    for to_post in (0, 1):
        job = Job(rng, dut, (1,), (0,), existing=1, final_mask=0, to_post=to_post)

        async def bench(ctx, job=job, to_post=to_post):
            await load(ctx, dut, job)
            ctx.set(dut.i_valid, 1)
            assert ctx.get(dut.read_en)
            assert ctx.get(dut.read_addr) == job.base
            await ctx.tick()
            ctx.set(dut.i_valid, 0)
            for cycle in range(1, 4):
                assert ctx.get(dut.busy) == (cycle <= dut.latency)
                assert ctx.get(dut.write_en) == (cycle == 1 and not to_post)
                assert ctx.get(dut.post_valid) == (cycle == dut.latency and to_post)
                await ctx.tick()

        simulate(dut, bench)


def test_reset():
    """A reset in mid-run drops what is under way; the next job is right."""
    rng = random.Random(4)
    dut = make(columns=3, dims=2)
    memory, reset = blank(dut), Signal()

    async def bench(ctx):
        for stop_at in (1, 2, 3, 7):
            await load(ctx, dut, Job(rng, dut, (8, 4), (0, 1), to_post=0))
            await play(ctx, dut, [[9, 9, 9]] * stop_at, rng, idle=0)
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)
            assert not ctx.get(dut.busy)
            assert not ctx.get(dut.active)
            model = {address: list(word) for address, word in memory.items()}
            job = Job(rng, dut, to_post=0)
            await load(ctx, dut, job)
            await play(ctx, dut, job.vectors, rng, idle=0)
            await settle(ctx, dut)
            job.run(model)
            assert memory == model

    simulate(dut, bench, memory_of(dut, memory, {"reads": 0, "writes": 0}), reset=reset)
