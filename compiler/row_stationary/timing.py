"""When the steps of a row-stationary array start: what its cost follows from."""

from functools import lru_cache

__all__ = ["last_start"]

FIRST_BEAT = 2      # the cycle of a job in which its first operands are offered to the engine


@lru_cache(maxsize=4096)
def last_start(passes, steps, step_cycles, taps, stride, tap_turns, column_beats, weight_beats,
               places, delay):
    """Cycle of a job in which its last step starts.

    A step starts when the step before has taken its time, all pixels of its window are there and,
    if it is the first of a pass, so are all weights. Operands come one beat per cycle, pixels as
    soon as a place of the window is free, weights as soon as one of two banks is.

    Parameters
    ----------
    passes, steps: int
        Passes, and steps of each of them.
    step_cycles: int
        From one step to the next, if nothing is missing.
    taps, stride: int
        Pixels of a window, and those that it moves from step to step.
    tap_turns: int
        Cycles that an element spends on a pixel.
    column_beats, weight_beats: int
        Beats of a column of pixels; beats of weights of a pass.
    places: int
        Pixels that an element holds.
    delay: int
        Cycles from the start of a step to that of its last row of elements.
    """
    read = delay + 3                    # until the first pixel of a window has been read
    passed = delay + 2 + taps * tap_turns

    def step(state, enter, leave, floor):
        """The state after a step before which so many pixels enter and after which some leave."""
        start, pixel, *free = state
        for number in range(enter):
            pixel = max(pixel + 1, free[number]) + column_beats - 1
        start = max(start + step_cycles, pixel + 1, floor)
        return start, pixel, *free[enter:], *(start + read + tap_turns * tap
                                              for tap in range(leave))

    def whole_pass(state):
        loaded, older, newer, *window = state
        loaded = max(loaded + 1, older) + weight_beats - 1
        window = step(window, taps, stride if steps > 1 else taps, loaded + 1)
        if steps > 1:
            window = _repeat(window, steps - 2, lambda now: step(now, stride, stride, 0))
            window = step(window, stride, taps, 0)
        return loaded, newer, window[0] + passed, *window

    begin = (FIRST_BEAT - 1, 0, 0, -step_cycles, FIRST_BEAT - 1, *(0 for _ in range(places)))
    return _repeat(begin, passes, whole_pass)[3]


def _repeat(state, count, step):
    """``step`` applied ``count`` times: states that have been before, but for a delay, recur."""
    seen = {}
    for done in range(count):
        key = tuple(time - state[0] for time in state)
        if key in seen:
            before, time = seen[key]
            period = done - before
            rounds, rest = divmod(count - done, period)
            later = (state[0] - time) * rounds
            state = tuple(time + later for time in state)
            for _ in range(rest):
                state = step(state)
            return state
        seen[key] = done, state[0]
        state = step(state)
    return state
