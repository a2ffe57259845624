"""Runs a program on a hosted core, in a simulator, over its serial line."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generators.files import write_files

from .build import BuiltTestbench, compile_design, run_testbench
from .program_files import load_arrays, save_program
from .run_files import LOG, PROGRAM, REQUEST, RESULTS
from .runner import SimulationFailed
from .simulators import find_simulator
from .testbench import READABLE, WRITABLE

__all__ = ["BoardResult", "simulate_board"]

WRAPPER = "board_testbench"

# Verilator hides the signals of all modules that do not show them.
TEXT = """\
// Simulation only: the ports that the testbench moves.
module {wrapper} (
  input wire clk {writable},
  input wire rst {writable},
  input wire rx {writable},
  output wire tx {readable},
  output wire busy {readable}
);
  {top} board (.clk(clk), .rst(rst), .rx(rx), .tx(tx), .busy(busy));
endmodule
"""


@dataclass(frozen=True)
class BoardResult:
    """All runs of a simulation over the serial line.

    Parameters
    ----------
    runs: tuple of dict
        See `host.driver.run_segments`.
    tensors: dict of str to numpy.ndarray
        What the host holds in the end.
    repeats: int
        Requests that had to be sent again.
    starts: int
        How often ``busy`` rose.
    busy: int
        Its level in the end.
    """

    runs: tuple[dict, ...]
    tensors: dict[str, np.ndarray]
    repeats: int
    starts: int
    busy: int


def simulate_board(verilog_files, top, manifest, program, tensors, *, simulator, divisor, folder,
                   faults=None):
    """Run every segment of a program on a hosted core and return what it did.

    Parameters
    ----------
    verilog_files: sequence of Path
        The design: what `hw.board.top.HostedCore` was converted to, or a netlist of that with the
        models of its cells.
    top: str
        Its top module, with ports ``clk``, ``rst``, ``rx``, ``tx`` and ``busy``.
    manifest: dict
        The core's.
    program: compiler.program.Program
    tensors: dict of str to array
        The tensors that the host begins with, by the program's names.
    simulator: str
        ``verilator`` or ``icarus``.
    divisor: int
        Clock cycles per bit, as the design was made for.
    folder: str or Path
        Where build, request, results and logs go and stay.
    faults: dict of int to int or None, optional
        What happens to bytes on their way to the core, see `sim.uart_link.UartLink`.

    Returns
    -------
    BoardResult

    Raises
    ------
    UserError
        If the simulator is missing or too old.
    SimulationFailed
        If a run hung, the bus reported an error or no answer came.
    sim.build.SimulatorFailed
        If the simulator itself failed.
    """
    simulator, folder = find_simulator(simulator), Path(folder).resolve()
    build = BuiltTestbench(simulator, WRAPPER, folder / simulator.name, traced=False)
    build.folder.mkdir(parents=True, exist_ok=True)
    wrapper = write_files(folder, {f"{WRAPPER}.v": TEXT.format(
        wrapper=WRAPPER, top=top, writable=WRITABLE, readable=READABLE)})
    compile_design(
        build, [*(Path(file).resolve() for file in verilog_files), wrapper],
        simulator.build_args(activity=None, waves=False))
    request = {"manifest": manifest, "divisor": divisor, "faults": faults or {},
               "period_ps": round(manifest["clock"]["period_ns"] * 1000)}
    write_files(folder, {REQUEST: json.dumps(request)})
    save_program(folder / PROGRAM, program, tensors)
    (folder / RESULTS).unlink(missing_ok=True)
    run_testbench(build, "sim.board_bench", folder, seed=0)
    index, final = load_arrays(folder / RESULTS)
    if index["error"]:
        raise SimulationFailed(f"{top} in {simulator.name}: {index['error']}; "
                               f"see {folder / LOG}")
    return BoardResult(tuple(index["runs"]), final, index["repeats"], index["starts"],
                       index["busy"])
