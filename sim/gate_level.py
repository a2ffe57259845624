"""Replays recorded inputs on a gate-level netlist under Icarus Verilog.

What a component's ports were in every cycle of an RTL simulation drives its netlist, whose outputs
must be the same in every cycle: that the mapped netlist computes what the RTL did is checked with
every replay. The waveform of its nets is what gate-level power is computed from.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generators.files import write_files

from .build import SimulatorFailed
from .simulators import find_simulator

__all__ = ["Replay", "replay"]

TESTBENCH, STIMULI, OUTPUTS, WAVES = "replay.v", "stimuli.hex", "outputs.hex", "waves.vcd"
SCOPE = "replay.dut"

TEXT = """\
// Simulation only: drives a netlist with recorded inputs. All times in ps.
`timescale 1ps / 1ps
module replay;
  reg clk = 1;
  reg [{inputs}-1:0] stimuli [0:{cycles}-1];
  reg [{inputs}-1:0] now;
  wire [{outputs}-1:0] results;
  integer cycle = 0, file;
  {top} dut ({ports});
  initial begin
    $readmemh("{stimuli}", stimuli);
    now = stimuli[0];
    file = $fopen("{results}", "w");
{state}{annotate}    $dumpfile("{waves}");
    $dumpvars(1{scopes});
  end
  // Cycle n ends with the rising edge at (n + 1) periods.
  always @(posedge clk) if ($time > 0) begin
    $fwrite(file, "%h\\n", results);
    cycle = cycle + 1;
    if (cycle == {cycles}) begin
      $fclose(file);
      $finish;
    end
    now <= #{input_delay} stimuli[cycle];
  end
  always begin
    #{high} clk = 0;
    #{low} clk = 1;
  end
endmodule
"""


@dataclass(frozen=True)
class Replay:
    """A finished replay.

    Parameters
    ----------
    waves: Path
        VCD file of all nets between cells.
    scope: str
        Scope of the netlist in it.
    start_s, end_s: float
        The recorded time.
    mismatches: int
        Outputs, cycle by cycle, that differ from what was expected.
    """

    waves: Path
    scope: str
    start_s: float
    end_s: float
    mismatches: int


def replay(folder, *, top, sources, scopes, inputs, outputs, period_ps, dump_from, input_delay_ps,
           sdf=None, state=()):
    """Run one replay.

    Parameters
    ----------
    folder: Path
        Takes the testbench and all results.
    top: str
        Module of the netlist.
    sources: list of Path
        The netlist and its cells' models.
    scopes: list of str
        Instance paths of all modules that are not cells, below the top, whose nets are recorded.
    inputs, outputs: dict of str to numpy.ndarray
        ``uint8[cycles, bits]`` of each port but the clock ``clk``, lowest bit first: the value just
        before the rising edge that ends each cycle. Outputs are what to expect.
    period_ps: int
    dump_from: int
        The first cycle that counts, 1 or more; the recorded time begins a picosecond
        before the edge that starts it, when the cycle before has settled.
    input_delay_ps: int
        From the clock edge to new inputs: what a register before them would take.
    sdf: Path or None
        Delays of the cells; None: none at all, of inputs neither, so that there are no glitches.
    state: iterable of (str, int)
        Variables below the netlist and the bit that each begins with.

    Raises
    ------
    SimulatorFailed
    """
    folder = Path(folder)
    cycles = len(next(iter(inputs.values())))
    stimuli, results = _packed(inputs), _packed(outputs)
    ports = ["clk", *inputs, *outputs]
    bits = _ranges("now", inputs) | _ranges("results", outputs) | {"clk": "clk"}
    text = TEXT.format(
        top=top, inputs=stimuli.shape[1], outputs=results.shape[1], cycles=cycles,
        ports=", ".join(f".{port}({bits[port]})" for port in ports), stimuli=STIMULI,
        results=OUTPUTS, waves=WAVES, high=period_ps // 2, low=period_ps - period_ps // 2,
        input_delay=input_delay_ps if sdf else 0,
        scopes="".join(f", {'.'.join(filter(None, (SCOPE, scope)))}" for scope in ["", *scopes]),
        state="".join(f"    dut.{path} = {bit};\n" for path, bit in state),
        annotate=f'    $sdf_annotate("{sdf.resolve()}", dut);\n' if sdf else "")
    write_files(folder, {TESTBENCH: text, STIMULI: _hex(stimuli)})
    _run(folder, sources, timed=sdf is not None)
    seen = (folder / OUTPUTS).read_text().split()
    expected = _hex(results).split()
    start, end = ((cycle * period_ps - 1) / 1e12 for cycle in (dump_from, cycles))
    return Replay(folder / WAVES, SCOPE, start, end,
                  sum(a != b for a, b in zip(seen, expected, strict=True)))


def _packed(ports):
    return np.concatenate(list(ports.values()), axis=1)


def _ranges(vector, ports):
    ranges, low = {}, 0
    for port, values in ports.items():
        high = low + values.shape[1]
        ranges[port] = f"{vector}[{high - 1}:{low}]"
        low = high
    return ranges


def _hex(bits):
    """One line of hexadecimal digits a row, as ``%h`` prints it."""
    width = (bits.shape[1] + 3) // 4
    rows = np.packbits(bits, axis=1, bitorder="little")[:, ::-1]
    return "".join(f"{row.tobytes().hex()[-width:]}\n" for row in rows)


def _run(folder, sources, *, timed):
    simulator = find_simulator("icarus")
    log = folder / "replay.log"
    build = ["iverilog", "-g2012", *(["-gspecify"] if timed else []), "-s", "replay",
             "-o", "replay.vvp", TESTBENCH, *(str(source.resolve()) for source in sources)]
    with log.open("w") as file:
        for command in (build, ["vvp", "-n", "replay.vvp"]):
            done = subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT,
                                  env=os.environ | dict(simulator.environment), check=False)
            if done.returncode:
                raise SimulatorFailed(f"icarus failed; see {log}")
