"""The top of a board: clock, reset, pins, and the hosted core as one module."""

from amaranth import (
    ClockDomain,
    ClockSignal,
    Elaboratable,
    Instance,
    Module,
    ResetSignal,
    Signal,
)
from amaranth.lib import io
from amaranth.lib.cdc import ResetSynchronizer

from hw.fpga.pll import ecp5_pll, ice40_pll

__all__ = ["BoardTop"]


class BoardTop(Elaboratable):
    """A hosted core on a board: a PLL makes its clock, its UART and ``busy`` go to pins.

    The reset lasts until the PLL has locked.

    Parameters
    ----------
    board: Board
    pll: Pll
    module: str
        Verilog module with the ports ``clk``, ``rst``, ``rx``, ``tx`` and ``busy``.
    """

    def __init__(self, board, pll, module):
        self.board = board
        self.pll = pll
        self.module = module

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = ClockDomain()
        locked = Signal()
        make = ecp5_pll if self.board.device.family == "ecp5" else ice40_pll
        m.submodules.pll = make(platform.request(self.board.clock, dir="-"), self.pll,
                                self.board.oscillator_hz, ClockSignal(), locked)
        m.submodules.reset = ResetSynchronizer(~locked)
        uart = platform.request("uart", dir="-")
        m.submodules.rx = rx = io.Buffer("i", uart.rx)
        m.submodules.tx = tx = io.Buffer("o", uart.tx)
        m.submodules.led = led = io.Buffer("o", platform.request("led", dir="-"))
        m.submodules.hosted = Instance(
            self.module, i_clk=ClockSignal(), i_rst=ResetSignal(), i_rx=rx.i, o_tx=tx.o,
            o_busy=led.o)
        return m
