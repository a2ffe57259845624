"""The digital compute-in-memory engine: a grid of macros, and the control that feeds them."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import connect, flipped

from ..arithmetic import balanced_sum
from ..engine_members import engine_members
from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent
from .control import BankControl
from .digits import DigitSequence, ZeroSkip, thermometer
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
        super().__init__(engine_members(p, digital_cim_config(p, post_beats)))

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
        legal = (self.config.word_lines < p.rows) & (self.config.digits < p.digits)
        if p.skip_zero_planes:
            legal &= self.config.tail_word_lines <= self.config.word_lines
        m.d.comb += self.legal.eq(legal)

        m.submodules.control = control = BankControl(p.rows, p.banks, len(config.interval))
        m.submodules.sequence = sequence = DigitSequence(p.digits)
        vector, rows_used = self._offer(m, control, sequence, config)
        digit = {name: Signal(width, name=f"digit_{name}")
                 for name, width in (("step", 1), ("bank", len(control.bank)))}
        m.d.sync += digit["step"].eq(control.step)
        with m.If(control.step):
            m.d.sync += digit["bank"].eq(control.bank)
        digit |= {"first": sequence.first, "place": sequence.place,
                  "negative": sequence.place == config.digits, "rows_used": rows_used}
        flight = Signal(p.latency)
        m.d.sync += flight.eq(Cat(control.launch, flight))
        m.d.comb += [
            control.reset.eq(self.load),
            control.interval.eq(config.interval),
            control.final_beat.eq(config.word_lines),
            control.credit.eq(self.credit),
            control.stationary_valid.eq(self.weights.valid),
            self.weights.ready.eq(control.stationary_ready),
            control.only.eq(sequence.only), control.ends.eq(sequence.ends),
            sequence.accept.eq(control.accept), sequence.step.eq(control.step),
            self.outputs.eq(self._macros(m, control, vector, digit)),
            self.admit.eq(control.launch),
            self.output_valid.eq(flight[-1]),
            self.busy.eq(flight.any()),
        ]
        return m

    def _offer(self, m, control, sequence, config):
        """The vector that is offered, and the rows in use of the one inside."""
        p = self.cim
        every = Signal(p.digits)            # the digits of a vector
        used = Signal(p.rows)
        m.d.comb += [every.eq(thermometer(config.digits, p.digits)),
                     used.eq(thermometer(config.word_lines, p.rows))]
        beat, offered, rows_used = self.inputs, every, used
        if p.skip_zero_planes:
            m.submodules.skip = skip = ZeroSkip(beat.p.shape(), p.inputs.bits, p.bits_per_cycle,
                                                p.digits)
            connect(m, flipped(beat), skip.i)
            m.d.comb += [
                skip.reset.eq(self.load), skip.used.eq(used),
                skip.tail_used.eq(thermometer(config.tail_word_lines, p.rows)),
            ]
            # A vector of zeros still takes one digit, the least significant one.
            sent = skip.found & every
            beat, offered = skip.o, Mux(sent.any(), sent, 1)
            rows_used = Signal(p.rows)
            with m.If(control.accept):
                m.d.sync += rows_used.eq(skip.rows_used)
        m.d.comb += [
            sequence.offered.eq(offered),
            control.moving_valid.eq(beat.valid), beat.ready.eq(control.moving_ready),
            control.last.eq(beat.p.last), control.final.eq(beat.p.final),
        ]
        return beat.p.lanes, rows_used

    def _macros(self, m, control, vector, digit):
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
                    macro.vector.eq(vector[rows]),
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

