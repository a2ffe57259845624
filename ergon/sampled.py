"""The energy of a program of which only a sample of runs was recorded."""

from energy.annotate import annotate
from energy.sampling import sampling

__all__ = ["sampled"]


def sampled(manifest, activities, run, plan, technology, registers, cards=None):
    """The energy of all runs, with a confidence interval: `energy.sampling.sampling`'s result.

    Parameters
    ----------
    manifest: dict
    activities: list of Activity
        Of each recorded run by itself.
    run: dict
        As `energy.annotate.annotate` takes it.
    plan: dict
        From `ergon.run.sample_plan`.
    technology: Technology
    registers: iterable of str
        See `energy.netlist.register_paths`.
    cards: iterable of Card or None
        See `energy.annotate.annotate`.
    """
    registers = tuple(registers)
    alone = run | {"layers": [], "runs": 1, "priced_runs": 1}
    return sampling([annotate(manifest, activity,
                              alone | {"cycles": one["cycles"], "macs": one["macs"]},
                              technology, registers, cards).total_pj
                     for activity, one in zip(activities, plan["recorded"], strict=True)], plan)
