"""The unit that repeats: whole weight columns with the converters that serve them."""

from amaranth import Array, Cat, Module, Mux, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ...arithmetic import balanced_sum
from ...formats import range_format
from ...parameters import address_bits
from ...stamp import Stamped, StampedComponent
from .adc import Adc
from .columns import AnalogColumns

__all__ = ["ConverterGroup", "ShiftAdd", "WeightSum"]


class WeightSum(StampedComponent):
    """The sum of a column's weights in each bank: what the offset of signed inputs adds too much.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    write_banks: In(banks), one-hot: a weight is written; first: In(1), the first of a tile.
    weight: In. bank: In, whose sum is wanted. sum: Out, combinational.
    """

    kind = "weight_sum"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.module_name = f"weight_sum_{p.rows}"
        super().__init__({
            "write_banks": In(p.banks), "first": In(1), "weight": In(p.weights.shape),
            "bank": In(address_bits(p.banks)), "sum": Out(p.weight_sum.shape)})

    def parameters(self):
        return {"bits": self.cim.weight_sum.bits, "banks": self.cim.banks}

    def elaborate(self, platform):
        m = Module()
        sums = [Signal(self.sum.shape(), name=f"bank_{bank}", reset_less=True)
                for bank in range(self.cim.banks)]
        for bank, total in enumerate(sums):
            with m.If(self.write_banks[bank]):
                m.d.sync += total.eq(Mux(self.first, 0, total) + self.weight)
        m.d.comb += self.sum.eq(Array(sums)[self.bank] if len(sums) > 1 else sums[0])
        return m


class ShiftAdd(StampedComponent):
    """Puts converted slices and digits of one weight column together again.

    ``total = total + sum(number * weight of its slice)``, where ``total`` is shifted by a digit at
    the start of each, and starts from minus the offset's part. Latency two cycles.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    numbers: In(ArrayLayout(value_bits, converters of a weight)), what the converters have yielded.
    slot: In, which of their columns that is, counted from the weight's first.
    add, digit, vector: In(1), one cycle later: there are numbers; the first of a digit; the first
        of a vector.
    offset: In, one cycle later: the sum of the column's weights.
    total: Out(partial_sum.shape)
    """

    kind = "shift_accumulate"

    def __init__(self, parameters):
        self.cim = p = parameters
        slices = len(p.slices)
        self.slots = min(p.columns_per_adc, slices)
        self.converters = slices // self.slots
        self.module_name = f"shift_add_{slices}x{p.value_bits}"
        super().__init__({
            "numbers": In(data.ArrayLayout(unsigned(p.value_bits), self.converters)),
            "slot": In(address_bits(self.slots)),
            "add": In(1), "digit": In(1), "vector": In(1),
            **({"offset": In(p.weight_sum.shape)} if p.inputs.signed else {}),
            "total": Out(p.partial_sum.shape)})

    def parameters(self):
        p = self.cim
        return {"bits": p.partial_sum.bits, "bits_per_cycle": p.dac_bits, "slots": self.slots,
                "converters": self.converters, "number_bits": p.value_bits}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        every = range_format(p.highest_value * p.weights.min, p.highest_value * p.weights.max)
        weighed = Signal(every.shape)
        with m.Switch(self.slot):
            for slot in range(self.slots):
                pieces = p.slices[slot::self.slots]
                terms = [-(number << piece.low) if piece.negative else number << piece.low
                         for number, piece in zip(self.numbers, pieces, strict=True)]
                with m.Case(slot):
                    m.d.sync += weighed.eq(balanced_sum(terms))
        start = -(self.offset << (p.dac_bits - 1)) if p.inputs.signed else 0
        before = Mux(self.vector, start, Mux(self.digit, self.total << p.dac_bits, self.total))
        with m.If(self.add):
            m.d.sync += self.total.eq(before + weighed)
        return m


