"""Power of a component at gate level while a layer runs, with what the figure rests on."""

from collections import Counter, defaultdict

from generators.errors import UserError

from ..libraries import technology_library
from .component import generated_core
from .layer_window import record_window
from .simulation import GateLevel

__all__ = ["gatesim"]

SHOWN = 10  # of the most expensive
_FF = 1e-15


def gatesim(config, component, workload, *, technology, liberty=None, layer=None, start=None,
            cycles=None, seed, zero_delay=False, out, view):
    """Run a layer at RTL, and a window of it at gate level.

    The netlist's outputs must be those of the RTL in every cycle. An output has the load of the
    component's own input of the same name (``moving_o`` drives a ``moving_i``, as in an array), or
    that of a register.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core.
    component: str
        An instance path below the core's top, or a kind of the manifest: the first of its kind.
    workload: str
    technology: str
    liberty: str or Path or None
        See `technology_library`.
    layer, start, cycles, seed
        See `record_window`.
    zero_delay: bool
        Simulate without delays alone: fast, and without glitches.
    out: str or Path
        Folder of all build folders.
    view: ergon.console.View

    Returns
    -------
    dict
        ``config, workload, component, module, technology, library``; ``window``, see
        `LayerWindow.to_dict`; ``cells, area_um2``; ``internal_w, switching_w, leakage_w, total_w``;
        ``pj_per_cycle``; ``glitches``: whether the figures have them; ``glitch_share`` of the
        dynamic energy (None if not simulated); ``wires``: for ``low, typical, high`` the ``ff``
        per input driven and ``pj_per_cycle``; ``instances``, the most expensive: ``path``,
        ``cells``, ``pj_per_cycle``; ``kinds`` of cells, likewise.

    Raises
    ------
    UserError, SimulatorFailed
    """
    technology, library = technology_library(technology, liberty)
    with view.step(f"Generating {config}"):
        core = generated_core(config, out)
    path = _path(core, component)
    folder = core.path.parent / "gatesim"
    wires = technology.file.wires.ff_per_fanout
    with view.step(f"Mapping {path} to {library.name}"):
        gate = GateLevel(core, path, library, folder / technology.name / core.module(path),
                         wire_f_per_fanout=wires.typical * _FF)
    window = record_window(core, workload, folder, layer=layer, start=start, cycles=cycles,
                           seed=seed, view=view)

    def simulated(gate, how):
        with view.step(f"Simulating {len(gate.netlist.instances):,} cells {how}, "
                       f"{window.cycles:,} cycles"):
            return gate.run(window.recording, window.start, window.end,
                            folder / f"replay_{how.replace(' ', '_')}").toggles

    settled = simulated(gate.without_delays(), "without delays")
    toggles = settled if zero_delay else simulated(gate, "with delays")
    power, period_s = gate.power(toggles), gate.period_ns * 1e-9
    internal_w, switching_w, leakage_w = power.by_prefix("")

    def pj(watts):
        return watts * period_s * 1e12

    calm = gate.power(settled)
    dynamic_w, calm_w = (found.total_w - found.leakage_w.sum() for found in (power, calm))
    return {
        "config": core.manifest["name"], "workload": workload, "component": path,
        "module": gate.module, "technology": technology.name, "library": library.name,
        "window": window.to_dict(), "period_ns": gate.period_ns,
        "cells": len(gate.netlist.instances), "area_um2": gate.mapped.area_um2,
        "internal_w": internal_w, "switching_w": switching_w, "leakage_w": leakage_w,
        "total_w": power.total_w, "pj_per_cycle": pj(power.total_w), "glitches": not zero_delay,
        "glitch_share": None if zero_delay else float(1 - calm_w / dynamic_w),
        "wires": {name: {"ff": ff, "pj_per_cycle": pj(gate.power(toggles, ff * _FF).total_w)}
                  for name, ff in (("low", wires.low), ("typical", wires.typical),
                                   ("high", wires.high))},
        "instances": _instances(gate, power, pj), "kinds": _kinds(gate, power, pj),
    }


def _path(core, component):
    """The instance path that is meant, of logic alone."""
    entries = core.manifest["components"]
    path = next((entry["path"] for entry in entries if entry["kind"] == component), component)
    core.module(path)
    inside = [entry["path"] for entry in entries if entry["kind"] == "sram"
              and (entry["path"] == path or entry["path"].startswith(f"{path}."))]
    if inside:
        raise UserError(f"component: {path} has the SRAM {inside[0]} in it, which is no logic; use "
                        "a component without memories")
    return path


def _watts(power):
    return power.internal_w + power.switching_w + power.leakage_w


def _instances(gate, power, pj):
    """The most expensive modules' instances by path below the component, "" being itself."""
    watts, cells = defaultdict(float), Counter()
    for instance, value in zip(gate.netlist.instances, _watts(power).tolist(), strict=True):
        owner = instance.rpartition(".")[0]
        watts[owner] += value
        cells[owner] += 1
    return _most(watts, cells, "path", pj)


def _kinds(gate, power, pj):
    """The library cells that take the most."""
    watts, cells = defaultdict(float), Counter()
    for kind, value in zip(gate.netlist.kinds, _watts(power).tolist(), strict=True):
        watts[kind] += value
        cells[kind] += 1
    return _most(watts, cells, "cell", pj)


def _most(watts, cells, label, pj):
    chosen = sorted(watts, key=lambda name: -watts[name])[:SHOWN]
    return [{label: name, "cells": cells[name], "pj_per_cycle": pj(watts[name])}
            for name in chosen]
