"""A bridge between a bench that sends bytes and two slaves."""

from amaranth import Signal

from host.frames import decode, payload_bytes
from hw.board.bridge import HostBridge
from hw.board.protocol import CHECKSUM_BYTES, HEADER_BYTES
from tests.hw.board.slaves import MemorySlave, RegisterSlave
from tests.hw.simulation import simulate

__all__ = ["SILENCE", "Bench"]

SILENCE = 128  # cycles
BYTE_CYCLES = 12  # more than the bridge needs for a byte


class Bench:
    """Sends bytes at the pace of a line, and gathers what is answered.

    Parameters
    ----------
    rng: random.Random
    idle: float
        Probability of waiting, on each channel and in each cycle.
    """

    def __init__(self, rng, idle):
        self.dut, self.rng, self.idle = HostBridge(), rng, idle
        self.control = RegisterSlave(self.dut.control, rng, idle)
        self.memory = MemorySlave(self.dut.memory, rng, idle)
        self.answered = bytearray()
        self.reset = Signal()
        self.sending = False

    def run(self, bench):
        """Run ``async bench(ctx)``."""
        simulate(self.dut, bench, self._slaves, self._answers,
                 self._silence, reset=self.reset, cycles=2_000_000)

    async def _slaves(self, ctx):
        while True:
            for slave in (self.control, self.memory):
                slave.drive(ctx)
            for slave in (self.control, self.memory):
                slave.take(ctx)
            await ctx.tick()

    async def _answers(self, ctx):
        while True:
            ctx.set(self.dut.o.ready, self.rng.random() >= self.idle)
            if ctx.get(self.dut.o.valid & self.dut.o.ready):
                self.answered.append(ctx.get(self.dut.o.payload))
            await ctx.tick()

    async def _silence(self, ctx):
        """What the receiver says of the line: never while a byte is coming."""
        silence = 0
        while True:
            silence = 0 if self.sending or silence == SILENCE else silence + 1
            ctx.set(self.dut.silent, silence == SILENCE)
            await ctx.tick()

    async def send(self, ctx, data, bad=()):
        """Send bytes, those at the positions ``bad`` without a stop bit."""
        self.sending = True
        for position, byte in enumerate(data):
            ctx.set(self.dut.i.payload, byte)
            ctx.set(self.dut.framing_error, position in bad)
            ctx.set(self.dut.i.valid, 1)
            await ctx.tick()
            ctx.set(self.dut.i.valid, 0)
            await ctx.tick().repeat(BYTE_CYCLES - 1)
        self.sending = False

    async def answer(self, ctx, cycles=10_000):
        """The next answer, or None if there is none for so long."""
        for _ in range(cycles):
            if len(self.answered) >= HEADER_BYTES:
                size = (HEADER_BYTES + CHECKSUM_BYTES
                        + payload_bytes(self.answered[:HEADER_BYTES], answer=True))
                if len(self.answered) >= size:
                    data = bytes(self.answered[:size])
                    del self.answered[:size]
                    return decode(data)
            await ctx.tick()
        return None
