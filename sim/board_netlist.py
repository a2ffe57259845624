"""A board's netlist as a design that testbenches can move: PLL and pins replaced, nothing else."""

import re

from generators.files import write_files
from generators.fpga.design import TOP
from generators.fpga.synthesis import VERILOG
from generators.fpga.tools import yosys_share

from .fpga_cells import cell_models

__all__ = ["netlist_files"]

NETLIST, CELLS, WRAPPER = "board.v", "cells.v", "netlist_board.v"
INPUT = re.compile(r"\binput(?= \w+__io;)")

TEXT = """\
// Simulation only: a synthesized board with the ports of a hosted core. Its reset lasts until its
// PLL has locked, whatever ``rst`` is.
module {module} (input clk, input rst, input rx, output tx, output busy);
  wire clk_pin = clk, rx_pin = rx, tx_pin, led_pin;
  assign tx = tx_pin;
  assign busy = led_pin{lit};
  {top} {top} (.{clock}_0__io(clk_pin), .uart_0__rx__io(rx_pin), .uart_0__tx__io(tx_pin),
    .led_0__io(led_pin));
endmodule
"""


def netlist_files(design, folder):
    """Verilog of a synthesized `BoardDesign`, the models of its cells, and a module around it.

    Parameters
    ----------
    design: generators.fpga.design.BoardDesign
    folder: Path
        Where `generators.fpga.bitstream.synthesize_board` has worked; gets the other two files.

    Returns
    -------
    list of Path
        For `sim.board_runner.simulate_board`, with the top ``design.module``.
    """
    # Pins of an ECP5 are one kind of cell: Verilator wants ports behind them to be inout, too.
    netlist = INPUT.sub("inout", (folder / VERILOG).read_text())
    inverted = design.board.make_platform().lookup("led").ios[0].invert
    write_files(folder, {
        NETLIST: netlist,
        CELLS: cell_models(design.board.device.family, netlist, yosys_share()),
        WRAPPER: TEXT.format(module=design.module, top=TOP, clock=design.board.clock,
                             lit=" ^ 1'b1" if inverted else "")})
    return [folder / name for name in (NETLIST, CELLS, WRAPPER)]
