"""The checksum of a frame."""

from amaranth import Cat, Module, Signal
from amaranth.lib.wiring import In, Out

from ..stamp import StampedComponent

__all__ = ["Crc16"]

POLYNOMIAL = 0x1021
BITS = 16


class Crc16(StampedComponent):
    """CRC-16 CCITT-FALSE of the bytes since the last clear, bit by bit.

    A byte that comes while ``busy`` is not counted. The checksum of bytes and of their own
    checksum, high byte first, is zero.

    Members
    -------
    clear: In(1)
        Begin anew.
    data: In(8)
    valid: In(1)
        Count ``data``.
    busy: Out(1)
        High for the 8 cycles after a byte: ``value`` is not that of whole bytes.
    value: Out(16)
    """

    kind = "crc"
    module_name = "crc16"

    def __init__(self):
        super().__init__({"clear": In(1), "data": In(8), "valid": In(1), "busy": Out(1),
                          "value": Out(BITS, init=0xFFFF)})

    def parameters(self):
        return {}

    def elaborate(self, platform):
        m = Module()
        bit = Signal(4)
        m.d.comb += self.busy.eq(bit[-1])
        with m.If(self.clear):
            m.d.sync += [self.value.eq(0xFFFF), bit.eq(0)]
        with m.Elif(self.busy):
            feedback = self.value[-1].replicate(BITS) & POLYNOMIAL
            # Eight up to fifteen, and then zero.
            m.d.sync += [self.value.eq(Cat(0, self.value[:-1]) ^ feedback), bit.eq(bit + 1)]
        with m.Elif(self.valid):
            m.d.sync += [self.value[8:].eq(self.value[8:] ^ self.data), bit.eq(8)]
        return m
