"""The bridge against slaves that wait, and a line that loses, invents and changes bytes."""

import dataclasses
import random

import pytest

from host.frames import Frame, encode
from hw.board.protocol import FRAME_WORDS, START, Kind
from tests.hw.board.bridge_bench import SILENCE, Bench


def random_frame(rng, sequence):
    """A request; a write with its payload."""
    kind = Kind(rng.randrange(4))
    address, words = 4 * rng.randrange(4), 1
    if kind & Kind.MEMORY:
        words = FRAME_WORDS if rng.random() < 0.1 else rng.randrange(1, 5)
        address = 4 * rng.randrange(20)
    payload = rng.randbytes(4 * words) if kind & Kind.WRITE else b""
    return Frame(kind, sequence, address, words, payload)


class Model:
    """What the slaves hold and were told, and what the bridge answers."""

    def __init__(self, bench):
        self.slaves = {Kind(0): bench.control, Kind.MEMORY: bench.memory}
        self.words = {kind: {} for kind in self.slaves}
        self.written = {kind: [] for kind in self.slaves}

    def answer(self, frame):
        memory = frame.kind & Kind.MEMORY
        slave, words = self.slaves[memory], self.words[memory]
        places = [frame.address + 4 * word for word in range(frame.words)]
        failed = Kind.FAILED if slave.bad.intersection(places) else Kind(0)
        payload = b""
        for position, place in enumerate(places):
            if frame.kind & Kind.WRITE:
                value = int.from_bytes(frame.payload[4 * position:4 * position + 4], "little")
                self.written[memory].append((place, value))
                if place not in slave.bad:
                    words[place] = value
            else:
                payload += words.get(place, 0).to_bytes(4, "little")
        return Frame(frame.kind | failed, frame.sequence, frame.address, frame.words, payload)

    def check(self):
        for memory, slave in self.slaves.items():
            assert slave.written == self.written[memory]


