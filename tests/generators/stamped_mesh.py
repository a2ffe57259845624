"""A small stamped hierarchy: multiply-add PEs in columns, columns in a mesh."""

from amaranth import Module, Signal, signed
from amaranth.lib.data import ArrayLayout
from amaranth.lib.wiring import In, Out

from hw.stamp import Stamped, StampedComponent

__all__ = ["Mesh"]


class Pe(StampedComponent):
    """``o`` is ``sum_i + weight * i`` one cycle later; ``load`` takes ``i`` as the weight."""

    kind = "pe"
    module_name = "pe"

    def __init__(self):
        super().__init__({"load": In(1), "i": In(signed(8)), "i_next": Out(signed(8)),
                          "sum_i": In(signed(24)), "o": Out(signed(24))})

    def parameters(self):
        return {"input_bits": 8}

    def elaborate(self, platform):
        m = Module()
        weight = Signal(signed(8))
        m.d.sync += [self.i_next.eq(self.i), self.o.eq(self.sum_i + weight * self.i)]
        with m.If(self.load):
            m.d.sync += weight.eq(self.i)
        return m


class Column(StampedComponent):
    """PEs one below the other: sums run down, inputs run to the next column."""

    kind = "column"

    def __init__(self, rows):
        self.rows = rows
        self.module_name = f"column_{rows}"
        inputs = ArrayLayout(signed(8), rows)
        super().__init__({"load": In(1), "i": In(inputs), "i_next": Out(inputs),
                          "o": Out(signed(24))})

    def parameters(self):
        return {"rows": self.rows}

    def elaborate(self, platform):
        m = Module()
        above = 0
        for row in range(self.rows):
            pe = Pe()
            m.submodules[f"pe_{row}"] = Stamped(pe)
            m.d.comb += [pe.load.eq(self.load), pe.i.eq(self.i[row]),
                         self.i_next[row].eq(pe.i_next), pe.sum_i.eq(above)]
            above = pe.o
        m.d.comb += self.o.eq(above)
        return m


class Mesh(StampedComponent):
    """Columns side by side, with a parity bit that is plain logic of the top."""

    kind = "mesh"

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.module_name = f"mesh_{rows}x{columns}"
        super().__init__({"load": In(1), "i": In(ArrayLayout(signed(8), rows)),
                          "o": Out(signed(24)).array(columns), "parity": Out(1)})

    def parameters(self):
        return {"rows": self.rows, "columns": self.columns}

    def elaborate(self, platform):
        m = Module()
        inputs = self.i
        for index in range(self.columns):
            column = Column(self.rows)
            m.submodules[f"column_{index}"] = Stamped(column)
            m.d.comb += [column.load.eq(self.load), column.i.eq(inputs),
                         self.o[index].eq(column.o)]
            inputs = column.i_next
        with m.If(self.load):
            m.d.comb += self.parity.eq(self.o[0].xor())
        return m
