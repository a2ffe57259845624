"""Runs jobs on the analog engine in Amaranth's simulator, and says what has to come out and when.

A plan says how a stream idles: ``plan(rng)`` cycles come before each beat.
"""

import random
from dataclasses import dataclass, field, replace

import numpy as np

from compiler.converters import Converter, never_clips
from hw.cim.analog.engine import AnalogCimEngine
from hw.cim.analog.parameters import AnalogCimParameters, AnalogNoise
from hw.formats import NumberFormat
from hw.parameters import Overflow
from sim.golden.analog import analog_product
from tests.hw.simulation import simulate

__all__ = ["QUIET", "Job", "Run", "admissions", "array", "at_once", "at_random", "check",
           "config_of", "random_job", "run"]

POST_BEATS = 64
QUIET = AnalogNoise(seed=1, thermal=0, offset=0, gain=0, cell=0)


def at_once(rng):
    return 0


def at_random(rng):
    return rng.choice((0, 0, 0, 1, 5))


def array(rows=8, columns=2, inputs="int4", weights="int4", noise=QUIET, **changes):
    """`AnalogCimParameters` from the names of the formats."""
    settings = {"banks": 2, "dac_bits": 1, "cell_bits": 1, "rows_active": rows,
                "columns_per_adc": 1, "adc_bits": 4} | changes
    return AnalogCimParameters(
        rows=rows, columns=columns, inputs=NumberFormat.parse(inputs),
        weights=NumberFormat.parse(weights), accumulator=NumberFormat(32, True),
        overflow=Overflow.ERROR, noise=noise, **settings)


@dataclass(frozen=True)
class Job:
    """Tiles, each a pair of inputs [vectors, word lines] and weights [word lines, columns].

    Parameters
    ----------
    finals: list of bool
        Whether the vectors of each tile are final.
    interval: int
        Cycles between final vectors.
    """

    tiles: list
    converter: Converter
    digits: int
    finals: list
    interval: int = 1
    noise_seed: int = 0

    @property
    def word_lines(self):
        return len(self.tiles[0][1])


@dataclass
class Run:
    """What was seen: the cycles of handshakes, and the outputs with theirs."""

    inputs: list = field(default_factory=list)
    weights: list = field(default_factory=list)
    launches: list = field(default_factory=list)
    output_cycles: list = field(default_factory=list)
    outputs: list = field(default_factory=list)


def numbers(rng, number, shape):
    """Uniform numbers, with the extreme values over-represented."""
    values = rng.integers(number.min, number.max + 1, shape)
    corners = rng.choice([number.min, number.max, 0, max(-1, number.min)], shape)
    return np.where(rng.random(shape) < 0.3, corners, values)


def random_job(rng, parameters, *, tiles=3, vectors=None, word_lines=None, digits=None,
               converter=None, interval=1, noise_seed=0):
    """A `Job` of random numbers, of as many vectors per tile as are given or as chance has it."""
    p = parameters
    word_lines = word_lines or p.rows
    inputs = p.inputs
    if digits and digits < p.digits:
        inputs = NumberFormat(digits * p.dac_bits, inputs.signed)
    pairs = [(numbers(rng, inputs, (vectors or int(rng.integers(1, 5)), word_lines)),
              numbers(rng, p.weights, (word_lines, p.columns))) for _ in range(tiles)]
    finals = [bool(rng.integers(2)) for _ in pairs]
    return Job(pairs, converter or never_clips(p), digits or p.digits, finals, interval, noise_seed)


def expected(parameters, job):
    """Output vectors by the golden model."""
    p, outputs, first = parameters, [], 0
    for number, (x, w) in enumerate(job.tiles):
        outputs += analog_product(x, w, p, job.converter, digits=job.digits, bank=number % p.banks,
                                  noise_seed=job.noise_seed, first=first).tolist()
        first += len(x) * steps(p, job)
    return outputs


def steps(parameters, job):
    return parameters.vector_cycles(job.digits * parameters.dac_bits, job.word_lines)


def admissions(parameters, job):
    """Cycles from the load in which vectors enter, and of their last steps, if nothing idles."""
    written, lasts, accepts, launches, final = 1, [], [], [], -1 << 20
    cycles = steps(parameters, job)
    for number, ((x, w), is_final) in enumerate(zip(job.tiles, job.finals, strict=True)):
        free = lasts[number - parameters.banks] if number >= parameters.banks else -1 << 20
        written = max(written + 1, free) + len(w) - 1
        at = max(written + 1, lasts[-1] if lasts else 0) + 1
        for _ in x:
            end = at + cycles - 1
            if is_final:
                end = final = max(end, final + job.interval)
            accepts.append(at if cycles > 1 else end)
            launches.append(end)
            at = end + 1
        lasts.append(launches[-1])
    return accepts, launches


