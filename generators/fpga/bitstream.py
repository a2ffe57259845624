"""From a board's files to a bitstream."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from .design import HOSTED, TOP
from .fit import misfit
from .route import Routed, route
from .synthesis import Synthesis, synthesize
from .tools import run_tool

__all__ = ["Bitstream", "make_bitstream", "synthesize_board"]

# How nextpnr is told what to write, and which packer makes a bitstream of that.
PLACED = {"ecp5": "--textcfg", "ice40": "--asc"}
PACKERS = {"ecp5": ["ecppack", "--compress"], "ice40": ["icepack"]}


@dataclass(frozen=True)
class Bitstream:
    """What a board can load.

    Parameters
    ----------
    path: Path
    synthesis: Synthesis
    routed: Routed
    """

    path: Path
    synthesis: Synthesis
    routed: Routed


def synthesize_board(design, folder):
    """Synthesize a `BoardDesign`; `UserError` if the device is too small for it.

    Returns
    -------
    Synthesis
        With every component of the core as a module.
    """
    instances = [HOSTED, *(entry["path"] for entry in design.components)]
    synthesis = synthesize(folder, list(design.sources), TOP, design.board.device,
                           instances=instances)
    if problem := misfit(design, synthesis):
        raise UserError(problem)
    return synthesis


def make_bitstream(design, synthesis, folder, *, seed, on_phase=None):
    """Place, route and pack a synthesized `BoardDesign`.

    Parameters
    ----------
    design: BoardDesign
    synthesis: Synthesis
    folder: Path
        Where both came from.
    seed: int
        Of the placement.
    on_phase: function, optional
        Is called with a few words whenever something new happens.

    Returns
    -------
    Bitstream
        Also if its clock is too fast for it: see `Routed.meets_timing`.

    Raises
    ------
    FlowFailed
        If a tool fails.
    """
    board = design.board
    family = board.device.family
    placed = f"{TOP}.{board.placed}"
    routed = route(folder, board.device, target_mhz=design.pll.frequency_hz / 1e6, seed=seed,
                   options=[f"--{board.constraints}", f"{TOP}.{board.constraints}",
                            PLACED[family], placed], on_phase=on_phase)
    path = folder / f"{design.parameters.name}.{board.bitstream}"
    packer, *options = PACKERS[family]
    if on_phase:
        on_phase("packing the bitstream")
    run_tool(packer, [*options, placed, path.name], folder, "pack.log")
    return Bitstream(path, synthesis, routed)
