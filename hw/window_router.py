"""From a beat's place in the address space to the host ports of the memories."""

from operator import or_

from amaranth import Cat, Const, Module, Signal
from amaranth.lib.wiring import Component, In, Out, Signature

from .arithmetic import balanced
from .windows import BUS_BITS, BUS_BYTES

__all__ = ["WindowRouter", "host_ports"]


def host_ports(windows):
    """Signature with the `HostPort` of each window's memory, under the memory's name."""
    return Signature({window.memory: Out(window.host_port) for window in windows})


class WindowRouter(Component):
    """Reads or writes one bus word per cycle in whichever window it lies.

    The read data of a cycle is there in the next one and holds until the next read. Without a
    window, with strobes that cover a part of a container and while ``busy`` the access is
    ``refused``: nothing is written, and zero is read.

    Parameters
    ----------
    windows: tuple of Window
        Where the memories lie.

    Members
    -------
    beat: In(beat_bits)
        Address of a bus word.
    outside: In(1)
        The address is beyond ``beat``; there is no window.
    busy: In(1)
    read, write: In(1)
        Never both.
    write_data: In(32)
    strobes: In(4)
    refused: Out(1)
        The access of this cycle fails.
    read_data: Out(32)
    host: Out(host_ports(windows))
        One `HostPort` per window, named after its memory.
    """

    def __init__(self, windows):
        self.windows = tuple(windows)
        end = max(window.base + window.bytes for window in self.windows)
        self.beat_bits = (end // BUS_BYTES - 1).bit_length()
        super().__init__({
            "beat": In(self.beat_bits),
            "outside": In(1),
            "busy": In(1),
            "read": In(1),
            "write": In(1),
            "write_data": In(BUS_BITS),
            "strobes": In(BUS_BYTES),
            "refused": Out(1),
            "read_data": Out(BUS_BITS),
            "host": Out(host_ports(self.windows)),
        })

    def elaborate(self, platform):
        m = Module()
        torn = {bits: Signal(name=f"torn_{bits}") for bits in (8, 16, 32)}
        for bits, signal in torn.items():
            step = bits // 8
            containers = [self.strobes[low:low + step] for low in range(0, BUS_BYTES, step)]
            m.d.comb += signal.eq(Cat(strobes.any() & ~strobes.all()
                                      for strobes in containers).any())
        fits, words = [], []
        for window in self.windows:
            hit = Signal(name=f"{window.memory}_hit")
            size_bits = (window.bytes // BUS_BYTES - 1).bit_length()
            m.d.comb += hit.eq(~self.outside & ~self.busy
                               & (self.beat >> size_bits == window.base // window.bytes))
            fits.append(hit & ~(self.write & torn[window.container_bits]))
            words += self._connect(m, window, hit, self.write & fits[-1])
        m.d.comb += [
            self.refused.eq(~Cat(fits).any()),
            self.read_data.eq(balanced(or_, words)),
        ]
        return m

    def _connect(self, m, window, hit, write):
        """Wire one memory's port; returns what it adds to the read data, beat by beat."""
        port = getattr(self.host, window.memory)
        beats = window.word_stride_bytes // BUS_BYTES
        beat_bits = (beats - 1).bit_length()
        m.d.comb += [
            port.addr.eq(self.beat[beat_bits:beat_bits + (window.words - 1).bit_length()]),
            port.read_en.eq(self.read & hit),
        ]
        words = []
        for index in range(beats):
            slots = [slot for slot in window.slots if slot.beat == index]
            if not slots:
                continue
            here = Signal(name=f"{window.memory}_beat_{index}")
            chosen = Signal(name=f"{window.memory}_beat_{index}_chosen")
            m.d.comb += here.eq(self.beat[:beat_bits] == index)
            with m.If(self.read):
                m.d.sync += chosen.eq(hit & here)
            containers = [Const(0, window.container_bits)] * (BUS_BITS // window.container_bits)
            for slot in slots:
                width = slot.shape.width
                number = port.read_data[slot.offset:slot.offset + width]
                extension = number[-1] if slot.shape.signed else Const(0)
                containers[slot.bit // window.container_bits] = Cat(
                    number, extension.replicate(window.container_bits - width))
                m.d.comb += [
                    port.write_en[slot.grain].eq(write & here & self.strobes[slot.bit // 8]),
                    port.write_data[slot.offset:slot.offset + width].eq(
                        self.write_data[slot.bit:slot.bit + width]),
                ]
            words.append(Cat(containers) & chosen.replicate(BUS_BITS))
        return words
