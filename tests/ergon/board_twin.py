"""A board in Python at the other end of a pseudo-terminal: the bridge's frames, and a core that
knows what it has to compute."""

import os
import select
import threading
import tty

import numpy as np

from host.frames import Frame, FrameError, decode, encode, payload_bytes
from host.windows import host_windows
from hw.board.protocol import CHECKSUM_BYTES, HEADER_BYTES, START, Kind
from hw.registers import IDENTIFICATION

__all__ = ["BoardTwin"]

STATUS_READY, STATUS_DONE = 2, 4
START_COMMAND = 1


class BoardTwin(threading.Thread):
    """Answers frames until it is closed.

    Parameters
    ----------
    manifest: dict
    segments: sequence of compiler.program.Segment
        What the host will run.
    tensors: dict of str to numpy.ndarray
        All tensors of the program, as the golden model has them.
    identification: int
        The ID register.
    deaf_to: set of int
        Numbers of requests that get no answer.
    """

    def __init__(self, manifest, segments, tensors, *, identification=IDENTIFICATION,
                 deaf_to=frozenset()):
        super().__init__(daemon=True)
        self.windows = host_windows(manifest)
        self.segments, self.tensors, self.deaf_to = list(segments), tensors, deaf_to
        offsets = {register["name"]: register["offset"] for register in manifest["registers"]}
        self.offsets = offsets
        self.registers = {offsets["ID"]: identification, offsets["STATUS"]: STATUS_READY}
        self.memory = {}
        self.requests = 0
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self._slave = slave
        self._ended = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        self.join()
        os.close(self._master)
        os.close(self._slave)

    def run(self):
        while (data := self._frame()) is not None:
            try:
                request = decode(data)
            except FrameError:
                request = Frame(Kind.DAMAGED, 0, 0, 1)
            number, self.requests = self.requests, self.requests + 1
            if number not in self.deaf_to:
                os.write(self._master, encode(self._answer(request)))

    def _frame(self):
        """The bytes of the next frame, or None in the end."""
        data = b""
        while True:
            size = HEADER_BYTES + CHECKSUM_BYTES
            if len(data) >= HEADER_BYTES:
                size += payload_bytes(data[:HEADER_BYTES], answer=False)
            if len(data) == size:
                assert data[0] == START
                return data
            wanted = (HEADER_BYTES if len(data) < HEADER_BYTES else size) - len(data)
            while not select.select([self._master], [], [], 0.02)[0]:
                if self._ended.is_set():
                    return None
            data += os.read(self._master, wanted)

    def _answer(self, request):
        kind, payload = request.kind, b""
        words = range(request.address, request.address + 4 * request.words, 4)
        if kind & Kind.DAMAGED:
            pass
        elif kind & Kind.WRITE:
            values = np.frombuffer(request.payload, dtype="<u4").tolist()
            if kind & Kind.MEMORY:
                self.memory |= dict(zip(words, values, strict=True))
            else:
                self._write(request.address, values[0])
        else:
            source = self.memory if kind & Kind.MEMORY else self.registers
            payload = b"".join(source.get(word, 0).to_bytes(4, "little") for word in words)
        return Frame(kind, request.sequence, request.address, request.words, payload)

    def _write(self, offset, value):
        self.registers[offset] = value
        if offset == self.offsets["CONTROL"] and value & START_COMMAND:
            segment = self.segments.pop(0)
            self.registers |= {self.offsets["STATUS"]: STATUS_READY | STATUS_DONE,
                               self.offsets["CYCLES_LOW"]: segment.cycles,
                               self.offsets["LAYERS"]: len(segment.jobs)}
            for store in segment.stores:
                window = self.windows[store.memory]
                image = np.frombuffer(window.to_bytes(store.gather(self.tensors)), dtype="<u4")
                first = window.address(store.word)
                self.memory |= {first + 4 * place: value
                                for place, value in enumerate(image.tolist())}
