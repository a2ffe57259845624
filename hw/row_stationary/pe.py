"""The element: a row of a filter times a row of the input, out of memories of its own."""

from amaranth import Array, Cat, Const, Module, Mux, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..arithmetic import balanced_sum, cut
from ..parameters import Overflow, address_bits
from ..stamp import Stamped, StampedComponent
from .scratchpad import Scratchpad

__all__ = ["RowStationaryPE", "control_members"]


def control_members(p):
    """What all elements of a row are told, by the stage of the pipeline in which it is used.

    - ``window_read``, ``window_slot``: fetch the pixel of a tap; it is held for all of its turns;
    - one cycle later ``fetch``: there is a turn; ``part`` of the pixel, and where its weights lie:
      ``filter_bank``, ``filter_beat`` and ``filter_word`` in it;
    - one cycle later ``add``: the turn's products are added, to the sum of ``filter``, unless they
      are its ``first``; the ``last`` ones complete it and send it into the chain;
    - ``bottom``: the chain begins in this row.
    """
    return {
        "window_read": unsigned(1), "window_slot": unsigned(address_bits(p.window_pixels)),
        "fetch": unsigned(1), "part": unsigned(address_bits(p.parts)),
        "filter_bank": unsigned(1), "filter_beat": unsigned(address_bits(p.filter_beats)),
        "filter_word": unsigned(address_bits(p.words_per_beat)),
        "add": unsigned(1), "filter": unsigned(address_bits(p.sum_depth)),
        "first": unsigned(1), "last": unsigned(1), "bottom": unsigned(1),
    }


class RowStationaryPE(StampedComponent):
    """``chain_o = chain_i + sum over taps and channels of inputs * weights``, filters in turn.

    ``macs_per_pe`` channels of one tap are multiplied per cycle. Their products reach the sum of
    their filter two cycles after the fetch of the tap's pixel, and a complete sum the chain.

    Parameters
    ----------
    array: RowStationaryParameters

    Members
    -------
    active: In(1), the layer uses this element. Others keep still.
    control: In, see `control_members`.
    pixel_valid, pixel, pixel_tag, write_slot: a beat of inputs, its tag less the column's, and
        the place of its pixel.
    row_tag: In, the tag, less the column's, of the beats that this element takes.
    filter_write, weights, write_bank, write_beat: a beat of weights for the elements of this row.
    chain_i, chain_o: sums of the elements below, and with this one's.
    """

    kind = "pe"

    def __init__(self, array):
        self.array = p = array
        self.module_name = f"pe_row_stationary_{p.inputs}x{p.weights}_{p.accumulator}"
        super().__init__({
            "active": In(1), "control": In(data.StructLayout(control_members(p))),
            "pixel_valid": In(1), "pixel": In(data.ArrayLayout(p.inputs.shape,
                                                               p.channels_per_beat)),
            "pixel_tag": In(p.tag_bits), "row_tag": In(p.tag_bits),
            "write_slot": In(address_bits(p.window_pixels)),
            "filter_write": In(1),
            "weights": In(data.ArrayLayout(p.weights.shape, p.weights_per_beat)),
            "write_bank": In(1), "write_beat": In(address_bits(p.filter_beats)),
            "chain_i": In(p.partial_sum.shape), "chain_o": Out(p.partial_sum.shape),
        })

    def parameters(self):
        p = self.array
        return {"input_bits": p.inputs.bits, "weight_bits": p.weights.bits,
                "sum_bits": p.partial_sum.bits, "inputs": str(p.inputs),
                "weights": str(p.weights), "macs": p.macs_per_pe, "zero_gating": p.zero_gating}

    def elaborate(self, platform):
        m = Module()
        p, control = self.array, self.control
        fetch, add = Signal(), Signal()
        m.d.comb += [fetch.eq(self.active & control.fetch), add.eq(self.active & control.add)]

        part = self._part(m)
        takes, useful = fetch, Const(1)
        if p.zero_gating:
            takes, useful = Signal(), Signal()      # useful: the products are of this turn
            m.d.comb += takes.eq(fetch & part.as_value().any())
            with m.If(fetch):
                m.d.sync += useful.eq(takes)
        moving = Signal(part.shape())
        with m.If(takes):
            m.d.sync += moving.eq(part)
        stationary = self._weights(m, takes)

        product = Signal(p.sum_format(p.macs_per_pe).shape)
        m.d.comb += product.eq(balanced_sum(
            [x * w for x, w in zip(moving, stationary, strict=True)]))
        self._sums(m, add, product, useful)
        return m

    def _part(self, m):
        """The input scratchpad; returns the part of the pixel whose turn it is."""
        p, control = self.array, self.control
        word = self.pixel.as_value()
        m.submodules.window = Stamped(window := Scratchpad(p.window_pixels, len(word)))
        m.d.comb += [
            window.write_en.eq(self.active & self.pixel_valid & (self.pixel_tag == self.row_tag)),
            window.write_addr.eq(self.write_slot), window.write_data.eq(word),
            window.read_en.eq(self.active & control.window_read),
            window.read_addr.eq(control.window_slot),
        ]
        bits = p.macs_per_pe * p.inputs.bits
        parts = [window.read_data[start:start + bits] for start in range(0, len(word), bits)]
        part = Signal(data.ArrayLayout(p.inputs.shape, p.macs_per_pe))
        m.d.comb += part.as_value().eq(Array(parts)[control.part])
        return part

    def _weights(self, m, read):
        """The filter scratchpad, a memory for each word of a beat; returns the word read last."""
        p, control = self.array, self.control
        bits = p.macs_per_pe * p.weights.bits
        words = []
        for word in range(p.words_per_beat):
            memory = Scratchpad(2 * p.filter_beats, bits)
            m.submodules[f"filter_{word}"] = Stamped(memory)
            m.d.comb += [
                memory.write_en.eq(self.active & self.filter_write),
                memory.write_addr.eq(Cat(self.write_bank, self.write_beat)),
                memory.write_data.eq(self.weights.as_value()[word * bits:(word + 1) * bits]),
                memory.read_en.eq(read & (control.filter_word == word)),
                memory.read_addr.eq(Cat(control.filter_bank, control.filter_beat)),
            ]
            words.append(memory.read_data)
        chosen = Signal.like(control.filter_word)
        with m.If(read):
            m.d.sync += chosen.eq(control.filter_word)
        stationary = Signal(data.ArrayLayout(p.weights.shape, p.macs_per_pe))
        m.d.comb += stationary.as_value().eq(Array(words)[chosen])
        return stationary

    def _sums(self, m, add, product, useful):
        """The partial sums of the filters, and the chain."""
        p, control = self.array, self.control
        m.submodules.sums = Stamped(sums := Scratchpad(p.sum_depth, p.partial_sum.bits,
                                                       asynchronous=True))
        before = Mux(control.first, 0, sums.read_data.as_signed())
        after = before + Mux(useful, product, 0)
        total = Signal(after.shape())
        kept = cut(total, p.partial_sum, Overflow.WRAP)
        m.d.comb += [
            total.eq(after),
            sums.read_en.eq(add & ~control.first & (control.last | useful)),
            sums.read_addr.eq(control.filter),
            sums.write_en.eq(add & ~control.last & (control.first | useful)),
            sums.write_addr.eq(control.filter), sums.write_data.eq(kept),
        ]
        with m.If(add & control.last):
            m.d.sync += self.chain_o.eq(Mux(control.bottom, 0, self.chain_i) + kept)
