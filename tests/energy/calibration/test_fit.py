"""Fits against known coefficients, and against the same problem solved by scipy step by step."""

import numpy as np
import pytest
from scipy.optimize import nnls

from energy.calibration.fit import Moments, fit

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)


def _matrix(random, rows, nets, chance=0.5):
    return (random.random((rows, nets)) < chance).astype(float)


def _fit(data):
    moments = Moments()
    for name, (matrix, energies, known) in data.items():
        moments.add(name, matrix, energies, known)
    return fit(moments)


def _by_hand(data):
    """Ridge regression row by row with scipy's solver, for each strength with each set left out."""
    weighted = [(matrix / (energies.mean() * np.sqrt(len(matrix))),
                 (energies - known) / (energies.mean() * np.sqrt(len(matrix))))
                for matrix, energies, known in data.values()]
    scale = np.sqrt(sum((matrix**2).sum(0) for matrix, _ in weighted))
    scale[scale == 0] = 1
    weighted = [(matrix / scale, rest) for matrix, rest in weighted]

    def solve(parts, strength):
        matrix = np.concatenate([matrix for matrix, _ in parts])
        penalty = np.eye(len(scale)) * np.sqrt(strength * (matrix**2).sum() / len(scale))
        rest = np.concatenate([rest for _, rest in parts])
        return nnls(np.concatenate([matrix, penalty]),
                    np.concatenate([rest, np.zeros(len(scale))]))[0]

    errors = []
    for strength in STRENGTHS:
        left_out = [((matrix @ solve(weighted[:n] + weighted[n + 1:], strength) - rest)**2
                     ).sum() for n, (matrix, rest) in enumerate(weighted)]
        errors.append(np.mean(left_out))
    best = int(np.argmin(errors))
    return solve(weighted, STRENGTHS[best]) / scale, np.sqrt(errors[best]), STRENGTHS[best]


def _noisy(seed, *, rows, nets, noise):
    """Data sets whose coefficients are partly zero or negative, some nets never moving."""
    random = np.random.default_rng(seed)
    true = random.normal(0.5, 1, nets)
    data = {}
    for name, known in (("a", 15), ("b", 12), ("c", 18)):
        matrix = _matrix(random, rows, nets, random.uniform(0.1, 0.6))
        matrix[:, 2] = 0
        data[name] = matrix, known + matrix @ true + random.normal(0, noise, rows), known
    return data


@pytest.mark.parametrize(("seed", "rows", "nets", "noise"), [
    (1, 40, 3, 0.1), (2, 40, 12, 1), (3, 15, 30, 3), (4, 400, 60, 0.01), (5, 12, 20, 6),
    (6, 60, 90, 1)])
def test_equals_least_squares_row_by_row(seed, rows, nets, noise):
    data = _noisy(seed, rows=rows, nets=nets, noise=noise)
    coefficients, error = _fit(data)
    expected, expected_error, _ = _by_hand(data)
    np.testing.assert_allclose(coefficients, expected, atol=1e-7)
    assert error == pytest.approx(expected_error, rel=1e-6)


def test_strength_is_the_one_that_predicts_best():
    strengths = {_by_hand(_noisy(seed, rows=rows, nets=20, noise=noise))[2]
                 for seed, rows, noise in ((4, 400, 0.01), (5, 12, 6), (3, 15, 3))}
    assert len(strengths) > 1   # so that the comparison above tells one from another


def test_recovers_known_coefficients():
    random = np.random.default_rng(3)
    true = np.array([0.5, 0, 1, 0.25, 3])
    data = {name: (matrix, 2 + matrix @ true, 2) for name, matrix in
            ((name, _matrix(random, 500, 5, chance)) for name, chance in
             (("a", 0.2), ("b", 0.5), ("c", 0.7)))}
    coefficients, error = _fit(data)
    np.testing.assert_allclose(coefficients, true, atol=0.02)
    assert error < 0.01