@pytest.mark.parametrize("idle", [0, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_random_frames(idle, seed):
    print(f"seed={seed}")
    rng = random.Random(seed)
    bench = Bench(rng, idle)
    model = Model(bench)
    bench.control.bad, bench.memory.bad = {8}, {16, 60}

    async def run(ctx):
        for number in range(40):
            frame = random_frame(rng, number % 256)
            await bench.send(ctx, encode(frame))
            assert await bench.answer(ctx) == model.answer(frame)
        model.check()

    bench.run(run)


def _requests(rng):
    """One request of each kind."""
    return [Frame(Kind(0), 10, 4, 1), Frame(Kind.WRITE, 11, 12, 1, rng.randbytes(4)),
            Frame(Kind.MEMORY, 12, 64, 2),
            Frame(Kind.MEMORY | Kind.WRITE, 13, 64, 2, rng.randbytes(8))]


def _lost(data, position, rng):
    return data[:position] + data[position + 1:]


def _changed(data, position, rng):
    return data[:position] + bytes([data[position] ^ 1 << rng.randrange(8)]) + data[position + 1:]


def _inserted(data, position, rng):
    return data[:position] + rng.randbytes(1) + data[position:]


@pytest.mark.parametrize("fault", [_lost, _changed, _inserted])
@pytest.mark.parametrize("number", range(4))
def test_a_damaged_frame_does_nothing_and_is_answered(fault, number):
    """But for one without its start byte, which nobody sees, and one with a byte before it."""
    seed = f"{fault.__name__} {number}"
    print(f"seed={seed!r}")
    rng = random.Random(seed)
    bench = Bench(rng, 0)
    model = Model(bench)

    async def run(ctx):
        request = _requests(rng)[number]
        data = encode(request)
        for position in range(len(data)):
            damaged = fault(data, position, rng)
            if damaged == data or damaged[1:] == data:
                continue
            await bench.send(ctx, damaged)
            answer = await bench.answer(ctx, 3 * SILENCE)
            if damaged[0] == START:
                assert answer.kind & Kind.DAMAGED, position
                assert answer.payload == b""
            else:
                assert answer is None
            model.check()
            assert not bench.answered
            good = dataclasses.replace(request, sequence=20 + position)
            await bench.send(ctx, encode(good))
            assert await bench.answer(ctx) == model.answer(good)
        model.check()

    bench.run(run)


def test_a_byte_without_a_stop_bit_damages_its_frame():
    bench = Bench(random.Random(0), 0)
    request = Frame(Kind.WRITE, 1, 4, 1, bytes(4))

    async def run(ctx):
        data = encode(request)
        for position in range(1, len(data)):
            await bench.send(ctx, data, bad=[position])
            assert (await bench.answer(ctx)).kind & Kind.DAMAGED
        assert not bench.control.written
        await bench.send(ctx, data, bad=[0])
        assert await bench.answer(ctx, 3 * SILENCE) is None

    bench.run(run)


def test_garbage_before_a_frame():
    """Only garbage with a start byte in it costs the frame behind it."""
    bench = Bench(rng := random.Random(0), 0)
    model = Model(bench)

    async def run(ctx):
        for sequence in range(20):
            garbage = rng.randbytes(rng.randrange(1, 20)).replace(bytes([START]), b"")
            request = random_frame(rng, sequence)
            await bench.send(ctx, garbage + encode(request))
            assert await bench.answer(ctx) == model.answer(request)
        await bench.send(ctx, bytes([START]) + encode(Frame(Kind(0), 30, 4, 1)))
        assert (await bench.answer(ctx)).kind & Kind.DAMAGED

    bench.run(run)


@pytest.mark.parametrize("kind", [Kind.WRITE, Kind.WRITE | Kind.MEMORY])
def test_a_repeated_write_is_answered_and_not_carried_out(kind):
    bench = Bench(random.Random(0), 0.2)
    bench.control.bad, bench.memory.bad = {8}, {8}

    async def ask(ctx, request):
        await bench.send(ctx, encode(request))
        return await bench.answer(ctx)

    async def run(ctx):
        slave = bench.memory if kind & Kind.MEMORY else bench.control
        for address in (8, 4):
            request = Frame(kind, 7 + address, address, 1, bytes(4))
            first = await ask(ctx, request)
            assert bool(first.kind & Kind.FAILED) == (address == 8)
            carried_out = len(slave.written)
            assert await ask(ctx, request) == first
            await bench.send(ctx, encode(request)[:-1])
            assert (await bench.answer(ctx)).kind & Kind.DAMAGED
            assert await ask(ctx, request) == first
            assert len(slave.written) == carried_out
            # After a read, and with another number, a write is a new one.
            await ask(ctx, Frame(Kind(0), 7 + address, 4, 1))
            await ask(ctx, request)
            assert len(slave.written) == carried_out + 1
            await ask(ctx, dataclasses.replace(request, sequence=200 + address))
            assert len(slave.written) == carried_out + 2

    bench.run(run)


@pytest.mark.parametrize(("kind", "words"), [(0x04, 1), (0x80, 1), (0x02, FRAME_WORDS + 1)])
def test_what_is_no_request_is_answered_as_damaged(kind, words):
    bench = Bench(random.Random(0), 0)

    async def run(ctx):
        await bench.send(ctx, encode(Frame(kind, 1, 4, words)))
        assert (await bench.answer(ctx)).kind & Kind.DAMAGED

    bench.run(run)


@pytest.mark.parametrize("number", range(4))
def test_reset_at_any_place(number):
    """In a request, while it is carried out, and in its answer."""
    rng = random.Random(number)
    bench = Bench(rng, 0)

    async def run(ctx):
        request = _requests(rng)[number]
        data = encode(request)
        for cut in range(1, len(data) + 1):
            await bench.send(ctx, data[:cut])
            await ctx.tick().repeat(rng.randrange(200) if cut == len(data) else 1)
            ctx.set(bench.reset, 1)
            await ctx.tick()
            ctx.set(bench.reset, 0)
            bench.answered.clear()
            read = Frame(Kind(0), 99, 4, 1)
            await bench.send(ctx, encode(read))
            assert await bench.answer(ctx) == dataclasses.replace(read, payload=bytes(4))

    bench.run(run)