class ConverterGroup(StampedComponent):
    """``group_columns`` physical columns with their converters, and the hardware behind those.

    What is said of a step (``slot``, ``bank``, ``index`` and marks) comes when it is due: cycles
    are counted from the one in which the step's digits are on the word lines.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    number: In(16), which of the groups this is; if anything is not ideal.
    lines: In, the word lines. bank: In, in cycle 0.
    sense, convert: In(1), there is a step; in cycles 0 and 1.
    slots: In(ArrayLayout(slot, 5)), the slot of the step in cycles 0, 1, .. 4.
    key, index: In(32), of thermal noise, if there is any; in cycle 1.
    low, step, gain: In, converter settings.
    add, digit, vector: In(1), in cycle 4: see `ShiftAdd`; they hold for all slots of a step's
        group of rows.
    write_rows, write_banks, write_first, weights: a row to be written; where cells vary, also
        write_row, write_bank.
    totals: Out(ArrayLayout(partial sum, weight columns)), in cycle 5.
    """

    kind = "cim_group"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.weight_columns = p.group_columns // len(p.slices)
        self.converters = p.group_columns // p.columns_per_adc
        self.module_name = f"converter_group_{p.rows}x{p.group_columns}"
        row, bank = address_bits(p.rows), address_bits(p.banks)
        noise = p.noise
        super().__init__({
            **({"number": In(16)} if noise.any else {}),
            **({"key": In(32), "index": In(32)} if noise.thermal else {}),
            **({"write_row": In(row), "write_bank": In(bank)} if noise.cell else {}),
            "lines": In(data.ArrayLayout(unsigned(p.rows), p.dac_bits)), "bank": In(bank),
            "sense": In(1), "convert": In(1),
            "slots": In(data.ArrayLayout(unsigned(address_bits(p.columns_per_adc)), 5)),
            "low": In(p.low_bits), "step": In(p.step_bits), "gain": In(p.gain_bits),
            "add": In(1), "digit": In(1), "vector": In(1),
            "write_rows": In(p.rows), "write_banks": In(p.banks), "write_first": In(1),
            "weights": In(data.ArrayLayout(p.weights.shape, self.weight_columns)),
            "totals": Out(data.ArrayLayout(p.partial_sum.shape, self.weight_columns)),
        })

    def parameters(self):
        p = self.cim
        return {"rows": p.rows, "physical_columns": p.group_columns, "weights": str(p.weights),
                "weight_columns": self.weight_columns, "converters": self.converters}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        pieces = [weight[piece.low:piece.low + piece.bits]
                  for weight in self.weights for piece in p.slices]
        numbers = [self._convert(m, converter, pieces) for converter in range(self.converters)]
        for column in range(self.weight_columns):
            self._shift_and_add(m, column, numbers)
        return m

    def _convert(self, m, converter, pieces):
        """Columns and converter; returns the number that it yields, in cycle 3."""
        p, served = self.cim, self.cim.columns_per_adc
        m.submodules[f"columns_{converter}"] = Stamped(columns := AnalogColumns(p))
        m.submodules[f"adc_{converter}"] = Stamped(adc := Adc(p))
        m.d.comb += [
            columns.lines.eq(self.lines), columns.slot.eq(self.slots[0]),
            columns.bank.eq(self.bank), columns.sense.eq(self.sense),
            columns.write_rows.eq(self.write_rows), columns.write_banks.eq(self.write_banks),
            *(columns.values[column].eq(piece) for column, piece in enumerate(
                pieces[converter * served:(converter + 1) * served])),
            adc.convert.eq(self.convert), adc.low.eq(self.low), adc.gain.eq(self.gain),
            adc.sum.eq(columns.sum),
        ]
        self._tell_noise(m, converter, columns, adc)
        number = Signal(p.value_bits, name=f"number_{converter}")
        m.d.sync += number.eq(self.low + adc.code * self.step)
        return number

    def _tell_noise(self, m, converter, columns, adc):
        """What deviations depend on."""
        p, noise = self.cim, self.cim.noise
        if not noise.any:
            return
        first = Signal(16, name=f"first_column_{converter}")
        m.d.comb += first.eq(self.number * p.group_columns + converter * p.columns_per_adc)
        if noise.cell:
            m.d.comb += [columns.first_column.eq(first), columns.write_row.eq(self.write_row),
                         columns.write_bank.eq(self.write_bank)]
        if noise.gain or noise.offset:
            m.d.comb += adc.column.eq(first + self.slots[1])
        if noise.thermal:
            m.d.comb += [adc.number.eq(self.number * self.converters + converter),
                         adc.key.eq(self.key), adc.index.eq(self.index)]

    def _shift_and_add(self, m, column, numbers):
        p, slices = self.cim, len(self.cim.slices)
        m.submodules[f"shift_add_{column}"] = Stamped(shift_add := ShiftAdd(p))
        # Of the slots of a converter that serves several weights, as many as slices are this one's.
        start, late = column * slices, self.slots[4]
        above = late >= start if start else 1
        below = late < start + slices if column < self.weight_columns - 1 else 1
        opens = late == start
        m.d.comb += [
            shift_add.numbers.eq(Cat(numbers)),
            shift_add.slot.eq(self.slots[3] - start if start else self.slots[3]),
            shift_add.add.eq(self.add & above & below),
            shift_add.digit.eq(self.digit & opens), shift_add.vector.eq(self.vector & opens),
            self.totals[column].eq(shift_add.total),
        ]
        if p.inputs.signed:
            m.submodules[f"weight_sum_{column}"] = Stamped(weight_sum := WeightSum(p))
            m.d.comb += [
                weight_sum.write_banks.eq(self.write_banks),
                weight_sum.first.eq(self.write_first), weight_sum.weight.eq(self.weights[column]),
                weight_sum.bank.eq(self.bank),
            ]
            # The bank may be written again before the total is started.
            late = weight_sum.sum
            for cycle in range(4):
                stage = Signal(p.weight_sum.shape, name=f"offset_{column}_{cycle}")
                m.d.sync += stage.eq(late)
                late = stage
            m.d.comb += shift_add.offset.eq(late)
