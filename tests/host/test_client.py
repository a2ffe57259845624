"""The client on lines that lose requests and answers."""

import random

import pytest

from host.client import BridgeClient, BusError, SilentError
from host.frames import Frame, decode, encode
from host.link import run
from hw.board.protocol import FRAME_WORDS, Kind


class Line:
    """A line with a bridge at its end, whose faults come from a list.

    Parameters
    ----------
    faults: iterable of str
        What happens to each request: ``fine``, ``lost``, ``damaged``, ``answer lost``,
        ``answer damaged``, or ``late``, where the answer to the request before comes as well.
    bad: int or None
        An address that answers with an error.
    """

    def __init__(self, faults=(), bad=None):
        self.faults, self.bad = list(faults), bad
        self.memory, self.writes, self.waiting = {}, [], b""
        self.last = self.previous = None

    async def drop(self):
        self.waiting = b""

    async def receive(self, count):
        data, self.waiting = self.waiting[:count], self.waiting[count:]
        return data

    async def send(self, data):
        fault = self.faults.pop(0) if self.faults else "fine"
        request = decode(data)
        if fault == "lost":
            return
        if fault == "damaged":
            self.waiting += encode(Frame(Kind.DAMAGED, 99, 0, 1))
            return
        answer = encode(self._carry_out(request))
        if fault == "late" and self.previous:
            self.waiting += self.previous
        self.previous = answer
        if fault == "answer damaged":
            answer = answer[:5] + bytes([answer[5] ^ 4]) + answer[6:]
        if fault != "answer lost":
            self.waiting += answer

    def _carry_out(self, request):
        places = range(request.address, request.address + 4 * request.words, 4)
        repeated = self.last is not None and request.sequence == self.last.sequence
        if request.kind & Kind.WRITE and not repeated:
            self.writes.append(request.address)
            for position, place in enumerate(places):
                self.memory[place] = request.payload[4 * position:4 * position + 4]
        self.last = request if request.kind & Kind.WRITE else None
        payload = b"" if request.kind & Kind.WRITE else b"".join(
            self.memory.get(place, bytes(4)) for place in places)
        failed = Kind.FAILED if self.bad in places else Kind(0)
        return Frame(request.kind | failed, request.sequence, request.address, request.words,
                     payload)


@pytest.mark.parametrize("seed", range(5))
def test_transfers_on_a_bad_line(seed):
    print(f"seed={seed}")
    rng = random.Random(seed)
    kinds = ["lost", "damaged", "answer lost", "answer damaged", "late"]
    line = Line(rng.choice(kinds) if rng.random() < 0.4 else "fine" for _ in range(60))
    client = BridgeClient(line)
    content = rng.randbytes(4 * (3 * FRAME_WORDS + 5))
    run(client.read_register(0))
    run(client.write(256, content))
    assert line.writes == [256 + 4 * FRAME_WORDS * burst for burst in range(4)]
    assert run(client.read(256, len(content))) == content
    run(client.write_register(8, 0x01020304))
    assert run(client.read_register(8)) == 0x01020304
    assert client.repeats > 0


def test_sequence_numbers_go_round():
    line = Line()
    client = BridgeClient(line)
    for value in range(300):
        run(client.write_register(0, value))
    assert len(line.writes) == 300


def test_a_bus_error_is_raised_at_once():
    line = Line(bad=4)
    with pytest.raises(BusError, match=r"^SLVERR$"):
        run(BridgeClient(line).write_register(4, 1))
    assert len(line.writes) == 1


def test_silence_ends_with_a_sentence():
    with pytest.raises(SilentError, match=r"^no answer to 5 requests$"):
        run(BridgeClient(Line(["lost"] * 5)).read_register(0))


def test_a_line_that_waits_for_an_event_loop_is_not_for_a_board():
    class Sleeper:
        def __await__(self):
            yield

    async def waits():
        await Sleeper()

    with pytest.raises(RuntimeError, match=r"^waits waits for an event loop$"):
        run(waits())
