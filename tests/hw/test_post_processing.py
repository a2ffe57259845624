# amaranth: UnusedElaboratable=no
"""Post-processing against nested Python loops and LiteRT's arithmetic."""

import itertools
import random
import re

import pytest
from amaranth import Signal

from hw.formats import NumberFormat
from hw.post_processing import PostProcessing
from tests.hw.litert import requantize
from tests.hw.loops import fold, random_bounds
from tests.hw.simulation import simulate

BOUND_BITS = 3
ADDRESS_BITS = 7
PARAMETER_ADDRESS_BITS = 5
COORDINATE_BITS = 6
# columns, lanes, accumulator, output, multiplier bits, cycles, dims, word lanes, held
CASES = [(1, 1, "int32", "int8", 32, 1, 2, 1), (4, 4, "int32", "int8", 32, 1, 3, 2, True),
         (4, 1, "int24", "uint8", 16, 1, 3, 4), (6, 2, "int32", "int4", 8, 1, 4, 3),
         (7, 7, "int20", "int8", 24, 1, 2, 1), (7, 1, "int32", "int8", 32, 1, 1, 7),
         (3, 3, "int32", "uint3", 12, 1, 5, 1), (1, 1, "int32", "int8", 32, 8, 2, 1),
         (4, 1, "int21", "int8", 32, 16, 3, 2, True), (6, 2, "uint17", "uint8", 24, 32, 2, 3),
         (3, 3, "int40", "int4", 9, 64, 2, 1)]


def make(columns=4, lanes=4, accumulator="int32", output="int8", bits=32, cycles=1, dims=2,
         word_lanes=2, held=False):
    return PostProcessing(columns, lanes, NumberFormat.parse(accumulator),
                          NumberFormat.parse(output), bits, cycles, dims, BOUND_BITS, ADDRESS_BITS,
                          PARAMETER_ADDRESS_BITS, COORDINATE_BITS, word_lanes, held)


class Job:
    """A random loop nest with vectors, and the parameter memory that it reads."""

    def __init__(self, rng, dut):
        self.dut = dut
        self.bounds = random_bounds(rng, dut.dims, BOUND_BITS, elements=40)
        self.starts = {"base": rng.randrange(1 << ADDRESS_BITS),
                       "parameter_base": rng.randrange(1 << PARAMETER_ADDRESS_BITS),
                       "y": rng.randint(-4, 1), "x": rng.randint(-4, 1)}
        # Coordinates step over the edge of the plane, but not around the range of their bits.
        most = {"base": 9, "parameter_base": 9, "y": 1, "x": 1}
        self.strides = {name: [rng.randint(0, most[name]) for _ in self.bounds]
                        for name in self.starts}
        # Parameters stay the same over the loops of the mask, the innermost ones.
        constant = rng.randint(0, dut.dims)
        mask = sum(1 << d for d in range(dut.dims - constant, dut.dims))
        self.strides["parameter_base"][dut.dims - constant:] = [0] * constant
        fmt = dut.output
        low, high = sorted(rng.randint(fmt.min, fmt.max) for _ in range(2))
        self.options = {
            "height": rng.choice([0, 3, 32]), "width": rng.choice([1, 4, 32]),
            "parameter_mask": mask, "tail_mask": rng.randrange(1 << dut.dims),
            "tail_words": rng.randint(0, dut.output_words),
            "output_zero_point": rng.randint(fmt.min, fmt.max),
            "clamp_min": rng.choice([fmt.min, low]), "clamp_max": rng.choice([fmt.max, high])}
        fmt = dut.accumulator
        self.vectors = [[rng.choice([fmt.min, fmt.max, rng.randint(fmt.min, fmt.max),
                                     rng.randint(max(fmt.min, -500), 500)])
                         for _ in range(dut.columns)]
                        for _ in self.indices()]

    def indices(self):
        return list(itertools.product(*map(range, self.bounds)))

    @property
    def config(self):
        def deltas(name, bits):
            return [delta % (1 << bits) for delta in fold(self.strides[name], self.bounds)]

        return {**self.starts, **self.options, "bounds": [b - 1 for b in self.bounds],
                "deltas": deltas("base", ADDRESS_BITS),
                "parameter_deltas": deltas("parameter_base", PARAMETER_ADDRESS_BITS),
                "y_deltas": deltas("y", COORDINATE_BITS), "x_deltas": deltas("x", COORDINATE_BITS)}

    def run(self, parameters):
        """What is written: (address, words, lanes); and the parameter words read, in order."""
        dut, options, writes, reads = self.dut, self.options, [], []
        for index, vector in zip(self.indices(), self.vectors, strict=True):
            at = {name: start + sum(map(int.__mul__, index, self.strides[name]))
                  for name, start in self.starts.items()}
            first = all(i == 0 for d, i in enumerate(index) if options["parameter_mask"] >> d & 1)
            tail = all(i == b - 1 for d, (i, b) in enumerate(zip(index, self.bounds, strict=True))
                       if options["tail_mask"] >> d & 1)
            words = [(at["parameter_base"] + beat) % (1 << PARAMETER_ADDRESS_BITS)
                     for beat in range(dut.beats)]
            if first or dut.beats > 1:
                reads += words
            channels = [channel for word in words for channel in parameters[word]]
            lanes = [requantize(total, *channel.values(), options["output_zero_point"],
                                options["clamp_min"], options["clamp_max"], dut.multiplier_bits)
                     for total, channel in zip(vector, channels, strict=True)]
            if 0 <= at["y"] < options["height"] and 0 <= at["x"] < options["width"]:
                writes.append((at["base"] % (1 << ADDRESS_BITS),
                               options["tail_words"] if tail else dut.output_words, lanes))
        return writes, reads


