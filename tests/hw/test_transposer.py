# amaranth: UnusedElaboratable=no
"""The transposer against rows and columns of Python lists."""

import random

import pytest
from amaranth import Signal, signed, unsigned

from hw.transposer import Transposer
from tests.hw.simulation import simulate


def random_square(rng, dut):
    low = -(1 << dut.shape.width - 1) if dut.shape.signed else 0
    return [[rng.randrange(low, low + (1 << dut.shape.width)) for _ in range(dut.size)]
            for _ in range(dut.size)]


def transpose(square):
    return [list(column) for column in zip(*square, strict=True)]


class Monitor:
    """Notes the cycles of all inputs, and the cycles and lanes of all outputs."""

    def __init__(self, dut):
        self.dut = dut
        self.inputs = []
        self.outputs = []

    async def bench(self, ctx):
        dut, now = self.dut, 0
        async for *_, pushed, valid, lanes in (
                ctx.tick().sample(dut.i_valid, dut.o_valid, dut.o_lanes)):
            if pushed:
                self.inputs.append(now)
            if valid:
                self.outputs.append((now, [lanes[n] for n in range(dut.size)]))
            now += 1


async def push(ctx, dut, vector):
    ctx.set(dut.i_lanes, vector)
    ctx.set(dut.i_valid, 1)
    await ctx.tick()
    ctx.set(dut.i_valid, 0)
    ctx.set(dut.i_lanes.as_value(), 0)


async def wait(ctx, cycles):
    for _ in range(cycles):
        await ctx.tick()


@pytest.mark.parametrize("pace", ["steady", "bursts", "random"])
@pytest.mark.parametrize(("size", "shape", "interval"), [
    (1, signed(8), 1), (1, signed(32), 3), (2, unsigned(5), 1), (3, signed(32), 1),
    (4, signed(32), 4), (5, signed(9), 2), (7, unsigned(4), 1), (8, signed(32), 1),
    (12, signed(20), 3)])
def test_squares(size, shape, interval, pace):
    """Squares at full pace or slower: all of them, in order, each in its cycle."""
    seed = f"{size} {shape} {interval} {pace}"
    print("seed", seed)
    rng = random.Random(seed)
    dut = Transposer(size, shape, interval)
    squares = [random_square(rng, dut) for _ in range(7)]
    monitor = Monitor(dut)

    async def bench(ctx):
        for square in squares:
            for n, vector in enumerate(square):
                if pace == "bursts":
                    await wait(ctx, size * (interval - 1) if n == size - 1 else 0)
                else:
                    idle = rng.choice([0, 0, 0, 1, size * interval]) if pace == "random" else 0
                    await wait(ctx, interval - 1 + idle)
                await push(ctx, dut, vector)
        await wait(ctx, size * interval + dut.latency + 1)
        completed = monitor.inputs[size - 1::size]
        assert monitor.outputs == [(cycle + dut.latency + n * interval, vector)
                                   for cycle, square in zip(completed, squares, strict=True)
                                   for n, vector in enumerate(transpose(square))]

    simulate(dut, bench, monitor.bench)


@pytest.mark.parametrize("how", ["load", "reset"])
def test_restart(how):
    """A load or a reset in mid-run drops what is inside; the next square is right."""
    rng = random.Random(5)
    dut, reset = Transposer(3, signed(8), 2), Signal()
    control = dut.load if how == "load" else reset
    monitor = Monitor(dut)

    async def bench(ctx):
        for pushes in range(1, 9):
            for vector in (random_square(rng, dut) * 3)[:pushes]:
                await push(ctx, dut, vector)
                await ctx.tick()
            ctx.set(control, 1)
            await ctx.tick()
            ctx.set(control, 0)
            assert not ctx.get(dut.o_valid)
            await ctx.tick()
            monitor.outputs.clear()
            square = random_square(rng, dut)
            for vector in square:
                await push(ctx, dut, vector)
            await wait(ctx, 3 * 2 + dut.latency + 1)
            assert [lanes for _, lanes in monitor.outputs] == transpose(square)

    simulate(dut, bench, monitor.bench, reset=reset)


@pytest.mark.parametrize(("size", "interval", "message"), [
    (0, 1, "size=0 is not positive"), (4, 0, "interval=0 is not positive")])
def test_errors(size, interval, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        Transposer(size, signed(8), interval)
