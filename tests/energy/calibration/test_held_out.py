"""Errors on held-out data, worked out by hand."""

import numpy as np
import pytest

from energy.calibration.held_out import Comparison, summarize


def _comparison(name, predicted, gate, constant_pj=1.0):
    return Comparison(name, np.asarray(predicted, float), np.asarray(gate, float), constant_pj)


def test_errors_of_a_data_set():
    found = _comparison("a", [[1, 3], [2, 4]], [[2, 2], [2, 2]], constant_pj=3)
    assert found.error == pytest.approx(10 / 8 - 1)
    assert found.constant_error == pytest.approx(3 * 4 / 8 - 1)


def test_windows_add_up_components_and_leave_the_rest_out():
    gate = np.arange(48).reshape(24, 2)
    predicted, windows = _comparison("a", 2 * gate, gate).windows_pj
    np.testing.assert_array_equal(windows, [sum(range(20)), sum(range(20, 40))])
    np.testing.assert_array_equal(predicted, 2 * windows)


def test_summary():
    one = _comparison("one", np.full((20, 1), 1.1), np.full((20, 1), 1.0), constant_pj=1.5)
    gate = np.concatenate([np.full((10, 1), 2.0), np.full((15, 1), 4.0)])
    predicted = gate * np.concatenate([np.full((10, 1), 1.5), np.full((15, 1), 0.5)])
    two = _comparison("two", predicted, gate, constant_pj=1.5)
    found = summarize("core", [one, two])
    assert (found.design, found.instances, found.cycles) == ("core", 1, 45)
    assert found.data_sets == {"one": 0.1, "two": -0.25}
    assert (found.mean, found.worst) == (0.175, 0.25)
    assert (found.constant_mean, found.constant_worst) == (pytest.approx((0.5 + 0.5313) / 2, 1e-3),
                                                           0.5312)
    # Windows: 10 %, 10 %, 50 %, 50 %; what remains of the second data set is none.
    assert (found.windows_mean, found.windows_p95) == (0.3, 0.5)


def test_several_components_are_told_apart_by_no_error():
    found = summarize("core", [_comparison("a", np.tile([[0.5, 1.5]], (10, 1)), np.ones((10, 2)))])
    assert (found.instances, found.cycles, found.mean, found.windows_mean) == (2, 10, 0, 0)
