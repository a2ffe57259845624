"""Whether a synthesized core fits a device, and what would."""

from math import floor, sqrt

from .design import CORE

__all__ = ["memories_in_logic", "misfit"]


def misfit(design, synthesis):
    """A sentence about what a device has too little of, and the largest array that would fit.

    Parameters
    ----------
    design: BoardDesign
    synthesis: Synthesis

    Returns
    -------
    str or None
        None if it fits, as far as can be told before place and route.
    """
    device, needs = design.board.device, synthesis.resources
    # What counts on an iCE40 is logic cells, whatever is in them.
    shared = ("LUTs", "FFs") if "logic cells" in device.has else ()
    over = {name: needs[name] - has for name, has in device.has.items()
            if name not in shared and needs[name] > has}
    if not over:
        return None
    wants = " and ".join(f"{needs[name]:,} {name}, {more:,} more than the {device.has[name]:,}"
                         for name, more in over.items())
    return (f"{design.parameters.name}: takes {wants} of an {device.name}; "
            f"{_remedy(design, synthesis)}")


def _remedy(design, synthesis):
    """The array that what the rest of the core leaves has room for, by the array's own share."""
    engine, needs = design.parameters.engine, synthesis.resources
    array = synthesis.modules[f"{CORE}.engine"]
    room = min((has - needs[name] + array[name]) / array[name]
               for name, has in design.board.device.has.items() if array[name])
    side = sqrt(max(0.0, room))
    ways = getattr(engine, "ways", 1)
    rows, columns = floor(engine.rows * side), floor(engine.columns * side / ways) * ways
    if min(rows, columns) < 1:
        return "the rest of the core leaves no room for an array; use smaller memories"
    return (f"an array of about {rows}x{columns} would fit (engine.rows, engine.columns), or "
            "use fewer post_processing.lanes or more post_processing.cycles")


def memories_in_logic(design, synthesis):
    """Memories that no block holds: path below the core and LUTs that they take.

    Parameters and returns are those of the design's ``memories``.
    """
    found = []
    for memory in design.memories:
        used = synthesis.modules.get(memory["path"])
        if used and not used["block RAMs"] and not used["SPRAMs"]:
            bits = memory["parameters"]["depth"] * memory["parameters"]["width"]
            found.append({"path": memory["path"].removeprefix(f"{CORE}."), "bits": bits,
                          "LUTs": used["LUTs"], "FFs": used["FFs"]})
    return found
