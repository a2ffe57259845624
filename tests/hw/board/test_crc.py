"""The checksum against the one of Python's standard library."""

import random
from binascii import crc_hqx

import pytest

from hw.board.crc import Crc16
from tests.hw.simulation import simulate


@pytest.mark.parametrize("seed", range(3))
def test_bytes(seed):
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut = Crc16()

    async def count(ctx, data):
        ctx.set(dut.clear, 1)
        await ctx.tick()
        ctx.set(dut.clear, 0)
        for byte in data:
            ctx.set(dut.data, byte)
            ctx.set(dut.valid, 1)
            await ctx.tick()
            ctx.set(dut.valid, 0)
            ctx.set(dut.data, rng.randrange(256))
            await ctx.tick().until(~dut.busy)
        return ctx.get(dut.value)

    async def run(ctx):
        for data in (b"", b"123456789", *(rng.randbytes(rng.randrange(20)) for _ in range(20))):
            crc = crc_hqx(data, 0xFFFF)
            assert await count(ctx, data) == crc
            assert await count(ctx, data + crc.to_bytes(2, "big")) == 0

    simulate(dut, run)
