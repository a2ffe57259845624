"""The activation memory: two halves of word-interleaved single-port banks."""

from amaranth import Cat, Module, Mux, Shape, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .host_port import HostPort
from .parameters import address_bits
from .sram import SinglePortSram
from .stamp import Stamped, StampedComponent

__all__ = ["ActivationMemory"]


def rotate(words, amount):
    """``words[(i + amount) % len(words)]`` at each ``i``; the length is a power of two."""
    for bit in range((len(words) - 1).bit_length()):
        step = 1 << bit
        words = [Mux(amount[bit], words[(i + step) % len(words)], word)
                 for i, word in enumerate(words)]
    return words


class ActivationMemory(StampedComponent):
    """Reads and writes runs of consecutive words at any address, one of each per cycle.

    The most significant bit of a word address selects the half, the least significant bits the
    bank of that half, and those between the row of the bank. A run of words wraps around within
    its half. A half serves one access per cycle: a read and a write of the same half in one cycle
    are a conflict, which raises ``conflict`` in that cycle; the write is done, and the data of the
    read are undefined. Reads have a latency of one cycle.

    Parameters
    ----------
    word_lanes: int
        Numbers in one word.
    shape: Shape
        Of one number.
    words: int
        Words of both halves, a power of two.
    banks: int
        Banks in each half, a power of two.
    input_words, output_words: int
        Words that are read, and the most that are written, in one cycle; at most ``banks``.

    Members
    -------
    busy: In(1)
        The core has the memory, else the host.
    read_en, read_addr: In
        Read ``input_words`` words from this address on.
    read_data: Out(ArrayLayout(shape, input_words * word_lanes))
        In the cycle after ``read_en``, and held until the next; lowest address first.
    write_en, write_addr, write_words, write_data: In
        Write the first ``write_words`` words of ``write_data`` from this address on.
    host: In(HostPort)
        One word at a time.
    conflict: Out(1)
    """

    kind = "activation_memory"
    module_name = "activation_memory"

    def __init__(self, word_lanes, shape, words, banks, input_words, output_words):
        for name, value in (("words", words), ("banks", banks)):
            if value < 1 or value & (value - 1):
                raise ValueError(f"{name}={value} is not a power of two")
        if words < 2 * banks:
            raise ValueError(f"words={words} leave banks={banks} in each half without a word")
        if not 1 <= min(input_words, output_words) <= max(input_words, output_words) <= banks:
            raise ValueError(f"input_words={input_words} and output_words={output_words} must lie "
                             f"between 1 and banks={banks}")
        self.word_lanes = word_lanes
        self.shape = Shape.cast(shape)
        self.words = words
        self.banks = banks
        self.input_words = input_words
        self.output_words = output_words
        address = address_bits(words)
        super().__init__({
            "busy": In(1),
            "read_en": In(1),
            "read_addr": In(address),
            "read_data": Out(data.ArrayLayout(shape, input_words * word_lanes)),
            "write_en": In(1),
            "write_addr": In(address),
            "write_words": In(range(output_words + 1)),
            "write_data": In(data.ArrayLayout(shape, output_words * word_lanes)),
            "host": In(HostPort(address, word_lanes, shape)),
            "conflict": Out(1),
        })

    def parameters(self):
        return {"word_lanes": self.word_lanes, "lane_bits": self.shape.width,
                "signed": self.shape.signed, "words": self.words, "banks": self.banks,
                "input_words": self.input_words, "output_words": self.output_words}

    @property
    def bank_bits(self):
        return (self.banks - 1).bit_length()

    def elaborate(self, platform):
        m = Module()
        word_bits = self.word_lanes * self.shape.width
        count = range(self.banks + 1)

        # The host's port takes the place of the core's ports, with runs of one word.
        read_en, write_en = Signal(), Signal()
        read_addr, write_addr = Signal.like(self.read_addr), Signal.like(self.write_addr)
        read_words, write_words = Signal(count), Signal(count)
        write_data = Signal(data.ArrayLayout(unsigned(word_bits), self.banks))
        lanes = Signal(self.word_lanes)
        m.d.comb += write_data.as_value().eq(self.write_data)
        with m.If(self.busy):
            m.d.comb += [
                read_en.eq(self.read_en),
                read_addr.eq(self.read_addr),
                read_words.eq(self.input_words),
                write_en.eq(self.write_en),
                write_addr.eq(self.write_addr),
                write_words.eq(self.write_words),
                lanes.eq(~0),
            ]
        with m.Else():
            m.d.comb += [
                read_en.eq(self.host.read_en),
                read_addr.eq(self.host.addr),
                read_words.eq(1),
                write_en.eq(self.host.write_en.any()),
                write_addr.eq(self.host.addr),
                write_words.eq(1),
                write_data[0].eq(self.host.write_data),
                lanes.eq(self.host.write_en),
            ]
        m.d.comb += self.conflict.eq(
            self.busy & read_en & write_en & (read_addr[-1] == write_addr[-1]))

        bank_data = self._write_order(write_data, write_addr)
        half_data = []
        for half in range(2):
            reads = read_en & (read_addr[-1] == half)
            writes = Signal(name=f"half_{half}_writes")
            m.d.comb += writes.eq(write_en & (write_addr[-1] == half))
            half_data.append(self._add_half(
                m, half, reads=reads, writes=writes, lanes=lanes, bank_data=bank_data,
                addr=Mux(writes, write_addr, read_addr),
                words=Mux(writes, write_words, read_words)))

        origin = Signal.like(read_addr)
        with m.If(read_en):
            m.d.sync += origin.eq(read_addr)
        words = [Mux(origin[-1], high, low) for low, high in zip(*half_data, strict=True)]
        words = rotate(words, origin)
        m.d.comb += [
            self.read_data.as_value().eq(Cat(words[:self.input_words])),
            self.host.read_data.eq(words[0]),
        ]
        return m

    def _write_order(self, write_data, write_addr):
        """The word for each bank: word ``(bank - write_addr) % banks`` of the run."""
        words = [write_data[i] for i in range(self.banks)]
        # A rotation by -n, as one by ~n of words that are one place on.
        return rotate(words[1:] + words[:1], ~write_addr)

    def _add_half(self, m, half, *, reads, writes, lanes, bank_data, addr, words):
        """Place the banks of a half; returns what each of them reads."""
        bank_bits = self.bank_bits
        local = Signal(addr.shape(), name=f"half_{half}_addr")
        row = local[bank_bits:-1]
        next_row = Signal(len(row), name=f"half_{half}_next_row")
        m.d.comb += [local.eq(addr), next_row.eq(row + 1)]
        read = []
        for bank in range(self.banks):
            sram = SinglePortSram(self.words // 2 // self.banks,
                                  self.word_lanes * self.shape.width, self.shape.width)
            m.submodules[f"half_{half}_bank_{bank}"] = Stamped(sram)
            place = Signal(bank_bits, name=f"half_{half}_place_{bank}")
            taken = Signal(name=f"half_{half}_taken_{bank}")
            m.d.comb += [
                place.eq(bank - local[:bank_bits]),
                taken.eq(place < words),
                sram.addr.eq(Mux(local[:bank_bits] > bank, next_row, row)),
                sram.read_en.eq(reads & taken),
                sram.write_en.eq(Mux(writes & taken, lanes, 0)),
                sram.write_data.eq(bank_data[bank]),
            ]
            read.append(sram.read_data)
        return read
