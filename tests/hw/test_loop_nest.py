# amaranth: UnusedElaboratable=no
"""Loop nests against nested Python loops."""

import itertools
import operator
import random

import pytest
from amaranth import Module, Signal
from amaranth.lib.wiring import Component, In, Out

from hw.loop_nest import AffineAddress, LoopNest, all_marked, bounds_layout, deltas_layout
from tests.hw.loops import fold, random_bounds
from tests.hw.simulation import simulate

SHAPES = [(1, 1, 4), (1, 6, 9), (2, 3, 5), (3, 4, 13), (6, 5, 13)]


class Walk(Component):
    """A nest with one address and one mark, as every user of both wires them."""

    def __init__(self, dims, bound_bits, width, held):
        self.nest = LoopNest(dims, bound_bits, held)
        self.address = AffineAddress(width, dims, held)
        super().__init__({
            "load": In(1), "step": In(1), "bounds": In(bounds_layout(dims, bound_bits)),
            "base": In(width), "deltas": In(deltas_layout(dims, width)), "mask": In(dims),
            "first": Out(1), "last": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.nest, m.submodules.address = nest, address = self.nest, self.address
        m.d.comb += [
            nest.load.eq(self.load), nest.step.eq(self.step), nest.bounds.eq(self.bounds),
            address.load.eq(self.load), address.step.eq(self.step),
            address.base.eq(self.base), address.deltas.eq(self.deltas),
            address.steps.eq(nest.steps),
            self.first.eq(all_marked(self.mask, nest.at_first)),
            self.last.eq(all_marked(self.mask, nest.at_last)),
        ]
        return m


def expect(bounds, base, strides, mask, width):
    """What a walk shows at each element."""
    indices = list(itertools.product(*map(range, bounds)))
    marked = [d for d in range(len(bounds)) if mask >> d & 1]
    for index, following in itertools.zip_longest(indices, indices[1:]):
        pairs = zip(index, following or index, strict=True)
        changed = [i for i, (a, b) in enumerate(pairs) if a != b]
        yield {
            "value": (base + sum(map(operator.mul, index, strides))) % (1 << width),
            "steps": 1 << changed[0] if changed else 0,
            "at_first": sum(1 << d for d, i in enumerate(index) if i == 0),
            "at_last": sum(1 << d for d, i in enumerate(index) if i == bounds[d] - 1),
            "first": all(index[d] == 0 for d in marked),
            "last": all(index[d] == bounds[d] - 1 for d in marked),
        }


def observe(ctx, dut):
    return {"value": ctx.get(dut.address.value), "steps": ctx.get(dut.nest.steps),
            "at_first": ctx.get(dut.nest.at_first), "at_last": ctx.get(dut.nest.at_last),
            "first": ctx.get(dut.first), "last": ctx.get(dut.last)}


async def start(ctx, dut, bounds, base, deltas, mask, width):
    """Load, then spoil the config, as far as it must have been latched."""
    ctx.set(dut.load, 1)
    ctx.set(dut.bounds, [b - 1 for b in bounds])
    ctx.set(dut.base, base)
    ctx.set(dut.deltas, [d % (1 << width) for d in deltas])
    ctx.set(dut.mask, mask)
    await ctx.tick()
    ctx.set(dut.load, 0)
    ctx.set(dut.base, ~base & ((1 << width) - 1))
    if dut.nest.held:
        return
    ctx.set(dut.bounds, [0] * len(bounds))
    ctx.set(dut.deltas, [1] * len(bounds))


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("idle", [0, 0.5])
@pytest.mark.parametrize(("dims", "bound_bits", "width"), SHAPES)
def test_walk(dims, bound_bits, width, idle, held):
    seed = 100 * dims + bound_bits
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut = Walk(dims, bound_bits, width, held)
    reset = Signal()

    async def bench(ctx):
        for run in range(12):
            bounds = random_bounds(rng, dims, bound_bits, elements=150)
            strides = [rng.randrange(-40, 40) for _ in bounds]
            base, mask = rng.randrange(1 << width), rng.randrange(1 << dims)
            await start(ctx, dut, bounds, base, fold(strides, bounds), mask, width)
            # Some runs are cut short, by the next load or by a reset.
            stop_at = rng.randrange(100) if run % 3 else None
            for count, element in enumerate(expect(bounds, base, strides, mask, width)):
                if count == stop_at:
                    break
                step = False
                while not step:
                    assert ctx.get(dut.nest.active)
                    assert observe(ctx, dut) == element, f"{bounds=} {strides=} {count=}"
                    step = rng.random() >= idle
                    ctx.set(dut.step, step)
                    await ctx.tick()
                ctx.set(dut.step, 0)
            else:
                assert not ctx.get(dut.nest.active)
                await ctx.tick()
                assert not ctx.get(dut.nest.active)
            if run % 3 == 2:
                ctx.set(reset, 1)
                await ctx.tick()
                ctx.set(reset, 0)
                assert not ctx.get(dut.nest.active)

    simulate(dut, bench, reset=reset)


def test_longest_loop():
    """A loop of ``2 ** bound_bits`` iterations, the longest that its bound can state."""
    dut = LoopNest(2, 6, held=False)

    async def bench(ctx):
        ctx.set(dut.load, 1)
        ctx.set(dut.bounds, [1, 63])
        await ctx.tick()
        ctx.set(dut.load, 0)
        ctx.set(dut.step, 1)
        elements = 0
        while ctx.get(dut.active):
            elements += 1
            await ctx.tick()
        assert elements == 128

    simulate(dut, bench)


def test_refuses_an_empty_nest():
    with pytest.raises(ValueError, match=r"^a loop nest needs one dimension and one bound bit or "
                                         r"more, not dims=0, bound_bits=4$"):
        LoopNest(0, 4, held=False)
