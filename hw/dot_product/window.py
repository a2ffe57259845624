"""Windows of a dot-product array: a column's last inputs of one lane, and when they are whole."""

from amaranth import Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import Component, In, Out

from ..stamp import StampedComponent

__all__ = ["Window", "WindowCounter"]


class Window(StampedComponent):
    """The inputs of one column: those of all lanes, or the last ones of its own lane.

    Place 0 of the window is the newest input, which the operand registers hold; the inputs before
    it are in registers here.

    Parameters
    ----------
    array: DotProductParameters

    Members
    -------
    own: In, the operand register of the column's lane.
    moving: In, all operand registers.
    window: In(1), whether the column takes its window.
    shift: In(1), the operand registers take new inputs.
    operands: Out
    """

    kind = "input_window"

    def __init__(self, array):
        self.array = p = array
        self.module_name = f"input_window_{p.rows}"
        vector = data.ArrayLayout(p.inputs.shape, p.rows)
        super().__init__({
            "own": In(p.inputs.shape), "moving": In(vector), "window": In(1), "shift": In(1),
            "operands": Out(vector),
        })

    def parameters(self):
        return {"rows": self.array.rows, "inputs": str(self.array.inputs)}

    def elaborate(self, platform):
        m = Module()
        newer, moves = self.own, Signal()
        m.d.comb += moves.eq(self.shift & self.window)
        for place in range(self.array.rows):
            m.d.comb += self.operands[place].eq(Mux(self.window, newer, self.moving[place]))
            if place < self.array.rows - 1:
                older = Signal(self.array.inputs.shape, name=f"place_{place + 1}")
                with m.If(moves):
                    m.d.sync += older.eq(newer)
                newer = older
        return m


class WindowCounter(Component):
    """Which vectors complete a window: all others only shift.

    Parameters
    ----------
    bits: int

    Members
    -------
    window: In(1), whether there are windows; else every vector is complete.
    fill: In(bits), vectors before the first complete one of a row.
    step: In(bits), vectors between complete ones.
    first: In(1), the vector that is offered starts a row.
    admit: In(1), it enters.
    complete: Out(1), it completes a window.
    """

    def __init__(self, bits):
        super().__init__({"window": In(1), "fill": In(bits), "step": In(bits), "first": In(1),
                          "admit": In(1), "complete": Out(1)})

    def elaborate(self, platform):
        m = Module()
        left = Signal.like(self.fill, name="left")
        missing = Signal.like(self.fill, name="missing")
        m.d.comb += [
            missing.eq(Mux(self.first, self.fill, left)),
            self.complete.eq(~self.window | (missing == 0)),
        ]
        with m.If(self.admit):
            m.d.sync += left.eq(Mux(missing == 0, self.step, missing - 1))
        return m
