"""TOPS/W of a compute-in-memory run, with what a reader must know to compare it with another."""

from .adders import format_bits
from .cim import CIM_KINDS
from .formatting import number, percent

__all__ = ["conditions", "efficiency"]

# What published macros count: cells, word lines, trees, accumulators, converters.
_MACRO_KINDS = CIM_KINDS | {"cim_macro", "cim_group"}
_OPERATIONS = 2  # of a MAC: a multiplication and an addition


def efficiency(manifest, activity, run, parts, counts, technology):
    """Operations per energy, under the conditions that published figures are stated with.

    Parameters
    ----------
    manifest, activity, run, technology
        See `energy.annotate.annotate`.
    parts: list of Part
    counts: dict
        See `energy.pricing.operations`.

    Returns
    -------
    dict or None
        ``inputs``, ``weights`` (formats), ``input_bits`` (mean over the MACs), ``node_nm``,
        ``voltage_v``, ``toggle_rate`` (toggles of a word line's bit in a step), ``zero_share``
        (word-line bits that are 0 in a step); ``core`` and ``macros``, each with ``energy_pj``,
        ``tops_per_watt`` and ``fj_per_1b_operation``. None if any of it is unknown, as it is
        for engines without word lines.
    """
    engine = next((component["parameters"] for component in manifest["components"]
                   if component["kind"] == "engine"), {})
    lines = _word_lines(manifest, activity, counts)
    if lines is None or not run["macs"] or not {"inputs", "weights"} <= engine.keys():
        return None
    inputs, weights = engine["inputs"], engine["weights"]
    bit_macs = sum(layer["macs"] * layer.get("input_bits", format_bits(inputs))
                   for layer in run["layers"])
    macs = sum(layer["macs"] for layer in run["layers"])
    input_bits = bit_macs / macs
    scopes = {"core": parts, "macros": [part for part in parts if part.kind in _MACRO_KINDS]}
    return {"inputs": inputs, "weights": weights, "input_bits": input_bits,
            "node_nm": technology.file.node_nm, "voltage_v": technology.file.voltage_v, **lines,
            **{name: _figures(sum(part.activity_pj for part in found),
                              _OPERATIONS * run["macs"], input_bits * format_bits(weights))
               for name, found in scopes.items()}}


def conditions(found):
    """Of an `efficiency`, all that must stand beside its figures, as a phrase."""
    used = found["input_bits"]
    partly = used < format_bits(found["inputs"])
    inputs = found["inputs"] + (f" ({number(used)} bits used)" if partly else "")
    return (f"{inputs} x {found['weights']}, {found['voltage_v']:g} V ({found['node_nm']:g} nm), "
            f"toggle rate {number(found['toggle_rate'])} per word-line bit and step, input "
            f"sparsity {percent(found['zero_share'])} (word-line bits that are 0)")


def _figures(energy_pj, operations, bit_products):
    """An operation per pJ is a TOPS/W; a product of 1 bit x 1 bit is an operation's share."""
    return {"energy_pj": energy_pj, "tops_per_watt": operations / energy_pj,
            "fj_per_1b_operation": 1000 * energy_pj / (operations * bit_products)}


def _word_lines(manifest, activity, counts):
    """How often a word line's bit toggles in a step, and how often it is 0; None without steps.

    Rows that a layer leaves unused are 0.
    """
    period_ns = manifest["clock"]["period_ns"]
    toggles = high = driven = 0
    for component in manifest["components"]:
        path, p = component["path"], component["parameters"]
        outer = path.rpartition(".")[0]
        match component["kind"]:
            case "cim_cells":
                net, bits = activity.net(f"{path}.planes"), p["rows"] * p["bits_per_cycle"]
                steps, held = counts[outer], 1
            case "analog_columns":  # lines hold while a converter serves its columns in turn
                net, bits = activity.net(f"{path}.lines"), p["rows_active"] * p["dac_bits"]
                steps, held = activity.cycles_high(f"{outer}.add", period_ns), p["columns"]
            case _:
                continue
        toggles += net.total_toggles
        high += sum(net.high_ns) / period_ns / held
        driven += bits * steps / held
    return {"toggle_rate": toggles / driven, "zero_share": 1 - high / driven} if driven else None
