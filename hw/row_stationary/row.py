"""A row of elements and the counters that they share."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent
from .config import row_stationary_config
from .pe import RowStationaryPE, control_members

__all__ = ["Row", "token_layout", "turns_layout"]


def token_layout(p):
    """Starts a step: where its window begins, the weights' bank, whether it ends the pass."""
    return data.StructLayout({"valid": 1, "slot": address_bits(p.window_pixels), "bank": 1,
                              "final": 1})


def turns_layout(p):
    """What all rows have to know of a layer."""
    config = row_stationary_config(p, 1)
    return data.StructLayout({name: config[name].shape for name in (
        "filters", "parts", "taps", "stride", "chains")})


class Row(StampedComponent):
    """``columns`` elements that take the same turns.

    Parameters
    ----------
    array: RowStationaryParameters

    Members
    -------
    reset: In(1), job start: whatever runs is forgotten.
    turns, config: In, what the layer chooses, of all rows and of this one.
    enables: In(columns), elements that the layer uses if it uses the row.
    token_i, token_o: In, Out, the step's start from the row below and, a cycle later, to the row
        above.
    launch, launch_chain: In, the step's start in the bottom row of a chain.
    pixel_valid, pixel, pixel_tags, write_slot: see `RowStationaryPE`; tags by columns.
    weights_valid, weights, weights_tag, write_bank, write_beat: a beat of weights.
    chain_i, chain_o: In, Out, sums from below and to above, by columns.
    output_valid, outputs: Out, vectors of the chain that ends here; zero otherwise.
    release: Out(1), all rows have read one pixel more for the last time.
    finish: Out(1), all rows have read all weights of the pass.
    busy: Out(1)
    """

    kind = "row"

    def __init__(self, array):
        self.array = p = array
        self.module_name = f"row_{p.columns}"
        pe = RowStationaryPE(p).signature.members
        sums = data.ArrayLayout(p.partial_sum.shape, p.columns)
        token = token_layout(p)
        super().__init__({
            "reset": In(1), "turns": In(turns_layout(p)),
            "config": In(row_stationary_config(p, 1)["rows"].shape.elem_shape),
            "enables": In(p.columns),
            "token_i": In(token), "token_o": Out(token),
            "launch": In(token), "launch_chain": In(address_bits(p.rows)),
            "pixel_valid": In(1), "pixel": pe["pixel"],
            "pixel_tags": In(data.ArrayLayout(p.tag_bits, p.columns)),
            "write_slot": pe["write_slot"],
            "weights_valid": In(1), "weights": pe["weights"],
            "weights_tag": In(address_bits(p.rows)),
            "write_bank": pe["write_bank"], "write_beat": pe["write_beat"],
            "chain_i": In(sums), "chain_o": Out(sums),
            "output_valid": Out(1), "outputs": Out(sums),
            "release": Out(1), "finish": Out(1), "busy": Out(1),
        })

    def parameters(self):
        return {"columns": self.array.columns}

    def elaborate(self, platform):
        m = Module()
        p = self.array
        control = self._control(m)
        filter_write = Signal()
        m.d.comb += filter_write.eq(self.weights_valid & self.config.active
                                    & (self.weights_tag == self.config.filter_tag))
        for number in range(p.columns):
            m.submodules[f"pe_{number}"] = Stamped(pe := RowStationaryPE(p))
            active = Signal(name=f"active_{number}")
            m.d.comb += [
                active.eq(self.config.active & self.enables[number]),
                pe.active.eq(active),
                pe.control.eq(control),
                pe.pixel_valid.eq(self.pixel_valid), pe.pixel.eq(self.pixel),
                pe.pixel_tag.eq(self.pixel_tags[number]), pe.row_tag.eq(self.config.tag),
                pe.write_slot.eq(self.write_slot),
                pe.filter_write.eq(filter_write), pe.weights.eq(self.weights),
                pe.write_bank.eq(self.write_bank), pe.write_beat.eq(self.write_beat),
                pe.chain_i.eq(self.chain_i[number]), self.chain_o[number].eq(pe.chain_o),
                self.outputs[number].eq(Mux(self.output_valid & active, pe.chain_o, 0)),
            ]
        return m

    def _control(self, m):
        """The counters; returns what the elements are told."""
        p, turns = self.array, self.turns
        control = Signal(data.StructLayout(control_members(p)))
        running, ends = Signal(), Signal()
        filters, parts, taps = (Signal.like(turns[name], name=f"{name}_done")
                                for name in ("filters", "parts", "taps"))
        word = Signal(address_bits(p.filter_words))
        bank, final = Signal(), Signal()
        slot = Signal(address_bits(p.window_pixels))
        start = self._start(m, {"slot": slot, "bank": bank, "final": final})
        first, last = Signal(), Signal()
        m.d.comb += [
            first.eq((parts == 0) & (taps == 0)),
            last.eq((parts == turns.parts) & (taps == turns.taps)),
            ends.eq(last & (filters == turns.filters)),
        ]
        with m.If(start):
            m.d.sync += [running.eq(1), filters.eq(0), parts.eq(0), taps.eq(0), word.eq(0)]
        with m.Elif(running):
            m.d.sync += [running.eq(~ends), filters.eq(filters + 1), word.eq(word + 1)]
            with m.If(filters == turns.filters):
                m.d.sync += [filters.eq(0), parts.eq(parts + 1)]
                with m.If(parts == turns.parts):
                    m.d.sync += [parts.eq(0), taps.eq(taps + 1),
                                 slot.eq(Mux(slot == p.window_pixels - 1, 0, slot + 1))]

        tap_begins, latest = Signal(), Signal()
        m.d.comb += [
            tap_begins.eq(running & (filters == 0) & (parts == 0)),
            # The top row of the last chain is the last one to do anything.
            latest.eq(running & self.config.top & (self.config.chain == turns.chains)),
            self.release.eq(latest & tap_begins & (final | (taps <= turns.stride))),
            self.finish.eq(latest & ends & final),
            control.window_read.eq(tap_begins), control.window_slot.eq(slot),
            control.bottom.eq(self.config.first),
            self.busy.eq(running | control.fetch | control.add | self.output_valid
                         | self.token_o.valid),
        ]
        fetched = Signal.like(control.filter)
        fetched_first, fetched_last = Signal(), Signal()
        m.d.sync += [
            control.fetch.eq(running), control.add.eq(control.fetch),
            self.output_valid.eq(control.add & control.last & self.config.top),
        ]
        words = (p.words_per_beat - 1).bit_length()
        with m.If(running):
            m.d.sync += [
                control.part.eq(parts + self.config.part if p.parts > 1 else 0),
                control.filter_bank.eq(bank), control.filter_word.eq(word[:words]),
                control.filter_beat.eq(word[words:]),
                fetched.eq(filters), fetched_first.eq(first), fetched_last.eq(last),
            ]
        with m.If(control.fetch):
            m.d.sync += [control.filter.eq(fetched), control.first.eq(fetched_first),
                         control.last.eq(fetched_last)]
        with m.If(self.reset):
            m.d.sync += [running.eq(0), control.fetch.eq(0), control.add.eq(0),
                         self.output_valid.eq(0)]
        return control

    def _start(self, m, step):
        """When this row starts a step, by its chain's launch or after the row below."""
        config, begun = self.config, Signal()
        start = Signal()
        token = Signal(token_layout(self.array))
        m.d.comb += [
            token.eq(Mux(config.first, self.launch, self.token_i)),
            start.eq(token.valid & config.active
                     & (~config.first | (self.launch_chain == config.chain))),
            Cat(self.token_o[name] for name in step).eq(Cat(step.values())),
            self.token_o.valid.eq(begun),
        ]
        m.d.sync += begun.eq(start & ~self.reset)
        with m.If(start):
            m.d.sync += [register.eq(token[name]) for name, register in step.items()]
        return start
