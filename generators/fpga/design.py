"""A core on a board as files: Verilog of the hosted core, the board's top, constraints."""

from dataclasses import dataclass

from hw.board.top import HostedCore
from hw.parameters import CoreParameters

from ..derive import derive
from ..errors import UserError
from ..files import write_files
from ..verilog import convert
from .boards import Board
from .clocks import Pll, choose_pll
from .mapping import cells_for, mapped_to
from .top import BoardTop

__all__ = ["CORE", "HOSTED", "TOP", "BoardDesign", "board_design"]

TOP, HOSTED = "top", "hosted"
CORE = f"{HOSTED}.core"  # the core's path in the board's top
MOST_BAUD_ERROR = 0.02   # of a UART's receiver, half of what ten bits allow


@dataclass(frozen=True)
class BoardDesign:
    """What synthesis begins with.

    Parameters
    ----------
    board: Board
    parameters: CoreParameters
        With multipliers as the device has room for them.
    pll: Pll
    divisor: int
        Clock cycles of a bit on the serial line.
    sources: tuple of str
        Files of the folder that Yosys reads; the first one is the hosted core.
    module: str
        The hosted core's Verilog module.
    components: list of dict
        The instances below the top, as a manifest lists them.
    """

    board: Board
    parameters: CoreParameters
    pll: Pll
    divisor: int
    sources: tuple
    module: str
    components: list

    @property
    def memories(self):
        """Components that are memories."""
        return [entry for entry in self.components if entry["kind"] == "sram"]


def board_design(config, board, folder, *, frequency_mhz=None, baud=None):
    """Write what a board's tools need of a core, into ``folder``.

    Parameters
    ----------
    config: AcceleratorConfig
    board: Board
    folder: Path
    frequency_mhz: float or None
        Of the core's clock; None: the board's usual one.
    baud: int or None
        Of the serial line; None: the board's usual one.

    Returns
    -------
    BoardDesign
    """
    parameters = mapped_to(derive(config), config, board.device)
    wanted = board.default_hz if frequency_mhz is None else round(frequency_mhz * 1e6)
    pll = choose_pll(board.device.family, board.oscillator_hz, wanted)
    divisor = _divisor(pll.frequency_hz, baud or board.baud)
    hosted = HostedCore(parameters, divisor)
    name, header = hosted.module_name, f"{config.name} on {board.title}"
    _, tree = convert(hosted, name=name, header=header)
    text, tree = convert(HostedCore(parameters, divisor), name=name, header=header,
                         cells=cells_for(board.device, tree))
    plan = board.make_platform().prepare(BoardTop(board, pll, name), TOP)
    files = [f"{TOP}.il", f"{TOP}.{board.constraints}"]
    write_files(folder, {f"{name}.v": text, **{file: _text(plan.files[file]) for file in files}})
    components = [{**entry, "path": f"{HOSTED}.{entry['path']}"} for entry in tree]
    return BoardDesign(board, parameters, pll, divisor, (f"{name}.v", f"{TOP}.il"), name,
                       components)


def _divisor(clock_hz, baud):
    divisor = max(1, round(clock_hz / baud))
    if divisor < 4 or abs(clock_hz / divisor / baud - 1) > MOST_BAUD_ERROR:
        raise UserError(f"--baud: {baud:,} cannot be made of a clock of {clock_hz / 1e6:g} MHz; "
                        f"use {clock_hz // 4:,} or less, or a divisor of the clock")
    return divisor


def _text(content):
    return content if isinstance(content, str) else content.decode()
