"""Prices components by a technology's constants: what each kind does, how often, for how much.

Arithmetic is counted in operations and scaled by the toggles of its data: uniform random data
toggles `REFERENCE_ACTIVITY` times per bit and operation. Registers are charged by the toggle.
"""

from collections import defaultdict
from dataclasses import dataclass

from .adders import format_bits
from .cim import CIM_KINDS, cim_operations, cim_parts
from .clock_tree import clock_tree_pj
from .memories import scratchpad_parts
from .parts import REFERENCE_ACTIVITY, Part, common_path

__all__ = ["PRICED_KINDS", "clock_parts", "constant_parts", "operations"]

_BIAS_BITS = 32  # requantization works in 32 bits whatever the accumulator is, as LiteRT does


@dataclass(frozen=True)
class Operator:
    """How one operator of a kind of component is priced.

    Parameters
    ----------
    kind, part: str
        As in `Part`.
    nets: tuple of str
        Nets whose toggles stand for the operator's; of those that exist, the busiest counts.
    energy: function of (parameters, technology)
        Energy of one operation in pJ; 0 where this component lacks the operator.
    """

    kind: str
    part: str
    nets: tuple[str, ...]
    energy: object


_OPERATORS = (
    # A multiplier switches when either operand does; the stationary one hardly toggles.
    Operator("pe", "multiplier", ("moving_i", "weights_i", "moving", "stationary"),
             lambda p, technology: technology.multiplier_pj(p["input_bits"], p["weight_bits"])),
    # An output-stationary element adds up in `running`, and `sum_o` only drains it. The first
    # row of a stationary array has no partial sum to add to, and where a tree adds, no element has.
    Operator("pe", "adder", ("running", "sum_o", "total"), lambda p, technology:
             technology.adder_pj(p["sum_bits"]) if "sum_bits" in p and p.get("sum_in") != "None"
             else 0),
    Operator("accumulate_lane", "adder", ("total",), lambda p, technology:
             technology.adder_pj(format_bits(p["accumulator"]))),
    Operator("requantize", "multiplier", ("x",), lambda p, technology:
             technology.multiplier_pj(_BIAS_BITS, p["multiplier_bits"])),
    # One adds the bias, the other rounds.
    Operator("requantize", "adders", ("rounded",), lambda p, technology:
             2 * technology.adder_pj(_BIAS_BITS)),
)

PRICED_KINDS = {operator.kind for operator in _OPERATORS} | CIM_KINDS | {"scratchpad"}
# Storage whose energy is one per access, conversion or write.
_STORAGE_KINDS = {"sram", "scratchpad", "cim_cells", "analog_columns", "analog_adc"}


def operations(manifest, activity, macs):
    """Operations of each component that computes, by its path.

    Useful multiply-accumulates are spread over the processing elements; other operators work in
    the cycles in which their enable net is high. Compute-in-memory: see `cim_operations`.
    """
    components = {component["path"]: component for component in manifest["components"]}
    elements = sum(component["kind"] == "pe" for component in components.values())
    period_ns = manifest["clock"]["period_ns"]
    counts = cim_operations(manifest, activity, macs)
    for path, component in components.items():
        match component["kind"]:
            case "pe":
                counts[path] = macs / elements
            case "accumulate_lane":
                counts[path] = activity.cycles_high(f"{path}.add", period_ns)
            case "requantize":  # a vector takes its post-processing unit one beat or more
                unit = path.rpartition(".")[0]
                shape = components[unit]["parameters"]
                counts[path] = (activity.cycles_high(f"{unit}.i_valid", period_ns)
                                * shape["columns"] / shape["lanes"])
    return counts


def constant_parts(manifest, activity, registers, counts, technology, among):
    """Some components by the technology's constants: arithmetic, cells, scratchpads, registers.

    Parameters
    ----------
    manifest, activity, registers, technology
        See `energy.annotate.annotate`.
    counts: dict
        See `operations`.
    among: set of str
        Paths of the components that are priced; "" are registers of the top module itself.

    Returns
    -------
    parts: list of Part
    unseen: dict of str to int
        Registers that the activity file lacks, by kind.
    """
    priced = manifest | {"components": [component for component in manifest["components"]
                                        if component["path"] in among]}
    stored, unseen = _register_parts(manifest, activity, registers, counts, technology, among)
    return [*_arithmetic_parts(priced, activity, counts, technology),
            *cim_parts(manifest, activity, counts, technology, among), *stored,
            *scratchpad_parts(priced, activity, technology)], unseen


