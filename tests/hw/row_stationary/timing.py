"""When everything happens in a row-stationary engine, by its recurrence, one event at a time."""

from dataclasses import dataclass, field

__all__ = ["Times", "predict"]


@dataclass
class Times:
    """Cycles of both handshakes, of the starts of steps, and of the output vectors."""

    inputs: list = field(default_factory=list)
    weights: list = field(default_factory=list)
    starts: list = field(default_factory=list)
    outputs: list = field(default_factory=list)


def predict(parameters, job, *, first_input, first_weight, input_plan, weight_plan, output_plan):
    """`Times` of a job, the first beats being accepted when it is said.

    A plan says from a beat's (a step's) number how many cycles it comes later than it could.
    """
    mapping, config, steps = job.mapping, job.config, job.mapping.steps
    times, turns = Times(), mapping.turns(parameters)
    latest = (mapping.chains - 1) * mapping.filters + mapping.chain_rows - 1
    column_beats = config["column_beats"] + 1
    pass_beats = (config["filter_tags"] + 1) * (config["filter_beats"] + 1)
    freed = []      # when a beat of each column's successor in its place can be accepted

    def deliver(cycles, beats, first, plan, free):
        """Beats that follow each other in a place that is free from cycle ``free`` on."""
        for _ in range(beats):
            soonest = cycles[-1] + 1 + plan(len(cycles)) if cycles else first
            cycles.append(max(soonest, free))

    for number in range(job.passes):
        used = times.starts[(number - 1) * steps - 1] if number > 1 else None
        free = 0 if used is None else used + 2 + latest + turns
        deliver(times.weights, pass_beats, first_weight, weight_plan, free)
        before = len(freed)     # columns of passes that are over
        for step in range(steps):
            needed = before + step * mapping.strides[1] + mapping.kernel[1]
            while len(times.inputs) < needed * column_beats:
                place = len(times.inputs) // column_beats - parameters.window_pixels
                deliver(times.inputs, column_beats, first_input, input_plan,
                        freed[place] if place >= 0 else 0)
            start = max(times.inputs[needed * column_beats - 1], times.weights[-1]) + 1
            if times.starts:
                start = max(start, times.starts[-1] + mapping.step_cycles(parameters),
                            times.starts[-1] + 1 + output_plan(len(times.starts)))
            times.starts.append(start)
            columns = mapping.kernel[1] if step == steps - 1 else mapping.strides[1]
            freed += [start + 3 + latest + tap * mapping.filters * mapping.parts(parameters)
                      for tap in range(columns)]
            first = start + turns - mapping.filters + mapping.chain_rows + 5
            times.outputs += range(first, first + mapping.chains * mapping.filters)
    return times
