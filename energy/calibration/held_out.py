"""How far a card's energies are from the gate level on data that it has not seen."""

from dataclasses import dataclass

import numpy as np

from energy.cards import HeldOut

__all__ = ["WINDOW", "Comparison", "summarize"]

WINDOW = 10  # cycles


@dataclass(frozen=True)
class Comparison:
    """One data set of one design.

    Parameters
    ----------
    name: str
    predicted_pj, gate_pj: numpy.ndarray
        ``float[cycles, components]``, without leakage.
    constant_pj: float
        Energy of a cycle of one component in the data that the card was fitted to.
    """

    name: str
    predicted_pj: np.ndarray
    gate_pj: np.ndarray
    constant_pj: float

    @property
    def error(self):
        """Of the energy of all cycles and components."""
        return float(self.predicted_pj.sum() / self.gate_pj.sum() - 1)

    @property
    def constant_error(self):
        """Of the baseline that every cycle costs the same."""
        return float(self.constant_pj * self.gate_pj.size / self.gate_pj.sum() - 1)

    @property
    def windows_pj(self):
        """Predicted and gate-level energy of all components in windows of `WINDOW` cycles."""
        count = len(self.gate_pj) // WINDOW
        return tuple(energy[:count * WINDOW].sum(1).reshape(count, WINDOW).sum(1)
                     for energy in (self.predicted_pj, self.gate_pj))


def summarize(design, comparisons):
    """The `HeldOut` errors of one design."""
    errors = {found.name: found.error for found in comparisons}
    constant = [abs(found.constant_error) for found in comparisons]
    windows = np.concatenate([np.abs(predicted / gate - 1) for predicted, gate in
                              (found.windows_pj for found in comparisons)])
    sizes = np.abs(list(errors.values()))
    return HeldOut(
        design=design, instances=comparisons[0].gate_pj.shape[1],
        cycles=sum(len(found.gate_pj) for found in comparisons),
        mean=_rounded(sizes.mean()), worst=_rounded(sizes.max()),
        windows_mean=_rounded(windows.mean()),
        windows_p95=_rounded(np.percentile(windows, 95)),
        constant_mean=_rounded(np.mean(constant)), constant_worst=_rounded(max(constant)),
        data_sets={name: _rounded(error) for name, error in errors.items()})


def _rounded(fraction):
    return round(float(fraction), 4)
