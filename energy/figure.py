"""What a figure is: its technology, what is counted and what not, and how far it may be off."""

from .adders import format_bits
from .caveats import left_out, measured
from .formatting import energy, number, percent
from .parts import kind_name
from .silicon import compare_with_silicon

__all__ = ["band", "describe"]

_PJ_PER_NW_NS = 1e-6
_LEAST_SHOWN = 0.001  # of the energy, as a share with a number of its own


def band(parts, technology):
    """How far the total may be off.

    Low and high are the sums of all parts' lows and highs, as if all errors went one way: wider
    than errors that are independent of each other would make it.

    Returns
    -------
    dict
        ``text``; ``factor``, between the total and the farther end; ``low_pj``, ``high_pj``;
        ``calibrated_share`` of the energy and ``calibrated_error``, the worst of the cards in it, a
        fraction of its energy and None without any.
    """
    total = sum(part.activity_pj for part in parts)
    low, high = _range(parts)
    factor = max(high / total, total / low) if total else technology.error_factor
    cards = [part for part in parts if part.calibrated]
    share = sum(part.activity_pj for part in cards) / total if total else 0.0
    worst = max((part.error_factor - 1 for part in cards), default=None)
    if not cards:
        text = (f"not calibrated: energies per operation, good to about a factor of {factor:.2g} "
                f"either way; without {left_out(technology)}")
    else:
        rest = [part for part in parts if not part.calibrated]
        text = (f"{percent(share)} of the energy is calibrated against gate level, to within "
                f"{percent(worst)} on data that was never fitted")
        if any(part.activity_pj for part in rest):
            rest_pj, (low_pj, high_pj) = sum(part.activity_pj for part in rest), _range(rest)
            text += (f"; the rest comes from constants, good to about a factor of "
                     f"{max(high_pj / rest_pj, rest_pj / low_pj):.2g} either way")
    return {"text": text, "factor": factor, "low_pj": low, "high_pj": high,
            "calibrated_share": share, "calibrated_error": worst}


def _range(parts):
    return (sum(part.activity_pj / part.error_factor for part in parts),
            sum(part.activity_pj * part.error_factor for part in parts))


def describe(manifest, activity, run, technology, parts, found, *, constants_pj):
    """What the figures of a run are, fact by fact.

    Parameters
    ----------
    manifest, activity, run, technology
        See `energy.annotate.annotate`.
    parts: list of Part
    found: energy.calibrated.Calibrated
    constants_pj: float
        What the technology's constants, scaled by activity, make of what cards price.

    Returns
    -------
    dict of str to dict
        For each fact its ``text``, and the numbers in it by names of their own: ``technology``,
        ``error``, ``calibration``, ``glitches``, ``wires``, ``clock tree``, ``leakage``, ``fixed
        energy``, and where there are any, ``uncalibrated``, ``sampling`` and ``silicon``.
    """
    total = sum(part.activity_pj for part in parts)
    limits = band(parts, technology)
    groups = found.groups
    facts = {
        "technology": _technology(technology.file),
        "error": limits | {"text": f"{energy(limits['low_pj'])} to {energy(limits['high_pj'])}: "
                           "the sums of all parts' lows and highs, as if all errors went one way"},
        "calibration": _calibration(groups, limits),
    }
    if found.refused:
        facts["uncalibrated"] = {
            "text": "; ".join(found.refused) + ": no card fits, and none is stretched; priced by "
                    "constants, good to a factor of 2 at best",
            "components": list(found.refused)}
    facts |= {"glitches": _glitches(groups, technology),
              "wires": _wires(groups, technology),
              "clock tree": _clock_tree(parts, groups, technology.file.clock_tree),
              "leakage": _leakage(manifest, activity, technology, parts, total)}
    if sampling := run.get("sampling"):
        facts["sampling"] = sampling | {
            "text": f"{energy(sampling['total_pj'])} for all runs, {energy(sampling['low_pj'])} to "
                    f"{energy(sampling['high_pj'])} beside the error: {sampling['text']}"}
    facts["fixed energy"] = _baseline(parts, total, constants_pj)
    if silicon := _silicon(manifest, run, technology, total):
        facts["silicon"] = silicon
    return facts


def _technology(file):
    conditions = [f"{file.node_nm:g} nm", f"{file.voltage_v:g} V",
                  f"{file.temperature_c:g} °C" if file.temperature_c is not None
                  else "temperature not stated",
                  f"corner {file.corner}"]
    if file.library:
        conditions.append(f"library {file.library}")
    return {"text": f"{file.name}: " + ", ".join(conditions), "name": file.name,
            "node_nm": file.node_nm, "voltage_v": file.voltage_v, "corner": file.corner,
            "temperature_c": file.temperature_c, "library": file.library}


