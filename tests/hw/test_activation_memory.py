# amaranth: UnusedElaboratable=no
"""The activation memory against two lists of words."""

import random

import pytest
from amaranth import Fragment, Signal, signed, unsigned

from hw.activation_memory import ActivationMemory
from hw.sram import SinglePortSram
from hw.stamp import StampLibrary
from tests.hw.simulation import simulate

# word lanes, shape, words, banks, input words, output words
SIZES = [(1, signed(8), 2, 1, 1, 1), (4, signed(8), 32, 1, 1, 1), (2, unsigned(4), 16, 2, 2, 1),
         (2, signed(8), 16, 4, 2, 3), (1, signed(5), 64, 4, 4, 4), (2, signed(8), 16, 8, 1, 7)]


class Model:
    """Two halves, each a list of words that runs wrap around in."""

    def __init__(self, words, word_lanes):
        self.half = words // 2
        self.memory = [[[0] * word_lanes for _ in range(self.half)] for _ in range(2)]

    def place(self, address):
        return self.memory[address // self.half], address % self.half

    def read(self, address, words):
        half, start = self.place(address)
        return [lane for i in range(words) for lane in half[(start + i) % self.half]]

    def write(self, address, run):
        half, start = self.place(address)
        for i, word in enumerate(run):
            half[(start + i) % self.half] = word


def draw_word(rng, word_lanes, shape):
    low = -(1 << shape.width - 1) if shape.signed else 0
    return [rng.randrange(low, low + (1 << shape.width)) for _ in range(word_lanes)]


def pack(word, shape):
    return sum((value % (1 << shape.width)) << i * shape.width for i, value in enumerate(word))


async def core_cycle(ctx, dut, rng, model):
    """One cycle of random accesses; returns what the read must show, None if undefined."""
    size = (dut.word_lanes, dut.shape)
    reads, writes = rng.random() < 0.6, rng.random() < 0.6
    read_addr, write_addr = rng.randrange(dut.words), rng.randrange(dut.words)
    run = [draw_word(rng, *size) for _ in range(dut.output_words)]
    count = rng.randrange(1, dut.output_words + 1)
    ctx.set(dut.read_en, reads)
    ctx.set(dut.read_addr, read_addr)
    ctx.set(dut.write_en, writes)
    ctx.set(dut.write_addr, write_addr)
    ctx.set(dut.write_words, count)
    ctx.set(dut.write_data, [lane for word in run for lane in word])
    conflict = reads and writes and read_addr // model.half == write_addr // model.half
    assert ctx.get(dut.conflict) == conflict
    expected = model.read(read_addr, dut.input_words)
    await ctx.tick()
    if writes:
        model.write(write_addr, run[:count])
    return reads, None if conflict else expected


async def host_cycle(ctx, dut, rng, model):
    """One random access of the host."""
    address, word = rng.randrange(dut.words), draw_word(rng, dut.word_lanes, dut.shape)
    mask = rng.randrange(1 << dut.word_lanes)
    reads = not mask
    ctx.set(dut.host.addr, address)
    ctx.set(dut.host.read_en, reads)
    ctx.set(dut.host.write_en, mask)
    ctx.set(dut.host.write_data, pack(word, dut.shape))
    await ctx.tick()
    old = model.read(address, 1)
    model.write(address, [[new if mask >> i & 1 else kept
                           for i, (new, kept) in enumerate(zip(word, old, strict=False))]])
    if reads:
        assert ctx.get(dut.host.read_data) == pack(old, dut.shape)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "-".join(map(str, size)))
def test_random_accesses(size):
    seed = sum(size[2:])
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut = ActivationMemory(*size)
    model = Model(dut.words, dut.word_lanes)
    reset = Signal()

    async def bench(ctx):
        for run in range(8):
            busy = run % 2
            ctx.set(dut.busy, busy)
            held = None
            for _ in range(60):
                if not busy:
                    await host_cycle(ctx, dut, rng, model)
                    continue
                reads, expected = await core_cycle(ctx, dut, rng, model)
                if reads:
                    held = expected
                if held is not None:
                    assert list(ctx.get(dut.read_data)) == held
            # A reset keeps the contents. The enables stay as they are: each run also shows that
            # the side that is not selected is ignored.
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)

    simulate(dut, bench, reset=reset)


def test_a_run_touches_no_other_banks(monkeypatch):
    """Accesses are what energy is counted by: every run enables one bank per word."""
    banks = []

    def make(*args):
        banks.append(SinglePortSram(*args))
        return banks[-1]

    monkeypatch.setattr("hw.activation_memory.SinglePortSram", make)
    dut = ActivationMemory(2, signed(8), 32, 4, 2, 3)

    async def bench(ctx):
        ctx.set(dut.busy, 1)
        ctx.set(dut.read_en, 1)
        ctx.set(dut.write_en, 1)
        for address in range(16):
            ctx.set(dut.read_addr, address)
            ctx.set(dut.write_addr, 16 + address)
            ctx.set(dut.write_words, count := 1 + address % 3)
            assert sum(ctx.get(bank.read_en) for bank in banks) == 2
            assert sum(ctx.get(bank.write_any) for bank in banks) == count
            await ctx.tick()

    simulate(dut, bench)


def test_banks_are_stamped():
    library = StampLibrary({})
    dut = ActivationMemory(2, signed(8), 32, 4, 2, 3)
    names = [name for _, name, _ in Fragment.get(dut, library).subfragments]
    assert sorted(names) == [f"half_{h}_bank_{b}" for h in range(2) for b in range(4)]
    assert list(library.components) == ["sram_1rw_4x16g8"]


@pytest.mark.parametrize(("changed", "message"), [
    ({"words": 24}, r"words=24 is not a power of two"),
    ({"banks": 3}, r"banks=3 is not a power of two"),
    ({"words": 4}, r"words=4 leave banks=4 in each half without a word"),
    ({"input_words": 5}, r"input_words=5 and output_words=3 must lie between 1 and banks=4"),
])
def test_refuses(changed, message):
    good = {"word_lanes": 2, "shape": signed(8), "words": 32, "banks": 4, "input_words": 2,
            "output_words": 3}
    with pytest.raises(ValueError, match=f"^{message}$"):
        ActivationMemory(**good | changed)
