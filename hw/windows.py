"""Where the memories of a core lie in the address space of its memory bus.

A window holds a memory word by word, each word in a power-of-two number of bytes and at least one
bus word. Each lane lies in a container of 8, 16 or 32 bits, little-endian, lane 0 lowest. The lanes
of a struct take one 32-bit container per field and are padded to a power of two of containers.
Numbers are sign-extended to their containers; what a window has beyond the bits of its memory reads
as an extension or as zero and ignores writes.
"""

from dataclasses import dataclass

from amaranth import Shape
from amaranth.hdl import ShapeCastable
from amaranth.lib import data

from .host_port import HostPort, lane_fields
from .parameters import address_bits

__all__ = ["BUS_BITS", "BUS_BYTES", "Slot", "Window", "lay_out_windows"]

BUS_BITS = 32
BUS_BYTES = BUS_BITS // 8


def _ceil_power_of_two(number):
    return 1 << (number - 1).bit_length()


@dataclass(frozen=True)
class Slot:
    """Where a number lies, on the bus and in its memory.

    Parameters
    ----------
    beat, bit: int
        Bus word within the memory word, and lowest bit within it.
    grain, offset: int
        Bit of the host port's ``write_en``, and lowest bit in the memory word.
    shape: Shape
        The number.
    """

    beat: int
    bit: int
    grain: int
    offset: int
    shape: Shape


@dataclass(frozen=True)
class Window:
    """One memory in the address space of the memory bus.

    Parameters
    ----------
    memory: str
        Name of the memory.
    base: int
        Byte address of word 0, a multiple of the window's size.
    words: int
        Depth of the memory, a power of two.
    lanes: int
        Lanes of a memory word.
    lane_shape: ShapeCastable
        Shape of a lane: a number of up to 32 bits, or a ``StructLayout`` of such numbers.
    """

    memory: str
    base: int
    words: int
    lanes: int
    lane_shape: Shape | ShapeCastable

    def __post_init__(self):
        if self.words < 1 or self.words & (self.words - 1):
            raise ValueError(f"{self.memory}: {self.words} words is not a power of two")
        if self.lanes < 1:
            raise ValueError(f"{self.memory}: {self.lanes} lanes is not positive")
        if self.lane_bits > BUS_BITS:
            raise ValueError(f"{self.memory}: {self.lane_bits} bits do not fit a container of "
                             f"{BUS_BITS} bits")
        if self.base % self.bytes:
            raise ValueError(f"{self.memory}: base {self.base:#x} is not a multiple of the "
                             f"window's {self.bytes:#x} bytes")

    @property
    def fields(self):
        """Shape of the number in each container of a lane; zero bits wide where reserved."""
        fields = lane_fields(self.lane_shape)
        reserved = _ceil_power_of_two(len(fields)) - len(fields)
        return fields + (Shape(0),) * reserved

    @property
    def containers(self):
        """Shape of the number in each container of a word."""
        return self.fields * self.lanes

    @property
    def lane_bits(self):
        """Width of the widest number."""
        return max(shape.width for shape in self.fields)

    @property
    def container_bits(self):
        if isinstance(self.lane_shape, data.StructLayout):
            return BUS_BITS
        return max(8, _ceil_power_of_two(self.lane_bits))

    @property
    def word_stride_bytes(self):
        """Bytes from one memory word to the next."""
        return max(BUS_BYTES, _ceil_power_of_two(len(self.containers) * self.container_bits // 8))

    @property
    def bytes(self):
        """Size of the window."""
        return self.words * self.word_stride_bytes

    @property
    def slots(self):
        """A `Slot` for each number of a memory word, lowest first."""
        slots, offset = [], 0
        for index, shape in enumerate(self.containers):
            if shape.width:
                beat, bit = divmod(index * self.container_bits, BUS_BITS)
                slots.append(Slot(beat, bit, len(slots), offset, shape))
                offset += shape.width
        return tuple(slots)

    @property
    def host_port(self):
        """Signature of the port through which the bus reaches the memory."""
        return HostPort(address_bits(self.words), self.lanes, self.lane_shape)

    def as_manifest(self):
        """This window in plain types, as the manifest holds it.

        Its ``lanes`` are the containers of a word; ``fields`` repeat over them.
        """
        return {"memory": self.memory, "base": self.base, "bytes": self.bytes,
                "word_stride_bytes": self.word_stride_bytes, "words": self.words,
                "lanes": len(self.containers), "lane_bits": self.lane_bits,
                "lane_container_bits": self.container_bits,
                "fields": [{"bits": shape.width, "signed": shape.signed} for shape in self.fields]}


def lay_out_windows(memories):
    """Windows for memories in the given order, each at the next multiple of its own size.

    Parameters
    ----------
    memories: iterable of (str, int, int, ShapeCastable)
        Name, words, lanes and lane shape of each memory.

    Returns
    -------
    tuple of Window
    """
    windows, end = [], 0
    for memory, words, lanes, lane_shape in memories:
        size = Window(memory, 0, words, lanes, lane_shape).bytes
        base = -(-end // size) * size
        windows.append(Window(memory, base, words, lanes, lane_shape))
        end = base + size
    return tuple(windows)
