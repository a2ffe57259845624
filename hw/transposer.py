"""The transposer: turns vectors of pixels into vectors of channels, or back."""

from amaranth import Cat, Module, Mux, Shape, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .arithmetic import rotate
from .parameters import address_bits
from .sram import TwoPortSram
from .stamp import Stamped, StampedComponent

__all__ = ["Transposer"]


class Transposer(StampedComponent):
    """Takes ``size`` vectors of ``size`` numbers, and gives the ``size`` vectors of the transpose.

    The first output vector follows two cycles after the last input vector of its square, the
    others every ``interval`` cycles. Squares may follow each other without a pause, as long as
    they are completed at least ``size * interval`` cycles apart; the last one must be complete.

    Two squares lie in ``size`` memories of two ports. Number ``j`` of vector ``i`` lies in memory
    ``(i + j) % size``, so that both a vector and a vector of the transpose touch every memory once.

    Parameters
    ----------
    size: int
        Vectors in a square, and numbers in a vector.
    shape: Shape
        Of one number.
    interval: int
        Cycles from one output vector to the next.

    Members
    -------
    load: In(1)
        Start of a job: forgets what was not put out.
    i_valid, i_lanes: In(1), In(ArrayLayout(shape, size))
        An input vector, taken in every cycle in which it is valid.
    o_valid, o_lanes: Out(1), Out(ArrayLayout(shape, size))
        An output vector; valid for one cycle.
    """

    kind = "transposer"
    latency = 2

    def __init__(self, size, shape, interval):
        for name, value in (("size", size), ("interval", interval)):
            if value < 1:
                raise ValueError(f"{name}={value} is not positive")
        self.size = size
        self.shape = Shape.cast(shape)
        self.interval = interval
        self.module_name = f"transposer_{size}x{size}"
        lanes = data.ArrayLayout(self.shape, size)
        super().__init__({
            "load": In(1),
            "i_valid": In(1), "i_lanes": In(lanes),
            "o_valid": Out(1), "o_lanes": Out(lanes),
        })

    def parameters(self):
        return {"size": self.size, "lane_bits": self.shape.width, "signed": self.shape.signed,
                "interval": self.interval}

    def elaborate(self, platform):
        m = Module()
        vector = Signal(address_bits(self.size))
        write_half = Signal()
        complete = Signal()
        m.d.comb += complete.eq(self.i_valid & (vector == self.size - 1))
        with m.If(self.i_valid):
            m.d.sync += vector.eq(Mux(complete, 0, vector + 1))
            m.d.sync += write_half.eq(write_half ^ complete)

        emit, channel, read_half = self._schedule(m, complete, write_half)
        read_channel = Signal.like(channel)
        with m.If(emit):
            m.d.sync += read_channel.eq(channel)
        m.d.sync += self.o_valid.eq(emit & ~self.load)
        with m.If(self.load):
            m.d.sync += [vector.eq(0), write_half.eq(0)]

        # Memory b holds number (b - i) % size of vector i: the inputs rotated right by i.
        to_banks = self._rotate_right(list(self.i_lanes), vector)
        from_banks = []
        for bank in range(self.size):
            sram = TwoPortSram(2 * self.size, self.shape.width)
            m.submodules[f"bank_{bank}"] = Stamped(sram)
            # Of channel j, memory b holds the number that vector (b - j) % size brought.
            row = Mux(channel > bank, bank + self.size - channel, bank - channel)
            m.d.comb += [
                sram.write_en.eq(self.i_valid),
                sram.write_addr.eq(Cat(write_half, vector)),
                sram.write_data.eq(to_banks[bank]),
                sram.read_en.eq(emit),
                sram.read_addr.eq(Cat(read_half, row[:len(channel)])),
            ]
            from_banks.append(sram.read_data)
        m.d.comb += self.o_lanes.as_value().eq(Cat(rotate(from_banks, read_channel)))
        return m

    def _schedule(self, m, complete, write_half):
        """When to read which channel of which half."""
        reading = Signal()
        read_half = Signal()
        channel = Signal(address_bits(self.size))
        pause = Signal(address_bits(self.interval))
        paused = Signal()
        emit = Signal()
        m.d.comb += [paused.eq(pause.any()), emit.eq(reading & ~paused)]
        with m.If(paused):
            m.d.sync += pause.eq(pause - 1)
        with m.If(emit):
            m.d.sync += [channel.eq(channel + 1), pause.eq(self.interval - 1)]
            with m.If(channel == self.size - 1):
                m.d.sync += reading.eq(0)
        with m.If(complete):
            m.d.sync += [reading.eq(1), read_half.eq(write_half), channel.eq(0)]
        with m.If(self.load):
            m.d.sync += [reading.eq(0), pause.eq(0)]
        return emit, channel, read_half

    def _rotate_right(self, lanes, amount):
        """``lanes[(i - amount) % size]`` at each ``i``."""
        return rotate(lanes[::-1], amount)[::-1]
