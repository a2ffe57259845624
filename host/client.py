"""Register accesses and memory transfers as frames, sent again until they are answered."""

from hw.board.protocol import CHECKSUM_BYTES, FRAME_WORDS, HEADER_BYTES, START, Kind
from hw.windows import BUS_BYTES

from .frames import Frame, FrameError, decode, encode, payload_bytes

__all__ = ["BridgeClient", "BusError", "SilentError"]

ATTEMPTS = 5
SEQUENCES = 256


class BusError(Exception):
    """A transfer was answered with an error."""


class SilentError(Exception):
    """No answer came, however often the request was sent."""


class BridgeClient:
    """The host's end of a bridge: the transport of a `HostDriver`.

    Every request has another sequence number than the one before, and keeps it when it is sent
    again; the bridge then carries a write out once. The first request must be a read, so that
    the bridge forgets the number of another host's last write.

    Parameters
    ----------
    link: object
        See `host.link`.

    Attributes
    ----------
    repeats: int
        Requests that had to be sent again.
    """

    def __init__(self, link):
        self.link = link
        self.repeats = 0
        self._sequence = 0

    async def read_register(self, offset):
        payload = await self._transfer(Kind(0), offset, 1)
        return int.from_bytes(payload, "little")

    async def write_register(self, offset, value):
        await self._transfer(Kind.WRITE, offset, 1, value.to_bytes(BUS_BYTES, "little"))

    async def read(self, address, size):
        """So many bytes, whole words, from memory."""
        content = b""
        while size > len(content):
            words = min(FRAME_WORDS, (size - len(content)) // BUS_BYTES)
            content += await self._transfer(Kind.MEMORY, address + len(content), words)
        return content

    async def write(self, address, content):
        """Write bytes, whole words, to memory."""
        step = FRAME_WORDS * BUS_BYTES
        for place in range(0, len(content), step):
            payload = content[place:place + step]
            await self._transfer(Kind.MEMORY | Kind.WRITE, address + place,
                                 len(payload) // BUS_BYTES, payload)

    async def _transfer(self, kind, address, words, payload=b""):
        """The payload of the answer to a request."""
        self._sequence = (self._sequence + 1) % SEQUENCES
        request = Frame(kind, self._sequence, address, words, payload)
        for attempt in range(ATTEMPTS):
            self.repeats += attempt > 0
            await self.link.drop()
            await self.link.send(encode(request))
            answer = await self._answer(request)
            if answer is None:
                continue
            if answer.kind & Kind.FAILED:
                raise BusError("SLVERR")
            return answer.payload
        raise SilentError(f"no answer to {ATTEMPTS} requests")

    async def _answer(self, request):
        """The answer to a request; None if it was damaged on its way, or its answer was."""
        while True:
            data = await self._receive_frame()
            if data is None:
                return None
            try:
                answer = decode(data)
            except FrameError:
                return None
            if answer.kind & Kind.DAMAGED:
                return None
            echo = (request.sequence, request.address, request.words)
            if (answer.kind & ~Kind.FAILED, answer.sequence, answer.address,
                    answer.words) == (request.kind, *echo):
                return answer

    async def _receive_frame(self):
        """Bytes that may be a frame; None after a silence."""
        while (start := await self.link.receive(1)) != bytes([START]):
            if not start:
                return None
        header = start + await self.link.receive(HEADER_BYTES - 1)
        if len(header) < HEADER_BYTES:
            return None
        return header + await self.link.receive(
            payload_bytes(header, answer=True) + CHECKSUM_BYTES)
