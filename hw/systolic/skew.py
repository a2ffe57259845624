"""Triangles of delays at the edges of an array."""

from amaranth import Cat, Module, Shape, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..stamp import StampedComponent

__all__ = ["Feeder", "Skew"]


class Skew(StampedComponent):
    """Delays lane ``n`` by ``n`` cycles, or by ``lanes - 1 - n`` if ``reverse`` (de-skew).

    Each lane is one packed shift register.

    Members
    -------
    i, o: ``ArrayLayout(shape, lanes)``.
    """

    kind = "skew"

    def __init__(self, name, shape, lanes, *, reverse=False):
        self.shape, self.lanes, self.reverse = Shape.cast(shape), lanes, reverse
        self.module_name = name
        layout = data.ArrayLayout(self.shape, lanes)
        super().__init__({"i": In(layout), "o": Out(layout)})

    def parameters(self):
        return {"lanes": self.lanes, "bits": self.shape.width, "reverse": self.reverse}

    def elaborate(self, platform):
        m = Module()
        width = self.shape.width
        for lane in range(self.lanes):
            depth = self.lanes - 1 - lane if self.reverse else lane
            line = Signal(width * depth, name=f"lane_{lane}")
            path = Cat(self.i[lane], line)
            m.d.sync += line.eq(path[:width * depth])
            m.d.comb += self.o[lane].eq(path[width * depth:])
        return m


class Feeder(StampedComponent):
    """Feeds the left edge: one shift register per row, loaded whole or at its skew's depth.

    An output-stationary array takes at each step one word of ``rows`` reduction lanes for one row
    (``load``, one bit per row); the rows are loaded in rotation, which is their skew as well. A
    weight-stationary array takes one lane for every row at once (``enter``), which reaches row n
    after n more cycles.

    The last lane of a register keeps its value, so that an idle edge stops toggling.

    Parameters
    ----------
    loads, enters: bool
        Which of the two ways this array uses.

    Members
    -------
    word: ``ArrayLayout(shape, rows)``; load: one bit per row; enter: 1.
    o: ``ArrayLayout(shape, rows)``, one cycle after ``load`` or ``n + 1`` after ``enter``.
    """

    kind = "feeder"

    def __init__(self, name, shape, rows, *, loads, enters):
        self.shape, self.rows = Shape.cast(shape), rows
        self.loads, self.enters = loads, enters
        self.module_name = name
        layout = data.ArrayLayout(self.shape, rows)
        super().__init__({"word": In(layout), "load": In(rows), "enter": In(1), "o": Out(layout)})

    def parameters(self):
        return {"rows": self.rows, "bits": self.shape.width, "loads": self.loads,
                "enters": self.enters}

    def elaborate(self, platform):
        m = Module()
        width = self.shape.width
        for row in range(self.rows):
            length = self.rows if self.loads else row + 1
            line = Signal(width * length, name=f"row_{row}")
            entry = slice(width * row, width * (row + 1))
            m.d.sync += line[:width * (length - 1)].eq(line[width:])
            if self.enters:
                with m.If(self.enter):
                    m.d.sync += line[entry].eq(self.word[row])
            if self.loads:
                with m.If(self.load[row]):
                    m.d.sync += line.eq(self.word)
            m.d.comb += self.o[row].eq(line[:width])
        return m
