"""The analog compute-in-memory engine: groups of columns, and the control that feeds them."""

from amaranth import Cat, Module, Signal
from amaranth.lib import data

from ...engine_members import engine_members
from ...parameters import address_bits
from ...stamp import Stamped, StampedComponent
from ..control import BankControl
from .group import ConverterGroup
from .noise import THERMAL, mix, mixed
from .parameters import LATENCY
from .word_lines import WordLines

__all__ = ["AnalogCimEngine", "analog_cim_config"]


def analog_cim_config(parameters, post_beats):
    """What a layer chooses.

    ``interval`` (cycles that the consumer needs for a final vector), ``word_lines`` (rows in use),
    ``digits`` (of each input, from the least significant one up) and ``row_groups`` (of the rows
    in use); each minus one. ``adc_low``, ``adc_step`` and ``adc_gain`` (``2**GAIN_BITS / step``)
    set the converters; ``noise_seed`` (with thermal noise) makes the job's noise its own.
    """
    p = parameters
    fields = {"interval": max(1, (post_beats - 1).bit_length()),
              "word_lines": address_bits(p.rows), "digits": address_bits(p.digits),
              "row_groups": address_bits(p.row_groups),
              "adc_low": p.low_bits, "adc_step": p.step_bits, "adc_gain": p.gain_bits}
    if p.noise.thermal:
        fields["noise_seed"] = 32
    return data.StructLayout(fields)


