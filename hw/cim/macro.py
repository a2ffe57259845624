"""A digital macro: weight columns side by side, with their input drivers and row decoder."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent
from .column import Column

__all__ = ["Macro"]


class Macro(StampedComponent):
    """``rows_per_macro`` x ``columns_per_macro`` weights and what computes with them.

    A vector that enters in cycle c waits in the input register; digits that are named from cycle
    c + 1 on are on the word lines one cycle later, and in the totals ``tree_registers`` + 3
    cycles after that. Word lines are low while there is no digit. A row that is written in cycle
    c can be read by digits that are named in cycle c + 1.

    Parameters
    ----------
    parameters: DigitalCimParameters

    Members
    -------
    accept, vector: a vector enters.
    rows_used: In(rows), rows that drive their word lines.
    step, first, negative, place, bank: there is a digit; it is its vector's first one; its top
        plane holds sign bits; its number from the least significant one up; the bank to compute.
    write_rows, write_banks, write_data: row (one-hot, none of this macro if zero), bank (one-hot)
        and weights to write.
    totals: Out(ArrayLayout(sum of the macro's rows, columns)).
    """

    kind = "cim_macro"

    def __init__(self, parameters):
        self.cim = p = parameters
        rows, columns = p.rows_per_macro, p.columns_per_macro
        self.module_name = f"cim_macro_{rows}x{columns}"
        super().__init__({
            "accept": In(1), "vector": In(data.ArrayLayout(p.inputs.shape, rows)),
            "rows_used": In(rows),
            "step": In(1), "first": In(1), "negative": In(1), "place": In(address_bits(p.digits)),
            "bank": In(address_bits(p.banks)),
            "write_rows": In(rows), "write_banks": In(p.banks),
            "write_data": In(data.ArrayLayout(p.weights.shape, columns)),
            "totals": Out(data.ArrayLayout(p.sum_format(rows).shape, columns)),
        })

    def parameters(self):
        p = self.cim
        return {"rows": p.rows_per_macro, "columns": p.columns_per_macro, "inputs": str(p.inputs),
                "weights": str(p.weights), "bits_per_cycle": p.bits_per_cycle,
                "tree": p.tree.value, "tree_registers": p.tree_registers, "banks": p.banks,
                "skip_zero_planes": p.skip_zero_planes}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        planes = self._drivers(m)
        bank = Signal.like(self.bank)
        write_rows = Signal.like(self.write_rows)
        write_banks = Signal.like(self.write_banks)
        write_data = Signal.like(self.write_data)
        m.d.sync += write_rows.eq(self.write_rows)
        with m.If(self.write_rows.any()):
            m.d.sync += [write_banks.eq(self.write_banks), write_data.eq(self.write_data)]
        with m.If(self.step):
            m.d.sync += bank.eq(self.bank)

        # What is said of a digit travels with it, from the word lines to the shift-accumulator.
        marks = Cat(self.step, self.first, self.negative, self.place)
        for stage in range(p.tree_registers + 3):
            late = Signal(len(marks), name=f"marks_{stage}")
            m.d.sync += late.eq(marks)
            marks = late
        for number in range(p.columns_per_macro):
            m.submodules[f"column_{number}"] = Stamped(column := Column(p))
            m.d.comb += [
                column.write_rows.eq(write_rows), column.write_banks.eq(write_banks),
                column.write_data.eq(write_data[number]), column.bank.eq(bank),
                column.planes.eq(planes),
                Cat(column.add, column.first, column.negative, column.place).eq(marks),
                self.totals[number].eq(column.total),
            ]
        return m

    def _drivers(self, m):
        """The word lines: in every row the bits of the present digit."""
        p, rows = self.cim, self.cim.rows_per_macro
        held = [Signal(rows, name=f"input_{bit}") for bit in range(p.inputs.bits)]
        with m.If(self.accept):
            for bit, word in enumerate(held):
                m.d.sync += word.eq(Cat(number[bit] for number in self.vector))
        beyond = held[-1] if p.inputs.signed else 0     # bits above the format's
        planes = Signal(data.ArrayLayout(rows, p.bits_per_cycle))
        for plane in range(p.bits_per_cycle):
            driven = Signal(rows, name=f"driven_{plane}")
            with m.Switch(self.place):
                for place in range(p.digits):
                    bit = place * p.bits_per_cycle + plane
                    with m.Case(place):
                        m.d.comb += driven.eq(held[bit] if bit < len(held) else beyond)
            m.d.sync += planes[plane].eq(Mux(self.step, driven & self.rows_used, 0))
        return planes
