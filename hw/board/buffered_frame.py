"""What a bridge knows of the frame in its buffer."""

from amaranth import Cat, Signal

from ..axi import Burst
from ..windows import BUS_BITS, BUS_BYTES
from .protocol import FRAME_WORDS, HEADER_BYTES

__all__ = ["BUFFER_BYTES", "HEADER_AT", "BufferedFrame"]

BUFFER_BYTES = 512  # one block RAM of the smallest FPGAs
POINTER_BITS = (BUFFER_BYTES - 1).bit_length()
HEADER_AT = BUFFER_BYTES - HEADER_BYTES


class BufferedFrame:
    """The registers of a bridge, and what follows from them.

    The buffer holds the payload from its beginning on, and the header at its end: the pointer comes
    from there to zero.

    Parameters
    ----------
    read_data: Signal
        Of the buffer.
    """

    def __init__(self, read_data):
        self.read_data = read_data
        self.pointer = Signal(POINTER_BITS, init=HEADER_AT)
        self.step = Signal()
        self.restart = Signal()      # the pointer, at the start byte
        self.rewind = Signal()       # the same at the address
        self.storing, self.sending = Signal(), Signal()
        self.second = Signal()       # byte of a checksum
        self.word = Signal(BUS_BITS, reset_less=True)
        self.shifted = Cat(self.word[8:], read_data)
        self.length = Signal(range(FRAME_WORDS), reset_less=True)
        self.is_write = Signal(reset_less=True)
        self.is_memory = Signal(reset_less=True)
        self.failed = Signal(reset_less=True)
        self.damaged = Signal(reset_less=True)
        self.sequence = Signal(8, reset_less=True)  # of the last frame that was carried out
        self.repeatable = Signal()                  # it was a write
        self.repeated = Signal(reset_less=True)     # this frame has its number
        self.in_header = self.pointer[-1]
        self.word_ends = self.pointer[:2].all()
        self.last_word = ~self.in_header & (self.pointer[2:-1] == self.length)

    def at(self, field):
        """The pointer is at this part of the header."""
        return self.in_header & (self.pointer[:3] == field)

    def ends(self, has_payload):
        """The pointer is at the last byte before the checksum."""
        return self.word_ends & (self.last_word | (self.in_header & self.pointer[2] & ~has_payload))

    def drive(self, m, control, memory):
        """What the channels of both buses carry while they are valid."""
        m.d.comb += [
            control.awaddr.eq(self.read_data),
            control.araddr.eq(self.word),
            control.wdata.eq(self.word),
            control.wstrb.eq(~0),
            memory.wdata.eq(self.word),
            memory.wstrb.eq(~0),
            memory.wlast.eq(self.last_word),
        ]
        for channel in ("aw", "ar"):
            for name, value in (("addr", self.word), ("len", self.length),
                                ("size", (BUS_BYTES - 1).bit_length()), ("burst", Burst.INCR)):
                m.d.comb += getattr(memory, channel + name).eq(value)
