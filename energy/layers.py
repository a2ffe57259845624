"""Shares the energy of a run out over its layers."""

from collections import defaultdict

from .cim import CIM_KINDS

__all__ = ["split"]

_BY_MACS = CIM_KINDS | {"pe", "scratchpad"}
_BY_CYCLES = {"writes", "clock", "leakage"}  # parts of them that no MAC causes


def split(parts, run, cycles):
    """Energy by layer, and what belongs to no layer.

    Each part's energy goes to the layers in proportion to what they used of it: accesses of a
    memory, MACs of what multiplies and adds, otherwise cycles. Both views use the same shares,
    because an activity file holds one total for the whole simulation.

    Parameters
    ----------
    parts: list of Part
    run: dict
        See `energy.annotate.annotate`.
    cycles: float
        Clock cycles that the activity covers.

    Returns
    -------
    layers: list of dict
        The run's layers with their energy.
    outside: dict
        ``fixed_pj``, ``activity_pj`` and ``parts`` of the rest.
    """
    energies = [_Energy() for _ in run["layers"]]
    outside = _Energy()
    for part in parts:
        shares = _shares(part, run, cycles)
        for energy, share in zip(energies, shares, strict=True):
            energy.add(part, share)
        outside.add(part, 1 - sum(shares))
    layers = [_described(layer, energy.to_dict(), run["peak_macs_per_cycle"])
              for layer, energy in zip(run["layers"], energies, strict=True)]
    return layers, outside.to_dict()


def _shares(part, run, cycles):
    """The layers' shares of one part, at most 1 in sum."""
    if part.kind == "sram":
        uses = [sum(layer["accesses"].get(part.part, {}).get(way, 0) for way in ("reads", "writes"))
                for layer in run["layers"]]
        whole = part.actions
    elif part.kind in _BY_MACS and part.part not in _BY_CYCLES:
        uses, whole = [layer["macs"] for layer in run["layers"]], run["macs"]
    else:
        uses, whole = [layer["cycles"] for layer in run["layers"]], cycles
    whole = max(whole, sum(uses))
    return [use / whole if whole else 0 for use in uses]


def _described(layer, energy, peak_macs_per_cycle):
    macs, peak = layer["macs"], peak_macs_per_cycle * layer["cycles"]
    return {**layer, "utilization": macs / peak if peak else 0, **energy,
            "pj_per_mac": energy["activity_pj"] / macs if macs else None}


class _Energy:
    """Energy of one layer, part by part."""

    def __init__(self):
        self.fixed = self.activity = 0.0
        self.parts = defaultdict(float)  # several cards of one kind have parts of one label

    def add(self, part, share):
        self.fixed += share * part.fixed_pj
        self.activity += share * part.activity_pj
        if share * part.activity_pj:
            self.parts[part.label] += share * part.activity_pj

    def to_dict(self):
        return {"fixed_pj": self.fixed, "activity_pj": self.activity, "parts": dict(self.parts)}
