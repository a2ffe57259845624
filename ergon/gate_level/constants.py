"""Measures a technology's constants at gate level: what prices logic that no card covers.

Each operation is mapped alone to the library and simulated with delays, so that glitches count, on
uniform random data that change in every cycle. Leakage is left out.
"""

import operator
from pathlib import Path

import numpy as np

from energy.gate_level.cell_models import cell_models
from energy.gate_level.library import load_library
from energy.gate_level.net_energies import net_energies
from energy.gate_level.netlist import read_netlist
from energy.gate_level.sdf import write_sdf
from energy.gate_level.timing import analyse
from energy.gate_level.vcd import read_vcd
from generators.asic import map_to_library
from generators.files import write_files
from sim.build import SimulatorFailed
from sim.gate_level import replay

__all__ = ["CONSTANTS", "measure_constant"]

CONSTANTS = ("int_add_8", "int_add_32", "int_mul_8", "int_mul_32", "bitwise_32", "register_bit")
_OPERATORS = {"int_add": "+", "int_mul": "*", "bitwise": "&"}
_REGISTER = "register_bit"
_REGISTER_BITS = 32
_PERIOD_PS = 100_000     # longer than any path here
_INPUT_DELAY_PS = 500
_SEED = 1

_OPERATION_TEXT = """\
module {name} (clk, a, b, y);
  input clk;
  input [{bits}-1:0] a, b;
  output [{result}-1:0] y;
  assign y = $signed(a) {operator} $signed(b);
endmodule
"""
_REGISTER_TEXT = """\
module {name} (clk, a, y);
  input clk;
  input [{bits}-1:0] a;
  output reg [{bits}-1:0] y;
  always @(posedge clk) y <= a;
endmodule
"""


def measure_constant(name, liberty, folder, *, wire_f_per_fanout, cycles=500):
    """Energy of one operation, or of one toggle of one register bit, in pJ.

    An operation has the energy of its cells and of charging the nets of its operands and inside; a
    register bit that of its cell and of its net with one register's input on it, less what the
    same cell takes from the clock while its data rest.

    Parameters
    ----------
    name: str
        One of `CONSTANTS`, or the like of another width: ``int_add_16``.
    liberty: str or Path
    folder: str or Path
        For the netlist and the simulation.
    wire_f_per_fanout: float
        Wire capacitance per input that a net drives, in farads.
    cycles: int
        Operations, each on other data.

    Raises
    ------
    UserError
        Where the library or Yosys is at fault.
    SimulatorFailed
        Also where the netlist computes something else.
    """
    gates = _Gates(name, liberty, Path(folder), wire_f_per_fanout)
    random = np.random.default_rng(_SEED)
    if name != _REGISTER:
        a, b = (random.integers(0, 2, (cycles, gates.bits), dtype=np.uint8) for _ in range(2))
        energy, _ = gates.run({"a": a, "b": b}, {"y": gates.expected(a, b)}, "random")
        return 1e12 * energy / (cycles - 1)
    data = random.integers(0, 2, (cycles, gates.bits), dtype=np.uint8)
    delayed = np.concatenate([np.zeros_like(data[:1]), data[:-1]])
    moving, toggles = gates.run({"a": data}, {"y": delayed}, "random")
    resting, none = gates.run({"a": 0 * data}, {"y": 0 * data}, "resting")
    return 1e12 * (moving - resting) / (toggles["y"] - none["y"])


class _Gates:
    """One operation in a library."""

    def __init__(self, name, liberty, folder, wire_f_per_fanout):
        self.name, self.folder = name, folder
        self.library = load_library(liberty)
        if name == _REGISTER:
            self.bits = _REGISTER_BITS
            text = _REGISTER_TEXT.format(name=name, bits=self.bits)
        else:
            kind, bits = name.rsplit("_", 1)
            self.bits, self.operator = int(bits), _OPERATORS[kind]
            self.result_bits = self.bits * (2 if self.operator == "*" else 1)
            text = _OPERATION_TEXT.format(name=name, bits=bits, operator=self.operator,
                                          result=self.result_bits)
        write_files(folder, {"operation.v": text})
        mapped = map_to_library(folder / "operation.v", name, liberty, folder / "mapped")
        self.source = mapped.netlist
        self.netlist = read_netlist(mapped.netlist.read_text(), self.library, name)
        self.timing = analyse(self.netlist, self.library, wire_f_per_fanout=wire_f_per_fanout,
                              output_load_f=self._register_input_f() + wire_f_per_fanout)
        write_files(folder, {
            "cells.v": cell_models(self.library, set(self.netlist.kinds), delays=True),
            "netlist.sdf": write_sdf(self.netlist, self.timing, self.library)})

    def _register_input_f(self):
        """The least input capacitance of a flip-flop's data."""
        return min(cell.pins[pin].capacitance_f for cell in self.library.cells.values()
                   if cell.sequential and cell.sequential.kind == "ff" for pin in cell.pins
                   if cell.sequential.next_state == pin)

    def expected(self, a, b):
        """Bits of the results, from those of the operands, lowest first."""
        compute = {"+": operator.add, "*": operator.mul, "&": operator.and_}[self.operator]
        results = (compute(_signed(x), _signed(y)) for x, y in zip(a, b, strict=True))
        return np.array([[value >> bit & 1 for bit in range(self.result_bits)]
                         for value in results], dtype=np.uint8)

    def run(self, inputs, outputs, folder):
        """Joules of all cycles but the first, and the toggles of each port in them."""
        done = replay(self.folder / folder, top=self.name, scopes=[], inputs=inputs,
                      sources=[self.source, self.folder / "cells.v"], outputs=outputs,
                      period_ps=_PERIOD_PS, dump_from=1, input_delay_ps=_INPUT_DELAY_PS,
                      sdf=self.folder / "netlist.sdf")
        if done.mismatches:
            raise SimulatorFailed(f"{self.name}: the netlist is wrong in {done.mismatches} cycles; "
                                  f"see {self.folder / folder}")
        activity = read_vcd(done.waves, done.scope, self.netlist.nets, start_s=done.start_s,
                            end_s=done.end_s)
        model = net_energies(self.netlist, self.library, self.timing, activity, [""])
        ports = {port: activity.totals[bits] for port, (_, bits) in self.netlist.ports.items()}
        charged = sum(
            toggles @ self.timing.loads_f[self.netlist.ports[port][1]]
            for port, toggles in ports.items() if port in inputs and self.name != _REGISTER)
        return (activity.totals @ model.energy_j[:, 0]
                + 0.5 * charged * self.library.voltage_v**2,
                {port: int(toggles.sum()) for port, toggles in ports.items()})


def _signed(bits):
    """A Python integer, which a product of 32 x 32 bits does not overflow."""
    value = sum(int(bit) << place for place, bit in enumerate(bits))
    return value - (int(bits[-1]) << len(bits))