def test_a_toggle_gives_no_energy_back():
    random = np.random.default_rng(4)
    data = {name: (matrix, 5 + matrix @ [1, -1], 5) for name, matrix in
            ((name, _matrix(random, 200, 2)) for name in "ab")}
    coefficients, _ = _fit(data)
    assert coefficients[1] == 0
    assert np.all(coefficients >= 0)


@pytest.mark.parametrize("known", [0.1 * n for n in range(1, 20)])
def test_nothing_but_what_is_known(known):
    """Toggles that come with it are not charged for it."""
    random = np.random.default_rng(5)
    data = {name: (_matrix(random, rows, 4), np.full(rows, known), known)
            for name, rows in (("a", 30), ("b", 7), ("c", 11))}
    coefficients, error = _fit(data)
    np.testing.assert_array_equal(coefficients, np.zeros(4))
    assert error == 0


def test_energies_below_what_is_known():
    random = np.random.default_rng(5)
    data = {name: (_matrix(random, 50, 4), random.uniform(5, 6, 50), 7) for name in "abc"}
    np.testing.assert_array_equal(_fit(data)[0], np.zeros(4))


def test_what_is_known_counts_in_the_mean_that_errors_are_told_in():
    data = _noisy(2, rows=40, nets=12, noise=1)
    more = {name: (matrix, energies + 3 * energies.mean(), known + 3 * energies.mean())
            for name, (matrix, energies, known) in data.items()}
    (coefficients, error), (same, quarter) = _fit(data), _fit(more)
    np.testing.assert_allclose(same, coefficients, atol=1e-9)
    assert quarter == pytest.approx(error / 4)


def test_all_coefficients_are_shrunk():
    """By one part in a thousand at least, where each net moves alone."""
    matrix, true = np.tile(np.eye(4), (10, 1)), np.array([1, 2, 3, 4])
    coefficients, _ = _fit(dict.fromkeys("ab", (matrix, 1 + matrix @ true, 1)))
    np.testing.assert_allclose(coefficients, true / 1.001)


def test_a_net_that_never_moves_has_no_coefficient():
    coefficients, _ = _fit(_noisy(1, rows=40, nets=3, noise=0.1))
    assert coefficients[2] == 0


def test_a_net_that_moves_in_one_data_set_alone():
    random = np.random.default_rng(6)
    data = {}
    for name in "abc":
        matrix = _matrix(random, 300, 2)
        matrix[:, 1] *= name == "b"
        data[name] = matrix, 4 + matrix @ [1, 2], 4
    coefficients, _ = _fit(data)
    np.testing.assert_allclose(coefficients, [1, 2], atol=0.05)


def test_rows_may_come_in_parts():
    """As of several components, each with a clock of its own."""
    data, moments = {}, Moments()
    for name, (matrix, energies, known) in _noisy(2, rows=40, nets=12, noise=1).items():
        parts = np.repeat([0.0, 2.5, 6.0], [7, 1, 32])
        data[name] = matrix, energies + parts, known + parts
        for part in (slice(0, 7), slice(7, 8), slice(8, None)):
            moments.add(name, matrix[part], (energies + parts)[part], known + parts[part][0])
    found, expected = fit(moments), _by_hand(data)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-7)
    assert found[1] == pytest.approx(expected[1])


def test_data_sets_count_alike_whatever_their_length_and_energy():
    data = _noisy(2, rows=40, nets=12, noise=1)
    matrix, energies, known = data["b"]
    longer = data | {"b": (np.tile(matrix, (5, 1)), np.tile(energies, 5), known)}
    np.testing.assert_allclose(_fit(longer)[0], _fit(data)[0], atol=1e-9)
    scaled = {name: (matrix, 1e-3 * energies, 1e-3 * known)
              for name, (matrix, energies, known) in data.items()}
    np.testing.assert_allclose(_fit(scaled)[0], 1e-3 * _fit(data)[0], atol=1e-12)
    assert _fit(scaled)[1] == pytest.approx(_fit(data)[1])
