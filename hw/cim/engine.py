"""The digital compute-in-memory engine: a grid of macros, and the control that feeds them."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ..arithmetic import balanced_sum
from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent
from ..streamer import beat_layout
from .control import BankControl
from .macro import Macro

__all__ = ["DigitalCimEngine", "digital_cim_config"]


def digital_cim_config(parameters, post_beats):
    """What a layer chooses.

    ``interval`` (cycles that the consumer needs for a final vector), ``word_lines`` (rows in use),
    ``tail_word_lines`` (those in use by vectors marked ``tail``; where zero planes are skipped)
    and ``digits`` (of each input, from the least significant one up); each minus one.
    """
    p = parameters
    fields = {"interval": max(1, (post_beats - 1).bit_length()),
              "word_lines": address_bits(p.rows), "digits": address_bits(p.digits)}
    if p.skip_zero_planes:
        fields["tail_word_lines"] = address_bits(p.rows)
    return data.StructLayout(fields)


class DigitalCimEngine(StampedComponent):
    """Digital compute-in-memory between two operand streams and a stream of output vectors.

    ``weights`` beats are rows of a tile, the last row in use first; every ``inputs`` beat is a
    vector and ``last`` marks the last one for the present tile, as in weight-stationary systolic
    arrays. A vector takes one cycle per digit; the most significant digit comes first.

    Throughput: a vector every ``digits`` cycles, back-to-back tiles without a bubble as long as
    vectors x digits of a tile are no fewer than its rows (one bank: the writing comes on top).
    Where zero planes are skipped, a vector takes one cycle for each digit that is not zero in all
    rows in use, at least one. Latency from the last digit's cycle: see `EngineGeometry.latency`.

    Parameters
    ----------
    parameters: DigitalCimParameters
    post_beats: int
        Largest number of cycles that the consumer needs for one final vector.

    Members
    -------
    Those of `SystolicEngine`; and ``legal``: Out(1), ``config`` can be run; combinational.
    """

    kind = "engine"

    def __init__(self, parameters, post_beats):
        p = self.cim = parameters
        self.post_beats = post_beats
        self.module_name = f"digital_cim_engine_{p.rows}x{p.columns}"
        super().__init__({
            "load": In(1), "config": In(digital_cim_config(p, post_beats)), "legal": Out(1),
            "inputs": In(stream.Signature(
                beat_layout(p.rows, p.inputs.shape, tail=p.skip_zero_planes))),
            "weights": In(stream.Signature(beat_layout(p.columns, p.weights.shape))),
            "credit": In(1), "admit": Out(1),
            "output_valid": Out(1),
            "outputs": Out(data.ArrayLayout(p.partial_sum.shape, p.columns)),
            "busy": Out(1), "underrun": Out(1),
        })

    def parameters(self):
        p = self.cim
        return {"rows": p.rows, "columns": p.columns, "macro_rows": p.macro_rows,
                "macro_columns": p.macro_columns, "inputs": str(p.inputs),
                "weights": str(p.weights), "partial_sum": str(p.partial_sum),
                "bits_per_cycle": p.bits_per_cycle, "banks": p.banks}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        config = Signal(self.config.shape())
        with m.If(self.load):
            m.d.sync += config.eq(self.config)
        tail = self.config.tail_word_lines if p.skip_zero_planes else 0
        m.d.comb += self.legal.eq((self.config.word_lines < p.rows)
                                  & (self.config.digits < p.digits)
                                  & (tail <= self.config.word_lines))

        m.submodules.control = control = BankControl(p.rows, p.banks, len(config.interval))
        digit = self._digits(m, control, config)
        totals = self._macros(m, control, config, digit)
        flight = Signal(p.latency)
        m.d.sync += flight.eq(Cat(control.launch, flight))
        m.d.comb += [
            control.reset.eq(self.load),
            control.interval.eq(config.interval),
            control.final_beat.eq(config.word_lines),
            control.credit.eq(self.credit),
            control.stationary_valid.eq(self.weights.valid),
            self.weights.ready.eq(control.stationary_ready),
            self.outputs.eq(totals),
            self.admit.eq(control.launch),
            self.output_valid.eq(flight[-1]),
            self.busy.eq(flight.any()),
        ]
        return m

    def _digits(self, m, control, config):
        """Which digit of which vector is next; returns what the macros are told of it."""
        p = self.cim
        every = Signal(p.digits)            # the digits of a vector
        m.d.comb += every.eq((2 << config.digits) - 1)
        used = _thermometer(m, "used", config.word_lines, p.rows)
        beat, offered = (self._skip_zeros(m, control, config, every, used)
                         if p.skip_zero_planes else (self.inputs, every))
        pending = Signal(p.digits)          # digits of the vector inside that are to come
        chosen = Signal(p.digits)
        top = Signal(p.digits)
        m.d.comb += [
            chosen.eq(Mux(control.accept, offered, pending)),
            top.eq(_highest(chosen)),
            control.moving_valid.eq(beat.valid), beat.ready.eq(control.moving_ready),
            control.last.eq(beat.p.last), control.final.eq(beat.p.final),
            control.only.eq(offered == _highest(offered)),
            control.ends.eq(pending == _highest(pending)),
        ]
        digit = {name: Signal(shape, name=f"digit_{name}") for name, shape in (
            ("step", 1), ("first", 1), ("negative", 1), ("place", address_bits(p.digits)),
            ("bank", address_bits(p.banks)))}
        m.d.sync += digit["step"].eq(control.step)
        with m.If(control.step):
            place = Signal.like(digit["place"])
            for number in range(1, p.digits):
                with m.If(top[number]):
                    m.d.comb += place.eq(number)
            m.d.sync += [
                pending.eq(chosen & ~top),
                digit["first"].eq(control.accept),
                digit["negative"].eq(place == config.digits),
                digit["place"].eq(place),
                digit["bank"].eq(control.bank),
            ]
        rows_used = used
        if p.skip_zero_planes:
            rows_used = Signal(p.rows)
            with m.If(control.accept):
                m.d.sync += rows_used.eq(Mux(beat.p.tail, self.tail_used, used))
        return digit | {"rows_used": rows_used, "vector": beat.p.lanes}

    def _skip_zeros(self, m, control, config, every, used):
        """A register for the next vector, and which of its digits are not zero in all rows."""
        p = self.cim
        beat = stream.Signature(self.inputs.p.shape()).create(path=("next",))
        found = Signal(p.digits)
        self.tail_used = _thermometer(m, "tail_used", config.tail_word_lines, p.rows)
        rows = Signal(p.rows)
        m.d.comb += [
            rows.eq(Mux(self.inputs.p.tail, self.tail_used, used)),
            self.inputs.ready.eq(~beat.valid | beat.ready),
        ]
        with m.If(self.inputs.ready):
            m.d.sync += beat.valid.eq(self.inputs.valid)
        with m.If(self.inputs.valid & self.inputs.ready):
            m.d.sync += beat.payload.eq(self.inputs.payload)
            for place in range(p.digits):
                bits = [Cat(number[bit] for number in self.inputs.p.lanes)
                        for bit in range(place * p.bits_per_cycle,
                                         min((place + 1) * p.bits_per_cycle, p.inputs.bits))]
                m.d.sync += found[place].eq((reduce(or_, bits) & rows).any())
        with m.If(self.load):
            m.d.sync += beat.valid.eq(0)
        offered = Signal(p.digits)
        # A vector of zeros still takes one digit, the least significant one.
        m.d.comb += offered.eq(Mux((found & every).any(), found & every, 1))
        return beat, offered

    def _macros(self, m, control, config, digit):
        """The grid; returns its output vector."""
        p = self.cim
        write = Signal()
        row = Signal.like(control.write_row)
        bank = Signal.like(control.write_bank)
        weights = Signal.like(self.weights.p.lanes)
        m.d.sync += write.eq(control.write)
        with m.If(control.write):
            m.d.sync += [row.eq(control.write_row), bank.eq(control.write_bank),
                         weights.eq(self.weights.p.lanes)]
        write_rows = Signal(p.rows)
        write_banks = Signal(p.banks)
        m.d.comb += [write_rows.eq(write << row), write_banks.eq(1 << bank)]
        totals = [[] for _ in range(p.macro_rows)]
        for below in range(p.macro_rows):
            rows = slice(below * p.rows_per_macro, (below + 1) * p.rows_per_macro)
            for beside in range(p.macro_columns):
                columns = slice(beside * p.columns_per_macro, (beside + 1) * p.columns_per_macro)
                m.submodules[f"macro_{below}_{beside}"] = Stamped(macro := Macro(p))
                m.d.comb += [
                    macro.accept.eq(control.accept),
                    macro.vector.eq(digit["vector"][rows]),
                    macro.rows_used.eq(digit["rows_used"][rows]),
                    macro.write_rows.eq(write_rows[rows]),
                    macro.write_banks.eq(write_banks),
                    macro.write_data.eq(weights[columns]),
                    *(getattr(macro, name).eq(digit[name])
                      for name in ("step", "first", "negative", "place", "bank")),
                ]
                totals[below] += list(macro.totals)
        if p.macro_rows == 1:
            return Cat(totals[0])
        outputs = Signal.like(self.outputs)
        for column, parts in enumerate(zip(*totals, strict=True)):
            m.d.sync += outputs[column].eq(balanced_sum(parts))
        return outputs


def _thermometer(m, name, highest, bits):
    """Bits 0 to ``highest`` set."""
    mask = Signal(bits, name=name)
    m.d.comb += mask.eq((2 << highest) - 1)
    return mask


def _highest(bits):
    """The highest set bit alone."""
    return Cat(bit & ~bits[number + 1:].any() for number, bit in enumerate(bits))
