"""The bridge against slaves that wait, and a line that loses, invents and changes bytes."""

import random

import pytest

from host.frames import Frame, encode
from hw.board.protocol import FRAME_WORDS, Kind
from tests.hw.board.bridge_bench import Bench


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
