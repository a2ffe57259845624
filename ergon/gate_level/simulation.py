"""A component at gate level: mapped once, then driven with recordings of the RTL."""

import math
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from energy.gate_level.cell_models import cell_models
from energy.gate_level.net_energies import net_energies
from energy.gate_level.netlist import read_netlist
from energy.gate_level.power import power
from energy.gate_level.sdf import write_sdf
from energy.gate_level.timing import analyse
from energy.gate_level.vcd import read_vcd
from energy.netlist import instance_modules, module_nets
from generators.asic import map_to_library
from generators.files import write_files
from sim.build import SimulatorFailed
from sim.gate_level import replay

__all__ = ["GateLevel", "GateRun"]

CLOCK = "clk"
_MARGIN = 1.1   # of paths over what static timing says: setup times are not in it


@dataclass(frozen=True)
class GateRun:
    """What a gate-level simulation of recorded cycles found.

    Parameters
    ----------
    energy_pj: numpy.ndarray
        ``float[cycles, groups]``, leakage left out.
    clock_pj: numpy.ndarray
        ``float[groups]``: what the clock's two edges cost in a cycle in which nothing else moves.
    leakage_w: numpy.ndarray
        ``float[groups]``.
    toggles: energy.gate_level.vcd.Toggles
    """

    energy_pj: np.ndarray
    clock_pj: np.ndarray
    leakage_w: np.ndarray
    toggles: object