def _arithmetic_parts(manifest, activity, counts, technology):
    """Yields a `Part` for each operator that had something to do."""
    for operator in _OPERATORS:
        paths = []
        actions = fixed = scaled = 0.0
        for component in manifest["components"]:
            path = component["path"]
            energy = (operator.energy(component["parameters"], technology)
                      if component["kind"] == operator.kind else 0)
            if not energy:
                continue
            nets = [activity.nets[name] for net in operator.nets
                    if (name := f"{path}.{net}") in activity.nets]
            paths.append(path)
            actions += counts[path]
            fixed += counts[path] * energy
            # An element of several multipliers has all of their operands in a net.
            scaled += energy * max((net.total_toggles / (REFERENCE_ACTIVITY * net.bits)
                                    * component["parameters"].get("macs", 1)
                                    for net in nets), default=counts[path])
        if actions or scaled:
            yield Part(path=common_path(paths), kind=operator.kind, part=operator.part,
                       count=len(paths), unit="operations", actions=actions, fixed_pj=fixed,
                       activity_pj=scaled, error_factor=technology.error_factor)


def _register_parts(manifest, activity, registers, counts, technology, among):
    """Registers, summed by the kind of the innermost component around them.

    By activity, each toggle costs. As a fixed energy, each register of a component that computes
    takes a random value per operation; other registers have no action to count, so that their
    toggles stand in both views. Registers inside of memories and cells belong to the energy per
    access.
    """
    kinds = _kinds(manifest)
    owners, toggles, fixed, unseen = (defaultdict(set), defaultdict(int), defaultdict(float),
                                      defaultdict(int))
    for register in registers:
        path = _owner(register, kinds)
        kind = kinds[path]
        net = activity.nets.get(register)
        if path not in among or kind in _STORAGE_KINDS:
            continue
        if net is None:
            unseen[kind] += 1
            continue
        owners[kind].add(path)
        toggles[kind] += net.total_toggles
        fixed[kind] += (counts[path] * net.bits * REFERENCE_ACTIVITY if path in counts
                        else net.total_toggles)
    energy = technology.register_toggle_pj
    parts = [Part(path=common_path(sorted(paths)), kind=kind, part="registers", count=len(paths),
                  unit="toggles", actions=toggles[kind], fixed_pj=fixed[kind] * energy,
                  activity_pj=toggles[kind] * energy, error_factor=technology.error_factor)
             for kind, paths in owners.items()]
    return parts, dict(unseen)


def clock_parts(manifest, activity, registers, technology, among):
    """Yields a `Part` for the estimated clock tree, where the technology can tell.

    It drives the bits of all registers of the components ``among``, and their memories. Both views
    are the same: no clock is gated.
    """
    if technology.file.clock_tree is None:
        return
    kinds = _kinds(manifest)
    sinks = sum(path in among and kind in ("sram", "scratchpad") for path, kind in kinds.items())
    for register in registers:
        owner = _owner(register, kinds)
        if owner in among and kinds[owner] not in _STORAGE_KINDS and register in activity.nets:
            sinks += activity.nets[register].bits
    if sinks:
        tree = clock_tree_pj(technology, sinks)
        cycles = activity.duration_ns / manifest["clock"]["period_ns"]
        yield Part(path="", kind="clock_tree", part="estimate", count=sinks, unit="cycles",
                   actions=cycles, fixed_pj=cycles * tree.typical,
                   activity_pj=cycles * tree.typical,
                   error_factor=max(tree.high / tree.typical, tree.typical / tree.low))


def _kinds(manifest):
    """Kind of each component by its path, of the top module itself ``core``."""
    return {"": "core"} | {component["path"]: component["kind"]
                           for component in manifest["components"]}


def _owner(register, kinds):
    """Path of the innermost component around a register."""
    path = register
    while path not in kinds:
        path = path.rpartition(".")[0]
    return path
