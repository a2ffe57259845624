"""Ridge regression with non-negative coefficients, its strength chosen by cross-validation.

E. A. Hoerl and R. W. Kennard, Technometrics 12, 1970, under the constraint that a toggle gives no
energy back; solved by block pivoting, J. Kim and H. Park, SIAM Journal on Scientific Computing 33,
2011. Every data set counts alike, whatever its energy; the strength is the one that predicts each
data set best from all the others.
"""

import numpy as np

__all__ = ["Moments", "fit"]

_STRENGTHS = 10.0 ** np.arange(-3.0, 1)
_PATIENCE = 5  # exchanges of whole blocks without progress before one at a time


class Moments:
    """Sums over the rows of each data set: all that a fit needs, however many rows there are."""

    def __init__(self):
        self._sums = {}

    def add(self, data_set, matrix, energies, known):
        """Add rows.

        Parameters
        ----------
        data_set: str
        matrix: numpy.ndarray
            ``float[rows, coefficients]``.
        energies: numpy.ndarray
            ``float[rows]``.
        known: float
            What each row has for certain, such as the energy of the clock.
        """
        rest = energies - known
        sums = (len(matrix), energies.sum(), matrix.T @ matrix, matrix.T @ rest, rest @ rest)
        before = self._sums.get(data_set)
        self._sums[data_set] = sums if before is None else tuple(
            a + b for a, b in zip(before, sums, strict=True))

    def weighted(self):
        """(gram, moments, square) of each data set, as multiples of its mean energy."""
        for rows, total, gram, moments, square in self._sums.values():
            weight = rows / total**2
            yield weight * gram, weight * moments, weight * square


def fit(moments):
    """Coefficients that explain what is not known of the energies.

    Parameters
    ----------
    moments: Moments
        Of two data sets at least.

    Returns
    -------
    coefficients: numpy.ndarray
    error: float
        Root mean square error of a row of a data set that was left out, in terms of its mean.
    """
    sums = list(moments.weighted())
    scale = np.sqrt(np.diag(sum(gram for gram, _, _ in sums)))
    scale[scale == 0] = 1
    sums = [(gram / np.outer(scale, scale), right / scale, square) for gram, right, square in sums]
    whole = tuple(sum(parts) for parts in zip(*sums, strict=True))
    found = []
    for strength in _STRENGTHS:
        of_all = _solve(whole[0], whole[1], strength)
        error = sum(_error(_solve(whole[0] - held[0], whole[1] - held[1], strength, of_all), held)
                    for held in sums)
        found.append((error / len(sums), strength))
    error, strength = min(found)
    # Rounding may leave a perfect prediction less than no error.
    return _solve(whole[0], whole[1], strength) / scale, float(np.sqrt(max(error, 0.0)))


def _error(coefficients, sums):
    gram, right, square = sums
    return coefficients @ gram @ coefficients - 2 * coefficients @ right + square


def _solve(gram, right, strength, like=None):
    """The minimum of ``c' gram c - 2 c' right + strength * |c|^2`` over c >= 0.

    ``like`` is a solution that is near.
    """
    penalty = np.full(len(gram), strength * np.trace(gram) / len(gram))
    # Nets that never move have no coefficient.
    moving = np.flatnonzero(np.diag(gram))
    coefficients = np.zeros(len(gram))
    free = np.ones(len(moving), bool) if like is None else like[moving] > 0
    coefficients[moving] = _pivot((gram + np.diag(penalty))[np.ix_(moving, moving)], right[moving],
                                  free)
    return coefficients


def _pivot(matrix, right, free):
    """The minimum of ``c' matrix c - 2 c' right`` over c >= 0, of a positive definite matrix.

    ``free`` are the coefficients that are positive at first.
    """
    fewest, patience = len(right) + 1, _PATIENCE
    while True:
        solution = np.zeros(len(right))
        solution[free] = np.linalg.solve(matrix[np.ix_(free, free)], right[free])
        slope = matrix @ solution - right
        wrong = np.where(free, solution < 0, slope < -1e-9 * np.abs(right).max())
        count = int(wrong.sum())
        if not count:
            return solution
        if count < fewest:
            fewest, patience = count, _PATIENCE
        elif patience:
            patience -= 1
        else:
            # One at a time, the last one: this always ends.
            wrong[:np.flatnonzero(wrong)[-1]] = False
        free ^= wrong
