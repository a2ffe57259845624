# amaranth: UnusedElaboratable=no
"""The serial requantization lane against the published definition of LiteRT's arithmetic."""

import random

import pytest
from amaranth import Signal

from hw.formats import NumberFormat
from hw.serial_requantize import SERIAL_CYCLES, SerialRequantize
from tests.hw.litert import requantize
from tests.hw.simulation import simulate
from tests.hw.test_requantize import corner_cases, random_cases


def make(output="int8", bits=32, cycles=32):
    return SerialRequantize(output=NumberFormat.parse(output), multiplier_bits=bits, cycles=cycles)


async def feed(ctx, lane, case, step):
    """What a case is in one of its steps; its clamps act three cycles long behind its last one."""
    total, bias, multiplier, shift, _, _ = case
    ctx.set(lane.run, 1)
    ctx.set(lane.step, step)
    ctx.set(lane.sum, (total >> (step * lane.bits)) % (1 << lane.bits))
    ctx.set(lane.channel, {"bias": bias, "multiplier": multiplier, "shift": shift})


def check(lane, cases, zero_point, pauses=None):
    """One case after the other at the lane's pace, or with pauses, drawn from a `Random`."""
    async def bench(ctx):
        ctx.set(lane.output_zero_point, zero_point)
        cycle, due, changes = 0, {}, set()
        for case in [*cases, None]:
            pause = pauses.choice([0, 0, 1, 2, 5]) if pauses else 0
            for step in [None] * (pause if case else 5) + [*range(lane.cycles if case else 0)]:
                if step is None:
                    ctx.set(lane.run, 0)
                    ctx.set(lane.step, 0)
                else:
                    await feed(ctx, lane, case, step)
                if step == 0:
                    due[cycle + lane.latency] = case
                    changes.add(cycle + lane.latency - 2)
                if cycle + 2 in due:
                    ctx.set(lane.clamp_min, due[cycle + 2][4])
                    ctx.set(lane.clamp_max, due[cycle + 2][5])
                assert ctx.get(lane.o_changes) == (cycle in changes)
                if cycle in due:
                    *numbers, low, high = due.pop(cycle)
                    expected = requantize(*numbers, zero_point, low, high, lane.multiplier_bits)
                    assert ctx.get(lane.o) == expected, (numbers, zero_point, low, high)
                await ctx.tick()
                cycle += 1
        assert not due

    simulate(lane, bench, cycles=(len(cases) + 2) * (lane.cycles + 5))


@pytest.mark.parametrize("cycles", SERIAL_CYCLES)
@pytest.mark.parametrize(("accumulator", "output", "bits"), [
    ("int32", "int8", 32), ("int32", "uint8", 31), ("int20", "int4", 8), ("int24", "int16", 16),
    ("int32", "uint2", 9),
])
def test_lane(accumulator, output, bits, cycles):
    accumulator, lane = NumberFormat.parse(accumulator), make(output, bits, cycles)
    seed = f"{accumulator}-{output}-{bits}-{cycles}"
    print("seed", seed)
    rng = random.Random(seed)
    corners = list(corner_cases(accumulator, lane.output, bits))
    for zero_point in (lane.output.min, lane.output.max):
        cases = rng.sample(corners, 100) + list(random_cases(rng, 60, accumulator, lane.output,
                                                             bits))
        check(lane, cases, zero_point, rng if zero_point > 0 else None)


@pytest.mark.parametrize("cycles", SERIAL_CYCLES)
def test_every_shift(cycles):
    """Sums and multipliers that are as large as they get, or round at either of the roundings."""
    lane, top = make(cycles=cycles), (1 << 31) - 1
    check(lane, [(total, bias, multiplier, shift, -128, 127) for shift in range(-31, 32)
                 for total, bias, multiplier in (
                     (top, 0, top), (-top - 1, 0, top), (top, top, top), (-1, 0, 0),
                     (-3 << max(-shift - 2, 0), 0, 1 << 30))], 7)


@pytest.mark.parametrize("cycles", [8, 16])
def test_every_small_product_at_every_right_shift(cycles):
    """All the ways in which the two roundings meet, halves of either sign included."""
    cases = [(total, 0, multiplier, shift, -128, 127) for shift in (0, -1, -2, -3, 1, 4)
             for multiplier in (1, 63, 64, 65, 96, 127) for total in range(-128, 128, 7)]
    check(make(bits=8, cycles=cycles), cases, 0)


@pytest.mark.parametrize("cycles", SERIAL_CYCLES)
def test_reset(cycles):
    """A reset in mid-run, whatever the step, does no harm to what enters after it."""
    lane, reset = make(cycles=cycles), Signal()
    before, after = (90, 5, 1 << 30, 1, -128, 127), (-90, 5, 1 << 30, 1, -128, 127)

    async def bench(ctx):
        ctx.set(lane.clamp_min, -128)
        ctx.set(lane.clamp_max, 127)
        for steps in range(1, cycles):
            for step in range(steps):
                await feed(ctx, lane, before, step)
                await ctx.tick()
            ctx.set(reset, 1)
            ctx.set(lane.run, 0)
            await ctx.tick()
            ctx.set(reset, 0)
            for step in range(cycles):
                await feed(ctx, lane, after, step)
                await ctx.tick()
            ctx.set(lane.run, 0)
            await ctx.tick().repeat(lane.latency - cycles)
            assert ctx.get(lane.o) == -85

    simulate(lane, bench, reset=reset)


@pytest.mark.parametrize(("options", "message"), [
    ({"bits": 7}, "a multiplier has 8 to 32 bits, not 7"),
    ({"output": "int17"}, "output=int17 has more than 16 bits"),
    ({"cycles": 4}, r"a serial lane takes 8, 16, 32 or 64 cycles per result, not 4"),
])
def test_errors(options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make(**options)