def random_parameters(rng, dut):
    def channel():
        return {"bias": rng.randint(-1 << 20, 1 << 20),
                "multiplier": rng.randrange(1 << (dut.multiplier_bits - 1)),
                "shift": rng.randint(-31, 31) if rng.random() < 0.3 else rng.randint(-12, 0)}
    return [[channel() for _ in range(dut.lanes)] for _ in range(1 << PARAMETER_ADDRESS_BITS)]


def memories_of(dut, parameters, writes, reads):
    """Serves parameters; notes what is read and written."""
    async def bench(ctx):
        ports = (dut.parameter_read_en, dut.parameter_addr, dut.write_en, dut.write_addr,
                 dut.write_words, dut.write_data)
        async for _, reset, reading, addr, writing, write_addr, words, lanes in (
                ctx.tick().sample(*ports)):
            if reading and not reset:
                reads.append(addr)
                ctx.set(dut.parameter_data, parameters[addr])
            if writing and not reset:
                writes.append((write_addr, words, [lanes[n] for n in range(dut.columns)]))
    return bench


async def load(ctx, dut, job):
    ctx.set(dut.config, job.config)
    ctx.set(dut.load, 1)
    await ctx.tick()
    ctx.set(dut.load, 0)
    if not dut.held:
        ctx.set(dut.config.as_value(), 0)  # it must have been latched


async def play(ctx, dut, vectors, rng, idle):
    for n, vector in enumerate(vectors):
        while rng.random() < idle:
            await ctx.tick()
        ctx.set(dut.i_lanes, vector)
        ctx.set(dut.i_valid, 1)
        await ctx.tick()
        ctx.set(dut.i_valid, 0)
        ctx.set(dut.i_lanes.as_value(), 0)
        for _ in range(dut.beats * dut.cycles - 1 if n < len(vectors) - 1 else 0):
            await ctx.tick()


async def settle(ctx, dut):
    """Wait until nothing is under way, and for the benches beside this one to have seen it."""
    while ctx.get(dut.busy):
        await ctx.tick()
    await ctx.tick()


@pytest.mark.parametrize("idle", [0, 0.5])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_jobs(case, idle):
    """Random jobs; every third is cut short by a reset, which must leave nothing behind."""
    seed = f"{case} {idle}"
    print("seed", seed)
    rng = random.Random(seed)
    dut = make(*case)
    parameters, writes, reads, reset = random_parameters(rng, dut), [], [], Signal()

    async def bench(ctx):
        for run in range(9):
            job = Job(rng, dut)
            await load(ctx, dut, job)
            assert ctx.get(dut.active)
            if run % 3 == 2:
                await play(ctx, dut, job.vectors[:rng.randint(1, 9)], rng, idle)
                ctx.set(reset, 1)
                await ctx.tick()
                ctx.set(reset, 0)
                assert not ctx.get(dut.active)
                assert not ctx.get(dut.busy)
            else:
                await play(ctx, dut, job.vectors, rng, idle)
                await settle(ctx, dut)
                assert not ctx.get(dut.active)
                assert (writes, reads) == job.run(parameters)
            writes.clear()
            reads.clear()

    simulate(dut, bench, memories_of(dut, parameters, writes, reads), reset=reset)


@pytest.mark.parametrize("cycles", [1, 8, 32])
@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_latency(lanes, cycles):
    """Parameters from the cycle of entry on, one word per beat; written after ``latency``."""
    rng = random.Random(1)
    dut = make(lanes=lanes, cycles=cycles)
    last_step = dut.beats * cycles - 1
    job = Job(rng, dut)
    job.bounds, job.options["height"], job.options["width"] = [1, 1], 32, 32
    job.starts |= {"y": 0, "x": 0}

    async def bench(ctx):
        await load(ctx, dut, job)
        ctx.set(dut.i_valid, 1)
        for now in range(dut.latency + 3):
            assert ctx.get(dut.parameter_read_en) == (now <= last_step and now % cycles == 0)
            assert ctx.get(dut.write_en) == (now == dut.latency)
            assert ctx.get(dut.active) == (now <= last_step)
            assert ctx.get(dut.busy) == (0 < now <= dut.latency)
            await ctx.tick()
            ctx.set(dut.i_valid, 0)

    simulate(dut, bench)


@pytest.mark.parametrize(("options", "message"), [
    ({"lanes": 3}, "lanes=3 does not divide columns=4"),
    ({"lanes": 0}, "lanes=0 does not divide columns=4"),
    ({"word_lanes": 8}, "word_lanes=8 does not divide columns=4"),
    ({"cycles": 2}, "cycles=2 is none of (1, 8, 16, 32, 64)"),
])
def test_errors(options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make(**options)
