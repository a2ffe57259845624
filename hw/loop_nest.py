"""Affine loop nests: which loops advance, and the addresses that follow them.

Everywhere, dimensions are listed outermost first: bit or element ``d`` belongs to dimension ``d``,
and the last one is the innermost loop.
"""

from amaranth import Const, Module, Mux, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import Component, In, Out

__all__ = ["AffineAddress", "LoopNest", "all_marked", "bounds_layout", "deltas_layout"]


def bounds_layout(dims, bound_bits):
    """Layout of the loop bounds, each stored as bound - 1."""
    return data.ArrayLayout(unsigned(bound_bits), dims)


def deltas_layout(dims, width):
    """Layout of the increments of one address, modulo ``2 ** width``."""
    return data.ArrayLayout(unsigned(width), dims)


def all_marked(mask, flags):
    """Set where every dimension in ``mask`` has its flag set; an empty mask is always set."""
    return (~mask | flags).all()


class LoopNest(Component):
    """Walks ``dims`` nested loops, one element per step.

    Sustains one step per cycle; the first element is valid in the cycle after ``load``. All
    outputs depend on registers only. To keep the comparison out of the paths behind them, each
    counter runs one index ahead and the flags of the index itself are registers.

    Parameters
    ----------
    dims: int
        Number of loops, one or more.
    bound_bits: int
        Width of a loop bound; a loop has at most ``2 ** bound_bits`` iterations.
    held: bool
        Whether ``bounds`` stay as they are until the next ``load``, and need not be latched.

    Members
    -------
    load: In(1)
        Takes ``bounds`` and goes to the first element; wins over ``step``.
    bounds: In(ArrayLayout)
        Iterations of each loop less one.
    step: In(1)
        Goes to the next element. Only while ``active``.
    active: Out(1)
        Elements remain; set by ``load``, cleared by the step from the last element.
    steps: Out(dims)
        The loop whose index increments at the next step, one hot; those inside it restart. None
        at the last element. Does not wait for ``step``.
    at_first, at_last: Out(dims)
        The index of the loop is 0, or its bound - 1.
    """

    def __init__(self, dims, bound_bits, held):
        if dims < 1 or bound_bits < 1:
            raise ValueError(f"a loop nest needs one dimension and one bound bit or more, not "
                             f"dims={dims}, bound_bits={bound_bits}")
        self.dims = dims
        self.held = held
        super().__init__({
            "load": In(1),
            "bounds": In(bounds_layout(dims, bound_bits)),
            "step": In(1),
            "active": Out(1),
            "steps": Out(dims),
            "at_first": Out(dims),
            "at_last": Out(dims),
        })

    def elaborate(self, platform):
        m = Module()
        inner_last = Const(1)
        for d in reversed(range(self.dims)):
            bound = self.bounds[d] if self.held else Signal.like(
                self.bounds[d], name=f"bound_{d}", reset_less=True)
            ahead = Signal.like(self.bounds[d], name=f"ahead_{d}")
            ahead_last = Signal(name=f"ahead_last_{d}")
            m.d.comb += [
                ahead_last.eq(ahead == bound),
                self.steps[d].eq(inner_last & ~self.at_last[d]),
            ]
            with m.If(self.step & inner_last):
                m.d.sync += [
                    self.at_first[d].eq(self.at_last[d]),
                    self.at_last[d].eq(ahead_last),
                    ahead.eq(Mux(ahead_last, 0, ahead + 1)),
                ]
            with m.If(self.load):
                if not self.held:
                    m.d.sync += bound.eq(self.bounds[d])
                m.d.sync += [
                    self.at_first[d].eq(1),
                    self.at_last[d].eq(self.bounds[d] == 0),
                    ahead.eq(self.bounds[d] != 0),
                ]
            inner_last = self.at_last[d:].all()

        with m.If(self.load):
            m.d.sync += self.active.eq(1)
        with m.Elif(self.step & inner_last):
            m.d.sync += self.active.eq(0)
        return m


class AffineAddress(Component):
    """An affine function of the indices of a `LoopNest`, by one addition per step.

    ``value`` is ``base`` in the cycle after ``load``; a step in which loop ``d`` increments adds
    ``deltas[d]``. Whoever writes the deltas folds into them the way back over the loops that
    restart: ``deltas[d] = stride[d] - sum(stride[i] * (bound[i] - 1) for i > d)``.

    Parameters
    ----------
    width: int
        Width of the address; all arithmetic is modulo ``2 ** width``.
    dims: int
        Number of loops.
    held: bool
        Whether ``deltas`` stay as they are until the next ``load``, and need not be latched.

    Members
    -------
    load: In(1)
        Takes ``base`` and ``deltas``; wins over ``step``.
    base: In(width)
        Value at the first element.
    deltas: In(ArrayLayout)
        Increment of each loop.
    step, steps: In(1), In(dims)
        Of the loop nest that is followed.
    value: Out(width)
        The address of the current element, a register.
    """

    def __init__(self, width, dims, held):
        self.dims = dims
        self.held = held
        super().__init__({
            "load": In(1),
            "base": In(width),
            "deltas": In(deltas_layout(dims, width)),
            "step": In(1),
            "steps": In(dims),
            "value": Out(width),
        })

    def elaborate(self, platform):
        m = Module()
        deltas = self.deltas if self.held else Signal.like(self.deltas, reset_less=True)
        delta = Signal.like(self.value)
        chosen = Const(0)
        for d in range(self.dims):
            chosen = chosen | (deltas[d] & self.steps[d].replicate(len(delta)))
        m.d.comb += delta.eq(chosen)
        with m.If(self.load):
            if not self.held:
                m.d.sync += deltas.eq(self.deltas)
            m.d.sync += self.value.eq(self.base)
        with m.Elif(self.step):
            m.d.sync += self.value.eq(self.value + delta)
        return m
