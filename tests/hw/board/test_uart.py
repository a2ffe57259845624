"""Both halves of the serial line against a far end whose clock is a little off."""

import random

import pytest

from hw.board.uart import UartReceiver, UartTransmitter
from tests.hw.board.line import received, samples
from tests.hw.simulation import simulate

DIVISORS = [4, 5, 13, 104]
MISMATCHES = [-0.02, 0, 0.02]


def _receive(divisor, levels):
    """Bytes and their framing errors, from the levels of a line."""
    dut, taken = UartReceiver(divisor), []

    async def run(ctx):
        ctx.set(dut.o.ready, 1)
        for level in levels:
            ctx.set(dut.rx, level)
            await ctx.tick()
            if ctx.get(dut.o.valid):
                taken.append((ctx.get(dut.o.payload), ctx.get(dut.framing_error)))

    simulate(dut, run)
    return taken


@pytest.mark.parametrize("divisor", DIVISORS)
@pytest.mark.parametrize("mismatch", MISMATCHES)
def test_receiver(divisor, mismatch):
    seed = f"{divisor} {mismatch}"
    print(f"seed={seed!r}")
    rng = random.Random(seed)
    for _ in range(1 if divisor > 50 else 8):
        data = bytes([0x00, 0xFF, 0x55, 0xAA]) + rng.randbytes(10)
        levels = samples(data, divisor * (1 + mismatch), phase=rng.random())
        assert _receive(divisor, levels) == [(byte, 0) for byte in data]


@pytest.mark.parametrize("divisor", DIVISORS)
def test_a_glitch_is_no_start_bit(divisor):
    idle, glitch = [1] * 3 * divisor, [0] * (divisor // 2 - 1)
    levels = idle + glitch + samples(b"\x5a", divisor)
    assert _receive(divisor, levels) == [(0x5A, 0)]


@pytest.mark.parametrize("divisor", DIVISORS)
def test_a_missing_stop_bit_is_flagged_and_the_next_byte_is_not(divisor):
    levels = samples([(0x3C, 0), (0, 0)], divisor) + samples(b"\xc3", divisor)
    (first, *_, last) = _receive(divisor, levels)
    assert (first, last) == ((0x3C, 1), (0xC3, 0))


@pytest.mark.parametrize("divisor", DIVISORS)
def test_a_line_that_stays_low_is_one_bad_byte(divisor):
    levels = [1] * divisor + [0] * 40 * divisor + samples(b"\x01", divisor)
    assert _receive(divisor, levels) == [(0, 1), (1, 0)]


def test_a_byte_waits_until_the_next_one_starts():
    dut, seen = UartReceiver(8), []

    async def run(ctx):
        for level in samples(b"\x11\x22", 8, idle=10):
            ctx.set(dut.rx, level)
            await ctx.tick()
            if ctx.get(dut.o.valid):
                seen.append(ctx.get(dut.o.payload))
        ctx.set(dut.o.ready, 1)
        await ctx.tick().repeat(2)
        assert not ctx.get(dut.o.valid)

    simulate(dut, run)
    assert list(dict.fromkeys(seen)) == [0x11, 0x22]


@pytest.mark.parametrize("divisor", DIVISORS)
@pytest.mark.parametrize("pause", [0, 0.5])
def test_transmitter(divisor, pause):
    seed = f"{divisor} {pause}"
    print(f"seed={seed!r}")
    rng = random.Random(seed)
    dut, levels = UartTransmitter(divisor), []
    data = bytes([0x00, 0xFF]) + rng.randbytes(10)

    async def watch(ctx):
        while True:
            levels.append(ctx.get(dut.tx))
            await ctx.tick()

    async def run(ctx):
        for byte in data:
            if rng.random() < pause:
                await ctx.tick().repeat(rng.randrange(1, 15 * divisor))
            ctx.set(dut.i.payload, byte)
            ctx.set(dut.i.valid, 1)
            await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)
        await ctx.tick().repeat(11 * divisor)

    simulate(dut, run, watch)
    assert received(levels, divisor) == data


@pytest.mark.parametrize("half", [UartReceiver, UartTransmitter])
def test_a_bit_needs_some_cycles(half):
    with pytest.raises(ValueError, match=r"^a UART needs 4 or more clock cycles per bit, "
                                         r"not divisor=3$"):
        half(3)
