"""Behavioural stand-in for analog cells: the physical columns of one converter."""

from amaranth import Array, Module, Mux, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ...arithmetic import balanced_sum
from ...parameters import address_bits
from ...stamp import StampedComponent
from .noise import CELL, deviation, largest_deviation, noise_key
from .parameters import FRACTION_BITS

__all__ = ["AnalogColumns", "cell_sum_bits"]


def stored_bits(parameters):
    """Bits of what a cell adds for an input of 1; with a fraction where cells are not ideal."""
    ideal, sigma = (1 << parameters.cell_bits) - 1, parameters.noise.cell
    if not sigma:
        return parameters.cell_bits
    largest = (1 << FRACTION_BITS) + largest_deviation(sigma, FRACTION_BITS)
    return (ideal * largest).bit_length()


def cell_sum_bits(parameters):
    """Bits of the sum of a column's cells, in the unit of `stored_bits`."""
    p = parameters
    largest = (1 << stored_bits(p)) - 1
    return (p.rows_active * ((1 << p.dac_bits) - 1) * largest).bit_length()


class AnalogColumns(StampedComponent):
    """``columns_per_adc`` physical columns of cells: one column's sum of inputs times cells.

    Stands for the cells, the bit lines, on which charges or currents add up, and the switch to the
    converter. Only the word lines of one group of rows are driven at a time; with this in mind the
    groups share the adders here. Latency one cycle.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    lines: In(ArrayLayout(rows, dac_bits)), the word lines, bit by bit of the digit on them.
    sense: In(1), there are digits on the word lines. slot, bank: In, which of the columns and
        whose weights are summed.
    write_rows: In(rows), one-hot: the row to be written; write_banks: In(banks), one-hot;
        values: a number for each column.
    first_column, write_row, write_bank: where cells vary: the number of the first of the columns;
        what is written, as numbers.
    sum: Out, see `cell_sum_bits`.
    """

    kind = "analog_columns"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.module_name = f"analog_columns_{p.rows}x{p.columns_per_adc}"
        variation = {"first_column": In(16), "write_row": In(address_bits(p.rows)),
                     "write_bank": In(address_bits(p.banks))}
        super().__init__({
            "lines": In(data.ArrayLayout(unsigned(p.rows), p.dac_bits)),
            "sense": In(1), "slot": In(address_bits(p.columns_per_adc)),
            "bank": In(address_bits(p.banks)),
            "write_rows": In(p.rows), "write_banks": In(p.banks),
            "values": In(data.ArrayLayout(unsigned(p.cell_bits), p.columns_per_adc)),
            **(variation if p.noise.cell else {}),
            "sum": Out(cell_sum_bits(p)),
        })

    def parameters(self):
        p = self.cim
        return {"rows": p.rows, "columns": p.columns_per_adc, "banks": p.banks,
                "rows_active": p.rows_active, "dac_bits": p.dac_bits, "cell_bits": p.cell_bits,
                "cell_sigma": p.noise.cell, "seed": p.noise.seed}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        bits = stored_bits(p)
        # [bank][bit][column]: that bit of all cells of a column
        cells = [[[Signal(p.rows, name=f"bank_{bank}_column_{column}_bit_{bit}", reset_less=True)
                   for column in range(p.columns_per_adc)] for bit in range(bits)]
                 for bank in range(p.banks)]
        for column in range(p.columns_per_adc):
            stored = self._stored(m, column)
            for bank in range(p.banks):
                with m.If(self.write_banks[bank]):
                    for bit in range(bits):
                        cell = cells[bank][bit][column]
                        m.d.sync += cell.eq((cell & ~self.write_rows)
                                            | Mux(stored[bit], self.write_rows, 0))
        counts = []
        for bit in range(bits):
            present = Signal(p.rows, name=f"cells_{bit}")
            by_bank = [_chosen(bank[bit], self.slot) for bank in cells]
            m.d.comb += present.eq(_chosen(by_bank, self.bank))
            for plane in range(p.dac_bits):
                charges = Signal(p.rows_active, name=f"charges_{bit}_{plane}")
                m.d.comb += charges.eq(_folded(self.lines[plane] & present, p))
                count = Signal(range(p.rows_active + 1), name=f"count_{bit}_{plane}")
                m.d.comb += count.eq(balanced_sum(list(charges)))
                counts.append(count << (bit + plane))
        with m.If(self.sense):
            m.d.sync += self.sum.eq(balanced_sum(counts))
        return m

    def _stored(self, m, column):
        """What a written cell of a column will add."""
        p, value = self.cim, self.values[column]
        if not p.noise.cell:
            return value
        extra = deviation(
            m, f"cell_{column}", noise_key(p.noise.seed, CELL), self.first_column + column,
            self.write_bank * p.rows + self.write_row if p.banks > 1 else self.write_row,
            p.noise.cell, FRACTION_BITS)
        stored = Signal(stored_bits(p), name=f"stored_{column}")
        m.d.comb += stored.eq(value * ((1 << FRACTION_BITS) + extra))
        return stored


def _chosen(values, index):
    return Array(values)[index] if len(values) > 1 else values[0]


def _folded(products, parameters):
    """The products of the group of rows that is driven; all others are 0."""
    size = parameters.rows_active
    folded = products[:size]
    for start in range(size, parameters.rows, size):
        folded = folded | products[start:start + size]
    return folded
