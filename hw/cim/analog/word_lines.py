"""Drivers of the word lines: digits of the inputs, one group of rows at a time."""

from amaranth import Cat, Module, Mux, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ...parameters import address_bits
from ...stamp import StampedComponent

__all__ = ["WordLines"]


class WordLines(StampedComponent):
    """Holds a vector and drives one digit of one group of its rows. Latency one cycle.

    All other word lines are low, and all of them while there is no step. Signed inputs are driven
    with an offset, so that no digit is negative: the top bit of the first digit is inverted.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    accept, vector: a vector enters; in the next cycle its digits can be driven.
    step: In(1), there is a digit to drive. place: In, its number from the least significant one
        up. first: In(1), it is the vector's first. group: In, the number of the group.
    rows_used: In(rows), rows that have an input.
    lines: Out(ArrayLayout(rows, dac_bits)), a bit of the digit for each row.
    """

    kind = "word_lines"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.module_name = f"word_lines_{p.rows}"
        super().__init__({
            "accept": In(1), "vector": In(data.ArrayLayout(p.inputs.shape, p.rows)),
            "step": In(1), "first": In(1), "place": In(address_bits(p.digits)),
            "group": In(address_bits(p.row_groups)), "rows_used": In(p.rows),
            "lines": Out(data.ArrayLayout(unsigned(p.rows), p.dac_bits)),
        })

    def parameters(self):
        p = self.cim
        return {"rows": p.rows, "rows_active": p.rows_active, "inputs": str(p.inputs),
                "dac_bits": p.dac_bits}

    def elaborate(self, platform):
        m = Module()
        p = self.cim
        held = [Signal(p.rows, name=f"input_{bit}") for bit in range(p.inputs.bits)]
        with m.If(self.accept):
            for bit, word in enumerate(held):
                m.d.sync += word.eq(Cat(number[bit] for number in self.vector))
        beyond = held[-1] if p.inputs.signed else 0     # bits above the format's
        driven = Signal(p.rows)
        m.d.comb += driven.eq(Mux(self.step, self.rows_used, 0) & Cat(
            self.group == row // p.rows_active for row in range(p.rows)))
        for bit in range(p.dac_bits):
            chosen = Signal(p.rows, name=f"bit_{bit}")
            with m.Switch(self.place):
                for place in range(p.digits):
                    number = place * p.dac_bits + bit
                    with m.Case(place):
                        m.d.comb += chosen.eq(held[number] if number < len(held) else beyond)
            if p.inputs.signed and bit == p.dac_bits - 1:
                chosen = Mux(self.first, ~chosen, chosen)
            m.d.sync += self.lines[bit].eq(chosen & driven)
        return m
