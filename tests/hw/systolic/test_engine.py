"""The systolic engine in Amaranth's simulator against numpy, with idles and back-pressure."""

import random

import numpy as np
import pytest
from amaranth.sim import Simulator

from hw.formats import NumberFormat
from hw.parameters import Dataflow, Overflow, SystolicParameters
from hw.systolic.engine import SystolicEngine

WS, OS = Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY
IS, SWITCH = Dataflow.INPUT_STATIONARY, Dataflow.SWITCHABLE


def make(dataflow, rows, columns, inputs="int8", weights="int8", accumulator="int32",
         overflow=Overflow.ERROR):
    return SystolicParameters(
        dataflow=dataflow, rows=rows, columns=columns, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat.parse(accumulator),
        overflow=overflow)


def random_matrix(rng, number, shape):
    """Uniform numbers, with the extreme values over-represented."""
    values = rng.integers(number.min, number.max + 1, shape)
    corners = rng.choice([number.min, number.max, 0], shape)
    return np.where(rng.random(shape) < 0.2, corners, values)


class Beat:
    def __init__(self, lanes, first=0, last=0, final=0):
        self.value = {"lanes": [int(lane) for lane in lanes], "first": int(first),
                      "last": int(last), "final": int(final)}


def schedule(parameters, flow, tiles, active_rows):
    """Beats of both streams and the expected vectors for ``tiles`` of (x[m, k], w[k, n])."""
    inputs, weights, expected = [], [], []
    for x, w in tiles:
        if flow is OS:
            blocks = x.shape[1] // parameters.rows
            for block in range(blocks):
                part = slice(block * parameters.rows, (block + 1) * parameters.rows)
                inputs += [Beat(row[part], block == 0, block == blocks - 1, 1) for row in x]
                weights += [Beat(row) for row in w[part]]
            expected += list(x @ w)
        elif flow is WS:
            weights += [Beat(row) for row in w[::-1]]
            inputs += [Beat(row, n == 0, n == len(x) - 1, 1) for n, row in enumerate(x)]
            expected += list(x @ w)
        else:
            inputs += [Beat(row) for row in x[::-1]]
            columns = w.T
            weights += [Beat(row, n == 0, n == len(columns) - 1, 1)
                        for n, row in enumerate(columns)]
            expected += list(columns @ x.T)
    return inputs, weights, expected


def run(parameters, flow, tiles, *, active_rows, idle=0.0, interval=0, post_beats=4, seed=0,
        bursts=1):
    """Streams the tiles through the engine; returns (cycle, vector) pairs and admission cycles."""
    engine = SystolicEngine(parameters, post_beats)
    inputs, weights, expected = schedule(parameters, flow, tiles, active_rows)
    outputs, admissions = [], []

    def feeder(stream, beats, rand):
        async def process(ctx):
            await ctx.tick()
            for number, beat in enumerate(beats):
                while number % bursts == 0 and rand.random() < idle:
                    await ctx.tick()
                ctx.set(stream.valid, 1)
                ctx.set(stream.payload, beat.value)
                await ctx.tick().until(stream.ready)
                ctx.set(stream.valid, 0)
        return process

    async def monitor(ctx):
        ctx.set(engine.load, 1)
        ctx.set(engine.config, {
            "output_stationary": flow is OS, "active_rows": active_rows - 1, "interval": interval,
            "occupancy": (interval + 1) * (active_rows if flow is OS else 1) - 1})
        ctx.set(engine.credit, 1)
        await ctx.tick()
        ctx.set(engine.load, 0)
        quiet = 0
        cycle = 0
        while quiet < 200:
            cycle += 1
            *_, valid, admit = await ctx.tick().sample(engine.output_valid, engine.admit)
            if admit:
                admissions.append(cycle)
            if ctx.get(engine.output_valid):
                outputs.append((cycle, [ctx.get(lane) for lane in engine.outputs]))
                quiet = 0
            quiet += 1
        assert not ctx.get(engine.underrun)

    simulator = Simulator(engine)
    simulator.add_clock(1e-8)
    simulator.add_testbench(monitor)
    simulator.add_testbench(feeder(engine.inputs, inputs, random.Random(seed)), background=True)
    simulator.add_testbench(feeder(engine.weights, weights, random.Random(seed + 1)),
                            background=True)
    simulator.run()
    np.testing.assert_array_equal(np.array([vector for _, vector in outputs]), np.array(expected))
    return outputs, admissions


SHAPES = [(1, 1), (1, 5), (4, 1), (3, 3), (4, 4), (2, 7), (7, 3)]


@pytest.mark.parametrize("rows,columns", SHAPES)
@pytest.mark.parametrize("dataflow,flow", [(WS, WS), (IS, IS), (OS, OS), (SWITCH, WS), (SWITCH, OS)])
@pytest.mark.parametrize("idle", [0.0, 0.5])
def test_tiles_equal_numpy(dataflow, flow, rows, columns, idle):
    seed = rows * 1000 + columns * 10 + int(idle * 2)
    rng = np.random.default_rng(seed)
    parameters = make(dataflow, rows, columns)
    tiles = []
    active = rows if flow is not OS else int(rng.integers(1, rows + 1))
    for _ in range(5):
        m = active if flow is OS else columns if flow is IS else int(rng.integers(1, 2 * rows + 2))
        k = rows * int(rng.integers(1, 4)) if flow is OS else rows
        n = columns if flow is not IS else int(rng.integers(1, 2 * columns + 2))
        tiles.append((random_matrix(rng, parameters.inputs, (m, k)),
                      random_matrix(rng, parameters.weights, (k, n))))
    if idle and flow is OS:
        pytest.skip("blocks arrive whole")
    run(parameters, flow, tiles, active_rows=active, idle=idle, seed=seed)
    if not idle:
        run(parameters, flow, tiles, active_rows=active, interval=3, seed=seed)
