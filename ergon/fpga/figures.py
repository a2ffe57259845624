"""A core on a board: the tools run one after the other, and what they found as plain data."""

import json
from pathlib import Path

from generators.config import load_config
from generators.files import write_files
from generators.fpga.bitstream import PACKERS, make_bitstream, synthesize_board
from generators.fpga.boards import find_board
from generators.fpga.design import CORE, HOSTED, board_design
from generators.fpga.fit import memories_in_logic
from generators.fpga.hierarchy import Hierarchy
from generators.fpga.tools import find_tool

from ..catalog import core_file

__all__ = ["FIGURES", "fpga"]

FIGURES = "fpga.json"
LEVELS = 4   # of instances in the table: the board's top, the hosted core, the core, its units


def fpga(config, board, *, out, view, seed=1, frequency_mhz=None, baud=None,
         synthesis_only=False):
    """Make a bitstream, and `FIGURES` beside it.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    board: str
    out: str or Path
        Folder of all build folders; the result is in ``<out>/<name>/<board>/``.
    view: ergon.console.View
        Shows the steps.
    seed: int
        Of the placement.
    frequency_mhz: float, optional
    baud: int, optional
    synthesis_only: bool
        Count cells, and neither place nor route.

    Returns
    -------
    dict
        ``config, board, device, tools, clock_mhz, baud, resources`` (of each: ``used`` and
        ``has``), ``modules, memories_in_logic``; and unless only synthesized ``fmax_mhz,
        meets_timing, placed, path, places`` and ``bitstream``.
    """
    board, accelerator = find_board(board), load_config(core_file(config))
    family = board.device.family
    needed = ["yosys", *([] if synthesis_only else [f"nextpnr-{family}", PACKERS[family][0]])]
    tools = {name: find_tool(name).version for name in needed}
    folder = Path(out) / accelerator.name / board.name
    with view.step(f"Generating {accelerator.name} for {board.title}"):
        design = board_design(accelerator, board, folder, frequency_mhz=frequency_mhz, baud=baud)
    with view.step("Synthesizing"):
        synthesis = synthesize_board(design, folder)
    figures = {
        "config": accelerator.name, "board": board.name, "title": board.title,
        "device": board.device.name, "tools": tools,
        "clock_mhz": design.pll.frequency_hz / 1e6,
        "baud": round(design.pll.frequency_hz / design.divisor), "divisor": design.divisor,
        "seed": seed,
        "resources": {name: {"used": synthesis.resources[name], "has": has}
                      for name, has in board.device.has.items()},
        "modules": list(_modules(synthesis)),
        "memories_in_logic": memories_in_logic(design, synthesis),
    }
    if not synthesis_only:
        with view.step("Placing and routing") as detail:
            made = make_bitstream(design, synthesis, folder, seed=seed, on_phase=detail)
        figures |= _routed(design, made)
    write_files(folder, {FIGURES: json.dumps(figures, indent=1) + "\n"})
    return figures


def _modules(synthesis):
    """The instances down to the core's units and their parts, each after its parent."""
    for path, resources in synthesis.modules.items():
        level = path.count(".") + 1 if path else 0
        if level <= LEVELS:
            yield {"path": path, "level": level, "resources": resources}


def _routed(design, made):
    routed = made.routed
    hierarchy = Hierarchy([HOSTED, *(entry["path"] for entry in design.components)])
    return {
        "fmax_mhz": routed.fmax_mhz, "meets_timing": routed.meets_timing,
        "placed": {kind: {"used": number, "has": routed.available[kind]}
                   for kind, number in routed.used.items()},
        "path": _path(routed, hierarchy),
        "places": _places(routed, hierarchy),
        "bitstream": str(made.path), "bytes": made.path.stat().st_size,
    }


def _path(routed, hierarchy):
    """The critical path module by module: its delays there, and where it goes."""
    stations = []
    for hop in routed.critical_path:
        module = hierarchy.owner(hop.cell).removeprefix(f"{CORE}.")
        if not stations or stations[-1]["module"] != module:
            stations.append({"module": module, "logic_ns": 0.0, "routing_ns": 0.0, "places": []})
        kind = "routing_ns" if hop.kind == "routing" else "logic_ns"
        stations[-1][kind] += hop.delay_ns
        stations[-1]["places"].append(hop.place)
    return stations


def _places(routed, hierarchy):
    """Where the cells of each unit are: {unit: [[column, row], ...]}, a place for each cell."""
    units = {}
    for cell, place in routed.places.items():
        owner = hierarchy.owner(cell)
        unit = (owner.removeprefix(f"{CORE}.").split(".")[0] if owner.startswith(f"{CORE}.")
                else "board")
        units.setdefault(unit, []).append(list(place))
    return units
