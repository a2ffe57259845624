"""A serial line between a testbench and a design, bit by bit; see `host.link`."""

import cocotb
from cocotb.queue import Queue
from cocotb.triggers import FallingEdge, SimTimeoutError, Timer, with_timeout

from hw.board.protocol import SILENCE

__all__ = ["UartLink"]

# What the bridge takes before it answers: a silence, or up to one frame of words over the bus.
PATIENCE = SILENCE + 500


class UartLink:
    """Moves the bits of both directions in time; begins to listen at once.

    Parameters
    ----------
    clock, rx, tx: handle
        Bits begin at a falling edge of the clock, so that no simulator has a race to decide.
    bit_ps: int
    faults: dict of int to int or None
        Number of a byte that is sent, from the first one on: bits that change in it, or None for a
        byte that is lost.
    """

    def __init__(self, clock, rx, tx, bit_ps, faults):
        self._clock, self._rx, self._tx, self._bit_ps = clock, rx, tx, bit_ps
        self._faults = faults
        self._sent = 0
        self._received = Queue()
        cocotb.start_soon(self._listen())

    async def send(self, data):
        await FallingEdge(self._clock)
        for byte in data:
            change = self._faults.get(self._sent, 0)
            self._sent += 1
            if change is None:
                await Timer(10 * self._bit_ps, "ps")
                continue
            byte ^= change
            for bit in (0, *(byte >> place & 1 for place in range(8)), 1):
                self._rx.value = bit
                await Timer(self._bit_ps, "ps")

    async def receive(self, count):
        data = bytearray()
        while len(data) < count:
            try:
                data.append(await with_timeout(self._received.get(), PATIENCE * self._bit_ps, "ps"))
            except SimTimeoutError:
                break
        return bytes(data)

    async def drop(self):
        while not self._received.empty():
            self._received.get_nowait()

    async def _listen(self):
        while True:
            await FallingEdge(self._tx)
            await Timer(self._bit_ps // 2, "ps")
            byte = 0
            for place in range(8):
                await Timer(self._bit_ps, "ps")
                byte |= int(self._tx.value) << place
            await Timer(self._bit_ps, "ps")
            if self._tx.value:
                self._received.put_nowait(byte)
