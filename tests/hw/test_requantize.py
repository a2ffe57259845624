# amaranth: UnusedElaboratable=no
"""The requantization lane against the published definition of LiteRT's reference arithmetic."""

import random

import pytest
from amaranth import Signal

from hw.formats import NumberFormat
from hw.requantize import Requantize
from tests.hw.litert import (
    INT32_MAX,
    INT32_MIN,
    requantize,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)
from tests.hw.simulation import simulate


def test_model():
    """The model itself, on values worked out by hand."""
    assert saturating_rounding_doubling_high_mul(INT32_MIN, INT32_MIN) == INT32_MAX
    assert saturating_rounding_doubling_high_mul(1, 1 << 30) == 1
    assert saturating_rounding_doubling_high_mul(-1, 1 << 30) == 0
    assert saturating_rounding_doubling_high_mul(-3, 1 << 30) == -1
    assert [rounding_divide_by_pot(x, 1) for x in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
    assert rounding_divide_by_pot(INT32_MIN, 31) == -1
    assert rounding_divide_by_pot(INT32_MAX, 31) == 1


def corner_cases(accumulator, output, bits):
    """Every shift with extreme, small and just-rounding sums, multipliers and clamps."""
    top = (1 << (bits - 1)) - 1
    lowest, highest = accumulator.min, accumulator.max
    for shift in range(-31, 32):
        edge = 1 << max(-shift - 1, 0)
        sums = [lowest, lowest + 1, -3, -2, -1, 0, 1, 2, 3, highest, edge, -edge, edge - 1,
                -edge - 1, 3 * edge, -3 * edge]
        for total in (n for n in sums if lowest <= n <= highest):
            for multiplier in (0, 1, (top + 1) // 2, (top + 1) // 2 + 1, top):
                yield total, 0, multiplier, shift, output.min, output.max
            for bias in (INT32_MIN, INT32_MAX):
                yield total, bias, top, shift, output.min, output.max


def random_cases(rng, count, accumulator, output, bits):
    for _ in range(count):
        low, high = sorted(rng.randint(output.min, output.max) for _ in range(2))
        if rng.random() < 0.5:
            low, high = output.min, output.max
        size = rng.randint(1, accumulator.bits)
        yield (max(accumulator.min, min(accumulator.max, rng.randint(-1 << size, 1 << size))),
               rng.randint(-1 << rng.randint(1, 30), 1 << rng.randint(1, 30)),
               rng.randint(1 << (bits - 2), (1 << (bits - 1)) - 1),
               max(-31, min(31, rng.randint(-size, 34 - size))), low, high)


def check(lane, cases, zero_point):
    """One case per cycle. The clamps act in a lane's last cycle: each case has its own there."""
    async def bench(ctx):
        ctx.set(lane.output_zero_point, zero_point)
        for n in range(len(cases) + lane.latency - 1):
            if n < len(cases):
                total, bias, multiplier, shift, _, _ = cases[n]
                ctx.set(lane.sum, total)
                ctx.set(lane.channel, {"bias": bias, "multiplier": multiplier, "shift": shift})
            due = n - lane.latency + 1
            if due >= 0:
                ctx.set(lane.clamp_min, cases[due][4])
                ctx.set(lane.clamp_max, cases[due][5])
            await ctx.tick()
            if due >= 0:
                total, bias, multiplier, shift, low, high = cases[due]
                expected = requantize(total, bias, multiplier, shift, zero_point, low, high,
                                      lane.multiplier_bits)
                assert ctx.get(lane.o) == expected, (cases[due], zero_point)

    simulate(lane, bench)


@pytest.mark.parametrize(("accumulator", "output", "bits"), [
    ("int32", "int8", 32), ("int32", "int8", 16), ("int32", "uint8", 32), ("int20", "int4", 8),
    ("int24", "int16", 31), ("int32", "uint2", 9), ("int48", "int8", 32), ("uint16", "int8", 12),
])
def test_lane(accumulator, output, bits):
    accumulator, output = NumberFormat.parse(accumulator), NumberFormat.parse(output)
    lane = Requantize(accumulator=accumulator, output=output, multiplier_bits=bits)
    seed = f"{accumulator}-{output}-{bits}"
    print("seed", seed)
    rng = random.Random(seed)
    corners = list(corner_cases(accumulator, output, bits))
    for zero_point in (output.min, output.max):
        cases = rng.sample(corners, 700)
        check(lane, cases + list(random_cases(rng, 400, accumulator, output, bits)), zero_point)


def test_every_small_product_at_every_right_shift():
    """All the ways in which the two roundings meet, halves of either sign included."""
    lane = Requantize(accumulator=NumberFormat(8, True), output=NumberFormat(8, True),
                      multiplier_bits=8)
    cases = [(total, 0, multiplier, shift, -128, 127) for shift in (0, -1, -2, -3, 1, 4)
             for multiplier in (1, 63, 64, 65, 96, 127) for total in range(-128, 128, 3)]
    check(lane, cases, 0)


def test_reset():
    """A reset in mid-run does no harm to what enters after it."""
    lane = Requantize(accumulator=NumberFormat(32, True), output=NumberFormat(8, True),
                      multiplier_bits=32)
    reset = Signal()

    async def bench(ctx):
        ctx.set(lane.clamp_min, -128)
        ctx.set(lane.clamp_max, 127)
        ctx.set(lane.channel, {"bias": 5, "multiplier": 1 << 30, "shift": 1})
        ctx.set(lane.sum, 90)
        await ctx.tick().repeat(2)
        ctx.set(reset, 1)
        await ctx.tick()
        ctx.set(reset, 0)
        ctx.set(lane.sum, -90)
        await ctx.tick().repeat(lane.latency)
        assert ctx.get(lane.o) == -85

    simulate(lane, bench, reset=reset)


@pytest.mark.parametrize(("bits", "output", "message"), [
    (7, "int8", "a multiplier has 8 to 32 bits, not 7"),
    (33, "int8", "a multiplier has 8 to 32 bits, not 33"),
    (32, "int17", "output=int17 has more than 16 bits"),
])
def test_errors(bits, output, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        Requantize(accumulator=NumberFormat(32, True), output=NumberFormat.parse(output),
                   multiplier_bits=bits)
