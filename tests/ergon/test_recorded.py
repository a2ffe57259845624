"""Which runs of a program are recorded."""

from types import SimpleNamespace

from ergon.run import recorded_segments, sample_plan


def _program(*segments):
    segments = [SimpleNamespace(jobs=[SimpleNamespace(layer=layer, macs=7) for layer in layers],
                                cycles=cycles) for layers, cycles in segments]
    return SimpleNamespace(segments=segments, cycles=sum(one.cycles for one in segments))


NETWORK = _program(*[(("conv", "conv", "pool"), 30), (("fc",), 10), (("fc",), 15)] * 40)


def test_a_short_program_is_recorded_whole():
    assert recorded_segments(NETWORK, 40 * 55) == list(range(120))


def test_each_stratum_is_sampled():
    drawn = recorded_segments(NETWORK, 550)
    assert drawn == sorted(set(drawn)) == recorded_segments(NETWORK, 550)
    convolutions = [number for number in drawn if number % 3 == 0]
    assert (len(convolutions), len(drawn)) == (10, 30)
    assert drawn != recorded_segments(NETWORK, 550, seed=1)
    assert max(convolutions) > 60       # spread over the run
    assert len(recorded_segments(NETWORK, 1)) == 6
    assert recorded_segments(_program((("a",), 9), (("b",), 9)), 1) == [0, 1]


def test_the_plan_counts_all_runs():
    assert sample_plan(NETWORK, [0, 4, 5]) == {
        "strata": [{"layers": ["conv", "pool"], "runs": 40, "cycles": 1200},
                   {"layers": ["fc"], "runs": 80, "cycles": 1000}],
        "recorded": [{"stratum": 0, "cycles": 30, "macs": 21},
                     {"stratum": 1, "cycles": 10, "macs": 7},
                     {"stratum": 1, "cycles": 15, "macs": 7}]}