class AnalogCimEngine(StampedComponent):
    """Analog compute-in-memory between two operand streams and a stream of output vectors.

    ``weights`` beats are rows of a tile, the last row in use first; every ``inputs`` beat is a
    vector and ``last`` marks the last one for the present tile, as in weight-stationary systolic
    arrays. A vector takes a step of one cycle for each digit, each group of rows and each physical
    column of a converter, in this order from the outside in.

    Throughput: a vector every ``digits * row groups * columns_per_adc`` cycles, back-to-back tiles
    without a bubble as long as the vectors of a tile take no fewer cycles than its rows (one bank:
    the writing comes on top). Latency from the last step: see `EngineGeometry.latency`.

    Parameters
    ----------
    parameters: AnalogCimParameters
    post_beats: int
        Largest number of cycles that the consumer needs for one final vector.

    Members
    -------
    Those of `SystolicEngine`; and ``legal``: Out(1), ``config`` can be run; combinational.
    """

    kind = "engine"

    def __init__(self, parameters, post_beats):
        p = self.array = parameters
        self.module_name = f"analog_cim_engine_{p.rows}x{p.columns}"
        super().__init__(engine_members(p, analog_cim_config(p, post_beats)))

    def parameters(self):
        p = self.array
        return {"rows": p.rows, "columns": p.columns, "inputs": str(p.inputs),
                "weights": str(p.weights), "partial_sum": str(p.partial_sum), "banks": p.banks,
                "dac_bits": p.dac_bits, "cell_bits": p.cell_bits, "rows_active": p.rows_active,
                "columns_per_adc": p.columns_per_adc, "adc_bits": p.adc_bits, "adcs": p.adcs}

    def elaborate(self, platform):
        m = Module()
        p = self.array
        config = Signal(self.config.shape())
        with m.If(self.load):
            m.d.sync += config.eq(self.config)
        m.d.comb += self.legal.eq(self._legal())

        m.submodules.control = control = BankControl(p.rows, p.banks, len(config.interval))
        step = self._steps(m, control, config)
        lines = self._word_lines(m, control, config, step)
        self._groups(m, config, step, lines, self._rows(m, control, config),
                     self._noise(m, control, config))
        flight = Signal(LATENCY)
        m.d.sync += flight.eq(Cat(control.launch, flight))
        m.d.comb += [
            control.reset.eq(self.load),
            control.interval.eq(config.interval),
            control.final_beat.eq(config.word_lines),
            control.credit.eq(self.credit),
            control.stationary_valid.eq(self.weights.valid),
            self.weights.ready.eq(control.stationary_ready),
            control.moving_valid.eq(self.inputs.valid),
            self.inputs.ready.eq(control.moving_ready),
            control.last.eq(self.inputs.p.last),
            control.final.eq(self.inputs.p.final),
            self.admit.eq(control.launch),
            self.output_valid.eq(flight[-1]),
            self.busy.eq(flight.any()),
        ]
        return m

    def _legal(self):
        p, config = self.array, self.config
        group = config.row_groups * p.rows_active       # its first row
        return ((config.word_lines < p.rows) & (config.digits < p.digits)
                & (config.word_lines >= group) & (config.word_lines < group + p.rows_active)
                & (config.adc_low <= p.highest_sum)
                & (config.adc_step >= 1) & (config.adc_step <= p.highest_step))

    def _steps(self, m, control, config):
        """Counts the steps of a vector; returns what is said of a step in the cycle after it."""
        p = self.array
        slot = Signal(address_bits(p.columns_per_adc))
        group = Signal.like(config.row_groups)
        place = Signal.like(config.digits)
        ends_slot = Signal()
        ends_group = Signal()
        m.d.comb += [
            ends_slot.eq(slot == p.columns_per_adc - 1),
            ends_group.eq(ends_slot & (group == config.row_groups)),
            control.only.eq((config.digits == 0) & (config.row_groups == 0)
                            & (p.columns_per_adc == 1)),
            control.ends.eq(ends_group & (place == 0)),
        ]
        step = {name: Signal(shape, name=f"step_{name}") for name, shape in (
            ("valid", 1), ("slot", len(slot)), ("group", len(group)), ("place", len(place)),
            ("first", 1), ("opens", 1), ("bank", address_bits(p.banks)))}
        m.d.sync += step["valid"].eq(control.step)
        with m.If(control.step):
            m.d.sync += [
                step["slot"].eq(slot), step["group"].eq(group), step["place"].eq(place),
                step["first"].eq(place == config.digits), step["opens"].eq(group == 0),
                step["bank"].eq(control.bank),
                slot.eq(slot + 1),
            ]
            with m.If(ends_slot):
                m.d.sync += [slot.eq(0), group.eq(group + 1)]
            with m.If(ends_group):
                m.d.sync += [group.eq(0), place.eq(place - 1)]
            with m.If(control.launch):
                m.d.sync += place.eq(config.digits)
        with m.If(self.load):
            m.d.sync += [slot.eq(0), group.eq(0), place.eq(self.config.digits)]
        return step

    def _word_lines(self, m, control, config, step):
        p = self.array
        m.submodules.word_lines = Stamped(word_lines := WordLines(p))
        m.d.comb += [
            word_lines.accept.eq(control.accept), word_lines.vector.eq(self.inputs.p.lanes),
            word_lines.rows_used.eq((2 << config.word_lines) - 1),
            word_lines.step.eq(step["valid"]),
            *(getattr(word_lines, name).eq(step[name]) for name in ("first", "place", "group")),
        ]
        return word_lines.lines

    def _rows(self, m, control, config):
        """The row to be written, two cycles after its beat."""
        p = self.array
        write = Signal()
        first = Signal()
        row = Signal.like(control.write_row)
        bank = Signal.like(control.write_bank)
        weights = Signal(p.columns * p.weights.bits)
        m.d.sync += write.eq(control.write)
        with m.If(control.write):
            m.d.sync += [row.eq(control.write_row), bank.eq(control.write_bank),
                         first.eq(control.write_row == config.word_lines),
                         weights.eq(self.weights.p.lanes)]
        values = {"write_rows": 1 << row, "write_first": first, "weights": weights}
        if p.noise.cell:
            values |= {"write_row": row, "write_bank": bank}
        shapes = {"write_rows": p.rows}
        late = {name: Signal(shapes.get(name, len(value)), name=name)
                for name, value in values.items()}
        banks = Signal(p.banks, name="write_banks")
        m.d.sync += banks.eq(write << bank)
        with m.If(write):
            m.d.sync += [late[name].eq(value) for name, value in values.items()]
        return late | {"write_banks": banks}

    def _noise(self, m, control, config):
        """Thermal noise: its key, and the number of each conversion when it takes place."""
        if not self.array.noise.thermal:
            return {}
        key = Signal(32)
        index = Signal(32)
        m.d.sync += key.eq(mixed(m, "key", config.noise_seed ^ self.array.noise.seed
                                 ^ mix(THERMAL)))
        with m.If(control.step):
            m.d.sync += index.eq(index + 1)
        with m.If(self.load):
            m.d.sync += index.eq(0)
        return {"key": key, "index": _delayed(m, "index", index, 3)}

    def _groups(self, m, config, step, lines, rows, noise):
        p = self.array
        slots = [_delayed(m, "slot_0", step["slot"], 1)]
        slots += [_delayed(m, f"slot_{cycle}", slots[0], cycle) for cycle in range(1, 5)]
        bank = _delayed(m, "bank", step["bank"], 1)
        sense = _delayed(m, "sense", step["valid"], 1)
        convert = _delayed(m, "convert", sense, 1)
        add = _delayed(m, "add", convert, 3)
        digit = _delayed(m, "digit", step["opens"], 5)
        vector = _delayed(m, "vector", step["opens"] & step["first"], 5)
        for number in range(p.physical_columns // p.group_columns):
            m.submodules[f"group_{number}"] = Stamped(group := ConverterGroup(p))
            own = slice(number * group.weight_columns, (number + 1) * group.weight_columns)
            weights = group.weights.as_value()
            if p.noise.any:
                m.d.comb += group.number.eq(number)
            m.d.comb += [
                group.lines.eq(lines), group.bank.eq(bank), group.slots.eq(Cat(slots)),
                group.low.eq(config.adc_low), group.step.eq(config.adc_step),
                group.gain.eq(config.adc_gain),
                group.sense.eq(sense), group.convert.eq(convert),
                group.add.eq(add), group.digit.eq(digit), group.vector.eq(vector),
                *(getattr(group, name).eq(value) for name, value in (rows | noise).items()
                  if name != "weights"),
                weights.eq(rows["weights"].word_select(number, len(weights))),
                self.outputs[own].eq(group.totals),
            ]


def _delayed(m, name, value, cycles):
    """``value``, so many cycles later."""
    for cycle in range(cycles):
        late = Signal.like(value, name=f"{name}_late_{cycle}", init=0)
        m.d.sync += late.eq(value)
        value = late
    return value
