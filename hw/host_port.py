"""The port through which the host reaches a memory."""

from math import gcd

from amaranth import Cat, Shape
from amaranth.lib import data
from amaranth.lib.wiring import In, Out, Signature

__all__ = ["HostPort", "lane_fields"]


def lane_fields(lane_shape):
    """The shapes that are written separately in a lane: the fields of a struct, else the lane."""
    if isinstance(lane_shape, data.StructLayout):
        return tuple(Shape.cast(shape) for shape in lane_shape.members.values())
    return (Shape.cast(lane_shape),)


class HostPort(Signature):
    """One word of a memory at a time, seen from the bus.

    A read takes one cycle; ``read_data`` then holds until the next read. The bus never reads and
    writes in the same cycle, and does neither while the core is busy.

    Parameters
    ----------
    address_bits: int
        Width of a word address.
    lanes: int
        Lanes of a word, packed with lane 0 lowest.
    lane_shape: ShapeCastable
        A number, or a ``StructLayout`` of numbers.

    Members
    -------
    read_en: Out(1)
    write_en: Out(lanes)
        One bit per lane, or per field of each lane where lanes are structs.
    addr: Out(address_bits)
    write_data: Out(lanes * lane width)
    read_data: In(lanes * lane width)
    """

    def __init__(self, address_bits, lanes, lane_shape):
        self.address_bits = address_bits
        self.lanes = lanes
        self.lane_shape = lane_shape
        width = lanes * Shape.cast(lane_shape).width
        super().__init__({
            "read_en": Out(1),
            "write_en": Out(len(self.grain_widths)),
            "addr": Out(address_bits),
            "write_data": Out(width),
            "read_data": In(width),
        })

    @property
    def grain_widths(self):
        """Bits that each bit of ``write_en`` stands for, lowest first."""
        return tuple(field.width for field in lane_fields(self.lane_shape)) * self.lanes

    @property
    def granularity(self):
        """The widest SRAM granularity that can write each grain alone."""
        return gcd(*self.grain_widths)

    def sram_mask(self, write_en):
        """``write_en`` of this port as the write mask of an SRAM of this ``granularity``."""
        return Cat(enable.replicate(width // self.granularity)
                   for enable, width in zip(write_en, self.grain_widths, strict=True))
