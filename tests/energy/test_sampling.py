"""Energy of all runs from that of some."""

import numpy as np
import pytest

from energy.sampling import sampling
from generators.errors import UserError


def _plan(strata, recorded):
    return {"strata": [{"layers": [f"layer_{number}"], "runs": runs, "cycles": cycles}
                       for number, (runs, cycles) in enumerate(strata)],
            "recorded": [{"stratum": stratum, "cycles": cycles} for stratum, cycles in recorded]}


def test_a_stratum_grows_with_its_cycles():
    # 4 of 100 runs: r = 2 pJ a cycle, residuals 1, -1, -1, 1, so s^2 = 4/3.
    plan = _plan([(100, 1000)], [(0, 10), (0, 10), (0, 12), (0, 8)])
    found = sampling([21, 19, 23, 17], plan)
    assert found["total_pj"] == pytest.approx(2000)
    half = 3.1824 * (100 * 96 * (4 / 3) / 4) ** 0.5
    assert found["high_pj"] - found["total_pj"] == pytest.approx(half)
    assert found["total_pj"] - found["low_pj"] == pytest.approx(half)
    assert found["text"] == "sampled 4 of 100 runs, ±9 % (95 % confidence)"


def test_what_is_recorded_whole_has_no_error():
    found = sampling([5, 7, 100], _plan([(2, 20), (1, 50)], [(0, 8), (0, 12), (1, 50)]))
    assert (found["low_pj"], found["total_pj"], found["high_pj"]) == (112, 112, 112)
    assert found["text"] == "all 3 runs recorded"


def test_nineteen_of_twenty_intervals_hold_the_truth():
    random = np.random.default_rng(0)
    strata = []
    for size, per_cycle in ((100, 3.0), (40, 10.0), (2, 1.0)):
        cycles = random.integers(800, 1200, size)
        strata.append((cycles, cycles * per_cycle * random.normal(1, 0.1, size)))
    truth = sum(energies.sum() for _, energies in strata)
    held = 0
    for _ in range(1000):
        recorded, energies = [], []
        for number, ((cycles, joules), n) in enumerate(zip(strata, (8, 4, 2), strict=True)):
            for one in random.permutation(len(cycles))[:n]:
                recorded.append((number, int(cycles[one])))
                energies.append(joules[one])
        found = sampling(energies, _plan([(len(c), int(c.sum())) for c, _ in strata], recorded))
        held += found["low_pj"] <= truth <= found["high_pj"]
    assert 930 <= held <= 995


@pytest.mark.parametrize(("energies", "message"), [
    ([1.0], "sampling: 1 energies for 2 recorded runs; price each recorded run by itself"),
    ([1.0, 2.0], "sampling: 0 of 7 runs of layer_1 recorded; record two or more"),
])
def test_too_little_is_refused(energies, message):
    with pytest.raises(UserError) as error:
        sampling(energies, _plan([(9, 90), (7, 70)], [(0, 10), (0, 10)]))
    assert str(error.value) == message
