"""Prices compute-in-memory.

A *step* is a digit of a vector on the word lines (of an analog array: for one column of each
converter). Steps are counted by the ``add`` nets behind the cells.
"""

from .analog_cim import ANALOG_ACTIONS
from .cim_actions import CimRun
from .digital_cim import DIGITAL_ACTIONS
from .parts import Part, common_path

__all__ = ["CIM_KINDS", "cim_operations", "cim_parts"]

_ACTIONS = (*DIGITAL_ACTIONS, *ANALOG_ACTIONS)
CIM_KINDS = {action.kind for action in _ACTIONS}


def cim_operations(manifest, activity, macs):
    """Steps of each component that computes in every one of them, by its path.

    Adder trees outside of weight columns add up the products of useful MACs.
    """
    components, period_ns = manifest["components"], manifest["clock"]["period_ns"]
    counts, columns = {}, {}
    for component in components:
        if component["kind"] == "shift_accumulate":
            path = component["path"]
            counts[path] = activity.cycles_high(f"{path}.add", period_ns)
            columns[path.rpartition(".")[0]] = counts[path]
    trees = [component for component in components if component["kind"] == "adder_tree"]
    terms = sum(tree["parameters"]["terms"] for tree in trees)
    for component in components:
        path, kind = component["path"], component["kind"]
        if kind == "cim_column":
            counts[path] = columns[path]
        elif kind == "adder_tree":
            counts[path] = columns.get(path.rpartition(".")[0], macs / terms)
    return counts


def cim_parts(manifest, activity, counts, technology, among):
    """Yields a `Part` for each action of compute-in-memory that took place.

    ``counts`` are the `cim_operations`, ``among`` the paths of the components that are priced.
    """
    run = CimRun({component["path"]: component for component in manifest["components"]}, activity,
                 counts, technology, manifest["clock"]["period_ns"])
    for action in _ACTIONS:
        paths = []
        actions = fixed = scaled = 0.0
        for path, component in run.components.items():
            if component["kind"] != action.kind or path not in among:
                continue
            found = action.price(run, path, component["parameters"])
            paths.append(path)
            actions, fixed, scaled = (a + b for a, b in zip((actions, fixed, scaled), found,
                                                            strict=True))
        if actions or scaled:
            factor = (technology.cim(action.constant).error_factor if action.constant
                      else technology.error_factor)
            yield Part(path=common_path(paths), kind=action.kind, part=action.part,
                       count=len(paths), unit=action.unit, actions=actions, fixed_pj=fixed,
                       activity_pj=scaled, error_factor=factor)
