"""Power of every cell of a netlist from the activity of its nets, as OpenSTA 3.1 reports it."""

from dataclasses import dataclass

import numpy as np

from energy.gate_level.net_energies import energy_terms, in_group

__all__ = ["Power", "power"]


@dataclass(frozen=True)
class Power:
    """Watts of each instance, as arrays [instances].

    ``internal_w`` is spent in cells at toggles of their pins, ``switching_w`` in charging the nets
    that they drive (nets of input ports are nobody's), ``leakage_w`` at rest.
    """

    instances: list
    internal_w: np.ndarray
    switching_w: np.ndarray
    leakage_w: np.ndarray

    @property
    def total_w(self):
        """Watts of all instances."""
        return float(self.internal_w.sum() + self.switching_w.sum() + self.leakage_w.sum())

    def by_prefix(self, prefix):
        """(internal, switching, leakage) watts of an instance and all within it; '' is all."""
        member = np.array([in_group(instance, prefix) for instance in self.instances], bool)
        return tuple(
            float(watts[member].sum())
            for watts in (self.internal_w, self.switching_w, self.leakage_w)
        )


def power(netlist, library, timing, toggles):
    """The `Power` of a netlist.

    Parameters
    ----------
    netlist: Netlist
    library: Library
    timing: Timing
        Loads and slews, by `analyse`.
    toggles: Toggles
        Activity of the netlist's nets, by `read_vcd`; windows are added up.
    """
    terms = energy_terms(netlist, library, timing, toggles)
    density = toggles.totals[terms.nets] / toggles.duration_s

    def per_instance(joules):
        return np.bincount(terms.instances, joules * density, len(netlist.instances))

    return Power(
        netlist.instances,
        per_instance(terms.internal_j),
        per_instance(terms.switching_j),
        terms.leakage_w,
    )