def config_of(parameters, job):
    fields = {"interval": job.interval - 1, "word_lines": job.word_lines - 1,
              "digits": job.digits - 1,
              "row_groups": -(-job.word_lines // parameters.rows_active) - 1,
              "adc_low": job.converter.low, "adc_step": job.converter.step,
              "adc_gain": job.converter.gain}
    return fields | ({"noise_seed": job.noise_seed} if parameters.noise.thermal else {})


def beats(parameters, job):
    """Payloads of both streams. What comes in on rows that are not used has no meaning."""
    inputs, weights = [], []
    for (x, w), final in zip(job.tiles, job.finals, strict=True):
        weights += [{"lanes": [int(number) for number in row]} for row in w[::-1]]
        padded = np.full((len(x), parameters.rows), parameters.inputs.max)
        padded[:, :job.word_lines] = x
        inputs += [{"lanes": [int(number) for number in row], "last": int(n == len(x) - 1),
                    "final": int(final)} for n, row in enumerate(padded)]
    return inputs, weights


def run(parameters, *jobs, input_plan=at_once, weight_plan=at_once, credit_plan=at_once, seed=1,
        cut_short=None):
    """Run ``jobs`` one after the other; returns the `Run` of the last one.

    ``cut_short``: all jobs but the last end after so many cycles, by the next load.
    """
    engine = AnalogCimEngine(parameters, POST_BEATS)
    rng = random.Random(seed)
    present = {"job": None, "run": Run()}

    async def main(ctx):
        for number, job in enumerate(jobs):
            ctx.set(engine.config, config_of(parameters, job))
            ctx.set(engine.load, 1)
            assert ctx.get(engine.legal)
            present.update(job=None)
            await ctx.tick()
            ctx.set(engine.load, 0)
            present.update(run=Run())
            await ctx.tick()        # a job's first operands are offered in its second cycle
            present.update(job=job)
            if cut_short is not None and number < len(jobs) - 1:
                await ctx.tick().repeat(cut_short)
                continue
            wanted = sum(len(x) for x, _ in job.tiles)
            while len(present["run"].outputs) < wanted:
                await ctx.tick()
            await ctx.tick().repeat(20)
            assert not ctx.get(engine.busy)

    def feeder(port, which, plan):
        async def process(ctx):
            job, number, wait = None, 0, 0
            while True:
                if present["job"] is not job:
                    job, number, wait = present["job"], 0, plan(rng)
                    offered = beats(parameters, job)[which] if job else []
                valid = job is not None and number < len(offered) and wait == 0
                ctx.set(port.valid, valid)
                if valid:
                    ctx.set(port.payload, offered[number])
                _, _, ready = await ctx.tick().sample(port.ready)
                wait = max(0, wait - 1)
                if valid and ready:
                    number, wait = number + 1, plan(rng)
        return process

    async def creditor(ctx):
        wait = 0
        while True:
            ctx.set(engine.credit, wait == 0)
            _, _, admit = await ctx.tick().sample(engine.admit)
            wait = max(0, wait - 1) if wait else (credit_plan(rng) if admit else 0)

    async def monitor(ctx):
        late = 0
        while True:
            _, _, load, inputs, weights, admit, valid, lanes = await ctx.tick().sample(
                engine.load, engine.inputs.valid & engine.inputs.ready,
                engine.weights.valid & engine.weights.ready, engine.admit, engine.output_valid,
                engine.outputs)
            late = 0 if load else late + 1      # cycles since the load
            seen = present["run"]
            if load:
                continue
            for happens, cycles in ((inputs, seen.inputs), (weights, seen.weights),
                                    (admit, seen.launches)):
                if happens:
                    cycles.append(late)
            # What was under way at the load comes after it.
            if valid and late > 8:
                seen.output_cycles.append(late)
                seen.outputs.append(list(lanes))

    simulate(engine, main, feeder(engine.inputs, 0, input_plan),
             feeder(engine.weights, 1, weight_plan), creditor, monitor, cycles=60_000)
    return present["run"]


def check(parameters, *jobs, **options):
    """Run jobs; the last one's outputs have to be the golden model's, its latency the geometry's.

    Without plans, all cycles have to be those of `admissions`.
    """
    seen = run(parameters, *jobs, **options)
    job = jobs[-1]
    assert seen.outputs == expected(parameters, job)
    latency = parameters.geometry(parameters.dataflows[0]).latency
    assert seen.output_cycles == [cycle + latency for cycle in seen.launches]
    if not {"input_plan", "weight_plan", "credit_plan"} & options.keys():
        assert (seen.inputs, seen.launches) == admissions(parameters, job)
    return seen


def noisy(parameters, **deviations):
    return replace(parameters, noise=replace(parameters.noise, **deviations))
