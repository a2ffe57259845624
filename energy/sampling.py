"""Energy of a whole program from recordings of a random sample of its runs, with its error.

The runs fall into strata, such as the tiles of one layer for all images, and some of each stratum
are recorded. Energy grows with a run's cycles, which are known of all runs. So a stratum of C
cycles in N runs, n of them drawn with energies e and cycles c, takes E = C r with r = sum(e)/sum(c)
(ratio estimator), with the variance N^2 (1 - n/N) s^2 / n, s^2 = sum((e - r c)^2)/(n - 1): what is
recorded whole is exact (W. G. Cochran, Sampling Techniques, 3rd edition, sections 6.3, 6.10).
Strata add up. The 95 % interval is Student's with as few degrees of freedom as the stratum with the
fewest has: the usual estimate of them (ibid., section 5.4) promises too much where strata are small
and uneven. The estimator's bias, of the order of 1/n, is not in it.
"""

from statistics import NormalDist

import numpy as np

from generators.errors import UserError

__all__ = ["sampling"]

# Student's t, 97.5 %, for 1, 2, ... degrees of freedom.
_STUDENT = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


def sampling(per_run_pj, plan):
    """The energy of all runs, from that of the recorded ones.

    Parameters
    ----------
    per_run_pj: list of float
        Energy of each recorded run, in the plan's order.
    plan: dict
        From `ergon.run.sample_plan`: ``strata``, each with ``runs`` and ``cycles`` of all its runs,
        and ``recorded``, the ``stratum`` and ``cycles`` of each recorded run.

    Returns
    -------
    dict
        ``total_pj`` with the 95 % interval ``low_pj`` to ``high_pj``; ``relative``, half of the
        interval as a part of the total; ``recorded`` and ``runs``; and ``text``, a sentence.

    Raises
    ------
    UserError
        If a stratum lacks recordings, one of all its runs or two, or energies are missing.
    """
    if len(per_run_pj) != len(plan["recorded"]):
        raise UserError(f"sampling: {len(per_run_pj)} energies for {len(plan['recorded'])} recorded"
                        " runs; price each recorded run by itself")
    drawn = [[] for _ in plan["strata"]]
    for energy, run in zip(per_run_pj, plan["recorded"], strict=True):
        drawn[run["stratum"]].append((energy, run["cycles"]))
    estimates = [_stratum(pairs, stratum) for pairs, stratum
                 in zip(drawn, plan["strata"], strict=True)]
    total, variance = (float(sum(estimate[part] for estimate in estimates)) for part in (0, 1))
    fewest = min((len(pairs) - 1 for pairs, stratum in zip(drawn, plan["strata"], strict=True)
                  if len(pairs) < stratum["runs"]), default=None)
    half = _student(fewest) * variance ** 0.5 if fewest else 0.0
    runs = sum(stratum["runs"] for stratum in plan["strata"])
    relative = half / total if total else 0.0
    recorded = len(per_run_pj)
    text = (f"all {runs} runs recorded" if recorded == runs else
            f"sampled {recorded} of {runs} runs, ±{100 * relative:.2g} % (95 % confidence)")
    return {"text": text, "total_pj": total, "low_pj": total - half, "high_pj": total + half,
            "relative": relative, "recorded": recorded, "runs": runs}


def _stratum(pairs, stratum):
    """Estimated energy and its variance."""
    n, runs = len(pairs), stratum["runs"]
    if n < min(2, runs):
        raise UserError(f"sampling: {n} of {runs} runs of {', '.join(stratum['layers'])} recorded; "
                        "record two or more")
    energies, cycles = np.array(pairs).T
    ratio = energies.sum() / cycles.sum()
    if n == runs:
        return energies.sum(), 0.0
    scatter = ((energies - ratio * cycles) ** 2).sum() / (n - 1)
    return ratio * stratum["cycles"], runs * (runs - n) * scatter / n


def _student(degrees):
    """The 97.5 % quantile of Student's t; above ten degrees by its expansion (to 2e-4)."""
    if degrees <= len(_STUDENT):
        return _STUDENT[degrees - 1]
    z = NormalDist().inv_cdf(0.975)
    return (z + (z ** 3 + z) / (4 * degrees)
            + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2)
            + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3))