class GateLevel:
    """The netlist of one module instance of a core in a library, ready to be simulated.

    Parameters
    ----------
    core: ergon.gate_level.component.Core
    path: str
        Instance path of the module below the core's top, such as ``engine.mesh``.
    library: energy.gate_level.library.Library
    folder: Path
        For the netlist and everything made of it.
    wire_f_per_fanout: float
        Wire capacitance per input that a net drives.
    glitches: bool
        Simulate with delays (SDF) or without any.
    """

    def __init__(self, core, path, library, folder, *, wire_f_per_fanout, glitches=True):
        self.core, self.path, self.library = core, path, library
        self.folder, self.glitches = Path(folder), glitches
        self.wire_f_per_fanout = wire_f_per_fanout
        self.module = core.module(path)
        self.mapped = map_to_library(core.path.with_suffix(".v"), self.module, library.path,
                                     self.folder / "mapped", models=core.models)
        self.netlist = read_netlist(self.mapped.netlist.read_text(), library, self.module)
        self.timing = self._timing(wire_f_per_fanout)
        self._write_models()

    def at(self, path):
        """The same netlist in another place: an instance of the same module."""
        other = copy(self)
        other.path = path
        return other

    def without_delays(self):
        """The same netlist, to be simulated without delays, so that there are no glitches."""
        other = copy(self)
        other.folder, other.glitches = self.folder / "zero_delay", False
        other._write_models()
        return other

    def power(self, toggles, wire_f_per_fanout=None):
        """The `Power` of all instances for the toggles of a run.

        Parameters
        ----------
        toggles: energy.gate_level.vcd.Toggles
        wire_f_per_fanout: float or None
            Wires of another capacitance than simulated: loads and slews change, toggles do not.
        """
        timing = self.timing if wire_f_per_fanout is None else self._timing(wire_f_per_fanout)
        return power(self.netlist, self.library, timing, toggles)

    def _timing(self, wire_f_per_fanout):
        return analyse(self.netlist, self.library, wire_f_per_fanout=wire_f_per_fanout,
                       output_load_f=self._output_loads(wire_f_per_fanout))

    def _write_models(self):
        models = cell_models(self.library, set(self.netlist.kinds), delays=self.glitches)
        delays = ({"netlist.sdf": write_sdf(self.netlist, self.timing, self.library)}
                  if self.glitches else {})
        write_files(self.folder, {"cells.v": models, **delays})

    @property
    def ports(self):
        """Input and output ports but the clock, by name: paths in the core."""
        nets = module_nets(self.core.verilog, self.module)
        return tuple({name: f"{self.path}.{name}" for name, (way, _) in nets.items()
                      if way == wanted and name != CLOCK} for wanted in ("input", "output"))

    @cached_property
    def _named(self):
        """All nets below the component, but for temporaries."""
        modules = instance_modules(self.core.verilog, self.core.manifest["top"])
        return [f"{scope}.{net}".lstrip(".") for scope in ["", *self.scopes]
                for net in module_nets(self.core.verilog,
                                       modules[f"{self.path}.{scope}".rstrip(".")], unnamed=True)
                if net != CLOCK]

    @cached_property
    def period_ns(self):
        """The core's clock period, or in whole ns one that the slowest path of this netlist meets.

        What a cycle's toggles cost does not depend on it.
        """
        arrivals = self.timing.arrivals_s[np.isfinite(self.timing.arrivals_s)]
        slowest_ns = _MARGIN * 1e9 * arrivals.max(initial=0.0) + self._input_delay_ps() / 1000
        return max(self.core.manifest["clock"]["period_ns"], math.ceil(slowest_ns))

    @cached_property
    def scopes(self):
        """Instance paths of the netlist's modules below the component."""
        modules = instance_modules(self.core.verilog, self.core.manifest["top"])
        prefix = f"{self.path}."
        return [name.removeprefix(prefix) for name in modules if name.startswith(prefix)]

    def _output_loads(self, wire_f_per_fanout):
        """Farads at each output: what the component's own input of that name has, else a register.

        An array's elements are next to elements like themselves: ``moving_o`` drives a
        ``moving_i``.
        """
        register = min((cell.pins[pin].capacitance_f for cell in self.library.cells.values()
                        if cell.sequential for pin in cell.pins
                        if cell.sequential.kind == "ff" and cell.sequential.next_state == pin),
                       default=0.0)
        inside = np.zeros(len(self.netlist.nets))
        for kind, pins in zip(self.netlist.kinds, self.netlist.pins, strict=True):
            for pin, net in pins.items():
                if self.library.cells[kind].pins[pin].direction == "input":
                    inside[net] += (self.library.cells[kind].pins[pin].capacitance_f
                                    + wire_f_per_fanout)
        loads = {}
        for name, (way, _) in self.netlist.ports.items():
            if way == "output":
                twin = self.netlist.ports.get(f"{name.removesuffix('_o')}_i")
                # A first row's sum has a twin that nothing reads.
                loads[name] = float(np.mean(inside[twin[1]])) if twin else 0.0
                loads[name] = loads[name] or register + wire_f_per_fanout
        return loads

    def run(self, recording, start, end, folder, *, groups=("",), window_cycles=1):
        """Simulate the cycles of a recording from ``start`` to before ``end``.

        Parameters
        ----------
        recording: Recording
        start, end: int
            The cycle before ``start`` is simulated too, but not counted.
        folder: Path
        groups: sequence of str
            Instance paths below the component whose energies are told apart; "" is all of it.
        window_cycles: int

        Raises
        ------
        SimulatorFailed
            Also where the netlist's outputs are not those of the RTL.
        """
        inputs, outputs = self.ports
        values = recording.values([*inputs.values(), *outputs.values()], start - 1, end)
        before = recording.values([f"{self.path}.{name}" for name in self._named], start - 1, start)
        period_s = self.period_ns * 1e-9
        done = replay(
            folder, top=self.module, sources=[self.mapped.netlist, self.folder / "cells.v"],
            scopes=self.scopes, inputs={name: values[path] for name, path in inputs.items()},
            outputs={name: values[path] for name, path in outputs.items()},
            period_ps=round(period_s * 1e12), dump_from=1, input_delay_ps=self._input_delay_ps(),
            sdf=self.folder / "netlist.sdf" if self.glitches else None,
            state=self._state({name: before[f"{self.path}.{name}"][0] for name in self._named}))
        if done.mismatches:
            raise SimulatorFailed(f"{self.module}: the netlist differs from the RTL in "
                                  f"{done.mismatches} of {end - start + 1} cycles; see {folder}")
        toggles = read_vcd(done.waves, done.scope, self.netlist.nets, start_s=done.start_s,
                           end_s=done.end_s, window_s=window_cycles * period_s)
        model = net_energies(self.netlist, self.library, self.timing, toggles, groups)
        [clock] = self.netlist.ports[CLOCK][1]
        return GateRun(toggles.toggles @ model.energy_j * 1e12,
                       2 * model.energy_j[clock] * 1e12, model.leakage_w, toggles)

    def _input_delay_ps(self):
        """What a register in front of the component takes from its clock to its output."""
        outputs = [net for kind, pins in zip(self.netlist.kinds, self.netlist.pins, strict=True)
                   if self.library.cells[kind].sequential for pin, net in pins.items()
                   if self.library.cells[kind].pins[pin].direction == "output"]
        arrivals = self.timing.arrivals_s[outputs] if outputs else np.zeros(1)
        return round(float(np.mean(arrivals[np.isfinite(arrivals)])) * 1e12)

    def _state(self, values):
        """The state variable of every flip-flop, from the nets' values at the beginning."""
        bits = {}
        for name, row in values.items():
            for bit, value in enumerate(row):
                net = self.netlist.aliases.get(f"{name}[{bit}]" if len(row) > 1 else name)
                bits[net] = int(value)
        state = []
        for instance, kind, pins in zip(self.netlist.instances, self.netlist.kinds,
                                        self.netlist.pins, strict=True):
            cell = self.library.cells[kind]
            for pin, net in pins.items() if cell.sequential else ():
                function = cell.pins[pin].function
                if net in bits and function in (cell.sequential.state, cell.sequential.inverse):
                    state.append((f"{instance}.state",
                                  bits[net] ^ (function == cell.sequential.inverse)))
        return state
