"""The boards that bitstreams are made for, through amaranth-boards."""

from dataclasses import dataclass
from importlib import import_module

from ..errors import UserError
from .devices import DEVICES, Device

__all__ = ["BOARDS", "Board", "find_board"]


@dataclass(frozen=True)
class Board:
    """One board.

    Parameters
    ----------
    name, title: str
    device: Device
    platform: str
        Module and class of amaranth-boards.
    clock: str
        The platform's resource with the oscillator.
    oscillator_hz, default_hz: int
        Of the oscillator, and what the core runs at unless another clock is asked for.
    baud: int
        Of the serial port.
    constraints, placed, bitstream: str
        Endings of the files that say where pins are, that nextpnr writes, and that is loaded.
    """

    name: str
    title: str
    device: Device
    platform: str
    clock: str
    oscillator_hz: int
    default_hz: int
    baud: int
    constraints: str
    placed: str
    bitstream: str

    def make_platform(self):
        """A new platform of Amaranth's."""
        module, name = self.platform.rsplit(".", 1)
        try:
            return getattr(import_module(module), name)()
        except ModuleNotFoundError:
            raise UserError("amaranth-boards: is missing; install the project's fpga extra "
                            "(pip install 'ergon[fpga]')") from None


BOARDS = {board.name: board for board in (
    Board("icebreaker", "iCEBreaker, iCE40 UP5K", DEVICES["iCE40UP5K"],
          "amaranth_boards.icebreaker.ICEBreakerPlatform", "clk12", 12_000_000, 24_000_000,
          1_000_000, "pcf", "asc", "bin"),
    Board("ulx3s_85f", "ULX3S, ECP5 LFE5U-85F", DEVICES["LFE5U-85F"],
          "amaranth_boards.ulx3s.ULX3S_85F_Platform", "clk25", 25_000_000, 40_000_000,
          1_000_000, "lpf", "config", "bit"),
)}


def find_board(name):
    """The `Board` of a name; `UserError` if there is none."""
    if name not in BOARDS:
        raise UserError(f"--board: {name} is not known; use {' or '.join(BOARDS)}")
    return BOARDS[name]
