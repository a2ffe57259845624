"""Runs jobs on an engine in Amaranth's simulator.

A plan says how a stream idles: ``plan(number, rng)`` cycles come before beat ``number``.
"""

import random
from dataclasses import dataclass, field

from amaranth import Const, Signal

from tests.hw.simulation import simulate

__all__ = ["Run", "at_once", "at_random", "between_blocks", "run"]

RESET, LOAD = "reset", "load"


def at_once(number, rng):
    return 0


def at_random(number, rng):
    return rng.choice((0, 0, 0, 1, 5))


def between_blocks(beats):
    """A plan that idles before every ``beats``-th beat only."""
    return lambda number, rng: at_random(number, rng) if number % beats == 0 else 0


@dataclass
class Run:
    """What was seen: the cycles of handshakes, and (cycle, vector) of each output."""

    inputs: list = field(default_factory=list)
    weights: list = field(default_factory=list)
    admissions: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    underrun: bool = False

    @property
    def vectors(self):
        return [vector for _, vector in self.outputs]

    @property
    def output_cycles(self):
        return [cycle for cycle, _ in self.outputs]


def run(engine, *jobs, input_plan=at_once, weight_plan=at_once, output_plan=at_once, seed=1,
        cut_short=None, trace=None):
    """Run ``jobs`` one after the other; returns the `Run` of the last one.

    Parameters
    ----------
    engine: Component
        With the members of `SystolicEngine` or of `BufferedEngine`.
    output_plan: plan
        Of the consumer: of ``credit``, or of ``ready``.
    cut_short: (str, int) or None
        All jobs but the last end after so many cycles, by ``reset`` or by the next ``load``.
    trace: Trace or None
        Records the ports.
    """
    reset = Signal()
    bench = _Bench(engine, random.Random(seed), (input_plan, weight_plan, output_plan))
    others = [bench.feeder(engine.inputs, "inputs"), bench.feeder(engine.weights, "weights"),
              bench.consumer, bench.monitor]
    if trace is not None:
        others.append(trace.recorder(reset))

    async def main(ctx):
        for job in jobs[:-1]:
            await bench.start(ctx, job)
            if cut_short is None:
                await bench.finish(ctx)
                assert bench.seen.vectors == job.expected
                continue
            cause, cycles = cut_short
            await ctx.tick().repeat(cycles)
            if cause == RESET:
                bench.stop()
                ctx.set(reset, 1)
                await ctx.tick()
                ctx.set(reset, 0)
        await bench.start(ctx, jobs[-1])
        await bench.finish(ctx)

    simulate(engine, main, *others, reset=reset, cycles=20_000)
    return bench.seen


class _Bench:
    def __init__(self, engine, rng, plans):
        self.engine, self.rng = engine, rng
        self.input_plan, self.weight_plan, self.output_plan = plans
        self.by_credit = hasattr(engine, "credit")
        self.cycle = 0
        self.stop()

    def stop(self):
        """Forget the job: all streams idle."""
        self.job, self.seen = None, Run()

    async def start(self, ctx, job):
        if hasattr(self.engine, "config"):
            config = {name: job.config[name] for name, _ in self.engine.config.shape()}
            ctx.set(self.engine.config, config)
        ctx.set(self.engine.load, 1)
        self.stop()
        await ctx.tick()
        ctx.set(self.engine.load, 0)
        self.job, self.seen = job, Run()

    async def finish(self, ctx):
        """Wait for all outputs, and a little longer for such as should not come."""
        expected = len(self.job.expected)
        while len(self.seen.outputs) < expected:
            await ctx.tick()
        await ctx.tick().repeat(2 * self.engine.array.geometry(self.job.flow).latency)
        assert not ctx.get(self.engine.busy)

    def feeder(self, port, name):
        """Offers the present job's beats; a new job takes the offer back."""
        plan = self.input_plan if name == "inputs" else self.weight_plan

        async def process(ctx):
            job, number, wait = None, 0, 0
            while True:
                if self.job is not job:
                    job, number = self.job, 0
                    wait = plan(number, self.rng)
                beats = getattr(job, name) if job else []
                valid = number < len(beats) and wait == 0
                ctx.set(port.valid, valid)
                if valid:
                    ctx.set(port.payload, beats[number])
                _, _, ready = await ctx.tick().sample(port.ready)
                wait = max(0, wait - 1)
                if valid and ready:
                    number += 1
                    wait = plan(number, self.rng)
        return process

    async def consumer(self, ctx):
        """Gives credit or takes vectors, one at a time, between idle cycles."""
        port = self.engine.credit if self.by_credit else self.engine.outputs.ready
        taken = self.engine.admit if self.by_credit else self.engine.outputs.valid
        wait = number = 0
        while True:
            ctx.set(port, wait == 0)
            _, _, taken_now = await ctx.tick().sample(taken)
            if wait:
                wait -= 1
            elif taken_now:
                number += 1
                wait = self.output_plan(number, self.rng)

    async def monitor(self, ctx):
        """Notes every handshake with its cycle; a waiting output has to stay as it is."""
        engine = self.engine
        if self.by_credit:
            outputs = engine.outputs, engine.output_valid, Const(1), engine.admit, engine.underrun
        else:
            outputs = (engine.outputs.payload, engine.outputs.valid, engine.outputs.ready,
                       Const(0), Const(0))
        transfers = [port.valid & port.ready for port in (engine.inputs, engine.weights)]
        waiting, loaded = None, 0
        flight = 1 + max(engine.array.geometry(flow).latency for flow in engine.array.dataflows)
        while True:
            _, in_reset, load, inputs, weights, lanes, valid, ready, admit, underrun = (
                await ctx.tick().sample(engine.load, *transfers, *outputs))
            self.cycle += 1
            vector = list(lanes)
            assert waiting is None or (valid and vector == waiting)
            waiting = vector if valid and not (ready or load or in_reset) else None
            if load or in_reset:
                loaded = self.cycle
                continue  # the job before
            for happens, cycles in ((inputs, self.seen.inputs), (weights, self.seen.weights),
                                    (admit, self.seen.admissions)):
                if happens:
                    cycles.append(self.cycle)
            # From an engine without queues, what was under way at a load comes after it.
            if valid and ready and (not self.by_credit or self.cycle > loaded + flight):
                self.seen.outputs.append((self.cycle, vector))
            self.seen.underrun |= bool(underrun)
