"""Runs jobs on the digital engine in Amaranth's simulator, and says when what must happen."""

from dataclasses import dataclass, field

from hw.cim.engine import DigitalCimEngine
from tests.hw.cim.jobs import steps_of
from tests.hw.systolic import bench

__all__ = ["POST_BEATS", "Times", "build", "fixed", "predict", "run_job"]

POST_BEATS = 8
FIRST_BEAT = 2      # the first cycle, counted from the load, in which a core offers operands


class Engine(DigitalCimEngine):
    """The engine with its parameters where the bench of all arrays looks for them."""

    @property
    def array(self):
        return self.cim


def build(parameters):
    return Engine(parameters, POST_BEATS)


def run_job(parameters, *jobs, **options):
    """Run jobs one after the other and compare the last one; returns its `Run`."""
    engine = build(parameters)
    seen = bench.run(engine, *jobs, **options)
    assert seen.vectors == jobs[-1].expected
    assert not seen.underrun
    return seen


def fixed(idles):
    """A plan that idles as listed, from the load on: the first operands can come in cycle 2."""
    return lambda number, rng: (number == 0) + (idles[number] if number < len(idles) else 0)


@dataclass
class Times:
    """Cycles from the load: of both handshakes and of each vector's last step."""

    weights: list = field(default_factory=list)
    inputs: list = field(default_factory=list)
    launches: list = field(default_factory=list)


def predict(parameters, job, *, weight_idles=(), input_idles=(), credit_idles=()):
    """When everything happens, by the recurrence of the admission times, one event at a time.

    Parameters
    ----------
    weight_idles, input_idles: sequence of int
        Cycles in which a beat is not offered after the one before was taken; zeros may be left out.
    credit_idles: sequence of int
        Cycles without credit after so many launches.
    """
    def idle(idles, number):
        return idles[number] if number < len(idles) else 0

    never = -1 << 30
    rows, banks = job.config["word_lines"] + 1, parameters.banks
    interval = job.config["interval"] + 1
    times, lasts = Times(), []
    steps = steps_of(parameters, job)
    beat = written = entered = 0
    taken = handed = FIRST_BEAT - 1
    accepted, launched, final = never, never, never
    while len(lasts) < len(job.weights) // rows:
        tile = len(lasts)
        for row in range(rows):
            free = lasts[tile - banks] if row == 0 and tile >= banks else never
            taken = max(taken + 1 + idle(weight_idles, beat), free)
            times.weights.append(taken)
            beat += 1
        written = taken
        swap = max(written + 1, lasts[-1] if lasts else never)
        while True:
            # Engines that look for zeros hold the next vector in a register.
            handed = handed + 1 + idle(input_idles, entered)
            if parameters.skip_zero_planes:
                handed = max(handed, accepted)
                offered = handed + 1
            else:
                offered = handed
            first = max(offered, swap + 1, launched + 1)
            credit = launched + 1 + idle(credit_idles, len(times.launches))
            launch = max(first + steps[entered] - 1, credit)
            marks = job.inputs[entered]
            if marks["final"]:
                launch = max(launch, final + interval)
                final = launch
            accepted = launch if steps[entered] == 1 else first
            launched = launch
            if not parameters.skip_zero_planes:
                handed = accepted
            times.inputs.append(handed)
            times.launches.append(launch)
            entered += 1
            if marks["last"]:
                break
        lasts.append(launched)
    return times