def _calibration(groups, limits):
    if not groups:
        return {"text": "none: energies per operation", "cards": [], "share": 0.0}
    cards = [{"name": group.card.name, "kind": group.card.kind, "instances": len(group.variants),
              "error": group.card.error} for group in groups]
    listed = ", ".join(f"{card['instances']:,} x {kind_name(card['kind'])} by the card "
                       f"{card['name']}, to within {percent(card['error'])}" for card in cards)
    return {"text": f"{percent(limits['calibrated_share'])} of the energy: {listed} (the worst of "
                    f"data and arrays that were never fitted)",
            "cards": cards, "share": limits["calibrated_share"]}


def _glitches(groups, technology):
    places = []
    cards = [group.card.name for group in groups if group.card.conditions.glitches]
    if cards:
        places.append("calibrated parts" if len(cards) == len(groups) else
                      f"the parts of {', '.join(cards)}")
    if measured(technology):
        places.append("energies of operations, as uniform random data make them")
    if not places:
        return {"text": "not counted: the simulation has no delays", "counted": False}
    return {"text": f"counted in {', and in '.join(places)}; not elsewhere", "counted": True}


def _wires(groups, technology):
    """Capacitance for each input that a net drives, by where it is counted."""
    loads, band_ff = {}, technology.file.wires and technology.file.wires.ff_per_fanout
    if groups:
        loads["calibrated parts"] = sorted({group.card.conditions.wire_ff_per_fanout
                                            for group in groups})
    if measured(technology) and band_ff:
        loads["energies of operations"] = [band_ff.typical]
    if not loads:
        return {"text": "not counted", "ff_per_fanout": {}}
    text = ", and ".join(f"{' or '.join(map(number, found))} fF in {place}"
                         for place, found in loads.items())
    text += " for each input that a net drives; nothing is placed or routed"
    if band_ff:
        text += f", and {band_ff.low:g} to {band_ff.high:g} fF would be as plausible"
    return {"text": text, "ff_per_fanout": loads}


def _clock_tree(parts, groups, tree):
    by_cards = any(group.card.conditions.clock_tree for group in groups)
    part = next((part for part in parts if part.kind == "clock_tree"), None)
    if part is None:
        return {"text": "counted by the cards" if by_cards else "not counted", "counted": by_cards}
    low, high = _range([part])
    cards = "; that of calibrated parts is counted by their cards" if by_cards else ""
    return {"text": f"an estimate in the total, {energy(part.activity_pj)} ({energy(low)} to "
                    f"{energy(high)}) for {part.count:,} clock pins and their wires{cards}",
            "counted": True, "low_pj": low, "typical_pj": part.activity_pj, "high_pj": high,
            "sinks": part.count, "reason": tree.reason}


def _leakage(manifest, activity, technology, parts, total):
    logic = sum(part.activity_pj for part in parts if part.calibrated and part.part == "leakage")
    srams = 0.0
    if technology.sram.idle_is_known:
        srams = _PJ_PER_NW_NS * activity.duration_ns * sum(
            technology.sram.leakage_nw(bank["depth"], bank["width"])
            for bank in manifest["memories"])
    counted = [name for name, leaking in (("calibrated parts", logic), ("SRAMs", srams)) if leaking]
    if not counted:
        return {"text": "not counted", "share": 0.0, "pj": 0.0}
    leaked = logic + srams
    share = leaked / total
    shown = percent(share) if share >= _LEAST_SHOWN else "less than 0.1 %"
    return {"text": f"{energy(leaked)}, {shown} of the energy, in {' and '.join(counted)}; not "
                    f"counted elsewhere", "share": share, "pj": leaked}


def _baseline(parts, total, constants_pj):
    fixed = sum(part.fixed_pj for part in parts)
    text = f"{energy(fixed)} at a fixed energy per action, whatever the data"
    if fixed and total:
        side = "above" if total > fixed else "below"
        text += f"; this figure is {percent(abs(total / fixed - 1))} {side} it"
    if constants_pj:
        cards = sum(part.activity_pj for part in parts if part.calibrated)
        text += (f"; of the calibrated parts, constants scaled by activity make "
                 f"{energy(constants_pj)} and the cards {energy(cards)}")
    return {"text": text, "fixed_pj": fixed, "constants_pj": constants_pj}


def _silicon(manifest, run, technology, total):
    """The ratio to published chips; None where operands or work are not known."""
    engine = next((component["parameters"] for component in manifest["components"]
                   if component["kind"] == "engine"), {})
    if not run["macs"] or not {"inputs", "weights"} <= engine.keys():
        return None
    compared = compare_with_silicon(technology, format_bits(engine["inputs"]),
                                    format_bits(engine["weights"]), total / run["macs"])
    return {"text": compared.sentence, "chips": list(compared.rows)}
