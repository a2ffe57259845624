# amaranth: UnusedElaboratable=no
"""SRAMs against a list of words."""

import random

import pytest
from amaranth.back import rtlil

from hw.sram import SinglePortSram, TwoPortSram
from tests.hw.simulation import simulate

SIZES = [(1, 8, None), (2, 1, 1), (5, 12, 4), (16, 32, 8), (64, 24, 24)]


def lane_mask(write_en, width, granularity):
    """The bits of a word that ``write_en`` lets through."""
    lanes = (write_en >> bit // granularity & 1 for bit in range(width))
    return sum(lane << bit for bit, lane in enumerate(lanes))


@pytest.mark.parametrize("kind", [SinglePortSram, TwoPortSram])
@pytest.mark.parametrize(("depth", "width", "granularity"), SIZES)
def test_random_accesses(kind, depth, width, granularity):
    seed = depth * width
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut = kind(depth, width, granularity)
    grain = granularity or width
    single = kind is SinglePortSram

    async def bench(ctx):
        words, held = [0] * depth, None
        for _ in range(400):
            read_en = rng.random() < 0.5
            write_en = rng.choice([0, rng.randrange(1 << width // grain)])
            read_addr = write_addr = rng.randrange(depth)
            if not single:
                read_addr = rng.randrange(depth)
            write_data = rng.randrange(1 << width)
            ctx.set(dut.read_en, read_en)
            ctx.set(dut.write_en, write_en)
            ctx.set(dut.write_data, write_data)
            if single:
                ctx.set(dut.addr, read_addr)
            else:
                ctx.set(dut.read_addr, read_addr)
                ctx.set(dut.write_addr, write_addr)
            assert ctx.get(dut.write_any) == bool(write_en)
            await ctx.tick()
            if read_en and not (single and write_en):
                # None stands for undefined: a word that was read while it was written.
                collision = write_en and read_addr == write_addr
                held = None if collision else words[read_addr]
            mask = lane_mask(write_en, width, grain)
            words[write_addr] = words[write_addr] & ~mask | write_data & mask
            if held is not None:
                assert ctx.get(dut.read_data) == held

    simulate(dut, bench)


@pytest.mark.parametrize(("dut", "name"), [
    (SinglePortSram(64, 32), "sram_1rw_64x32"),
    (SinglePortSram(64, 32, 32), "sram_1rw_64x32"),
    (TwoPortSram(64, 32, 8), "sram_1r1w_64x32g8"),
])
def test_module_name(dut, name):
    assert dut.module_name == name
    assert "attribute \\no_rw_check" in rtlil.convert(dut)


def test_refuses_a_broken_lane():
    with pytest.raises(ValueError, match=r"^an SRAM needs .*, not depth=4, width=12, "
                                         r"granularity=8$"):
        SinglePortSram(4, 12, 8)
