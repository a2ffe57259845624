"""Whether a run, an activity file and a manifest belong together."""

from generators.errors import UserError

__all__ = ["check_activity", "check_run"]

_RUN_KEYS = ("config", "workload", "cycles", "macs", "peak_macs_per_cycle", "layers")
_TOLERANCE = 0.01  # of clock cycles and of components


def check_run(run):
    """Raise `UserError` for what is no result of a simulation."""
    missing = [key for key in _RUN_KEYS if key not in run]
    if missing:
        raise UserError(f"run: {', '.join(missing)} missing; use the JSON that `ergon simulate "
                        f"--json` prints")
    if run["cycles"] < 1:
        raise UserError(f"run: {run['cycles']} cycles is no run; simulate a workload first")


def check_activity(manifest, activity, run):
    """Raise `UserError` for the activity of another core, or one with another clock."""
    missing = _missing(manifest, activity)
    if len(missing) > _TOLERANCE * len(manifest["components"]):
        raise UserError(
            f"{activity.source}: {len(missing)} of the manifest's {len(manifest['components'])} "
            f"components are not in it, such as {missing[0]}; record the activity of the core that "
            f"the manifest describes")
    port, period_ns = manifest["clock"]["port"], manifest["clock"]["period_ns"]
    clock = activity.nets.get(port)
    if clock is None:
        return
    # A recording may begin at an edge, and the edge counts or not: one toggle for each run.
    expected = 2 * activity.duration_ns / period_ns
    if abs(clock.total_toggles - expected) > _TOLERANCE * expected + run.get("priced_runs", 1):
        found = f"{2 * activity.duration_ns / clock.total_toggles:.4g} ns" \
            if clock.total_toggles else "no clock at all"
        raise UserError(
            f"clock.period_ns: {period_ns:g} is a clock period that disagrees with the activity, "
            f"{found} in {activity.source}; use the manifest that the simulation was made with")


def _missing(manifest, activity):
    """Components of which the activity holds no net, inside or below."""
    found = set()
    for net in activity.nets:
        scope = net.rpartition(".")[0]
        while scope and scope not in found:
            found.add(scope)
            scope = scope.rpartition(".")[0]
    return [component["path"] for component in manifest["components"]
            if component["path"] not in found]
