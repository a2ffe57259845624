"""What the figures of a run leave out, and what a reader of them should know."""

from .formatting import energy, quantity
from .pricing import PRICED_KINDS

__all__ = ["left_out", "measured", "not_priced", "notes"]

_LOGIC = ("combinational logic other than multipliers and adders: multiplexers, shifters, "
          "comparators, address arithmetic")


def measured(technology):
    """Whether its constants are of this project's gates: with their wires and their glitches."""
    return all(constant.kind == "measured" for _, constant in technology.file.constants)


def left_out(technology):
    """What no constant of a technology prices, in a few words."""
    leakage = "leakage of logic" if technology.sram.idle_is_known else "leakage"
    if measured(technology):
        return f"what flip-flops take from the clock, and {leakage}"
    tree = "" if technology.file.clock_tree else "clock tree, "
    return f"wires, {tree}clock pins, glitches, and {leakage}"


def not_priced(manifest, found, technology, unseen):
    """Yields what the figures leave out, as phrases.

    Parameters
    ----------
    manifest: dict
    found: energy.calibrated.Calibrated
    technology: Technology
    unseen: dict of str to int
        Registers that the activity file lacks, by kind.
    """
    where = "outside of calibrated parts: " if found.groups else ""
    yield f"{where}{left_out(technology)}"
    yield f"{where}{_LOGIC}"
    yield "input and output pins and whatever lies outside the core"
    others = sorted({component["kind"] for component in manifest["components"]
                     if component["path"] not in found.paths} - PRICED_KINDS - {"sram"})
    if others:
        yield f"logic between the registers of {', '.join(others)}"
    for kind, count in sorted(unseen.items()):
        yield f"{count} registers of {kind} that the activity file does not hold"


def notes(run, cycles, parts, technology):
    """Yields what a reader of the figures should know, in sentences.

    Parameters
    ----------
    run: dict
        See `energy.annotate.annotate`.
    cycles: float
        Clock cycles that the activity covers.
    parts: list of Part
    technology: Technology
    """
    if any(part.calibrated for part in parts):
        yield ("Calibrated parts: every toggle of every bit costs what it did at gate level, and "
               "clock and leakage what their time costs. Their fixed energy is what the "
               "technology's constants make of the same components.")
    yield ("Scaled by activity: multipliers and adders by the toggles of an operand or sum, as a "
           "multiple of what uniform random data toggles (0.5 per bit and operation), and the "
           "registers of what computes. The same in both views: energy per memory access, and all "
           "other registers, which are charged by the toggle.")
    if any(part.kind in ("cim_cells", "analog_columns") for part in parts):
        yield ("Compute-in-memory: as a fixed energy, a word line goes up and down for every 1 "
               "that it carries, and each cell on it makes a product; by activity, word lines and "
               "products of digital cells cost what they toggle, and adders what their sums do. "
               "The same in both views: writes, conversions, and lines of analog cells.")
    yield ("Activity is one total for the whole simulation: it is shared out over the layers by "
           "their accesses, their MACs or, for everything else, their cycles.")
    if run.get("priced_runs", 0) < run.get("runs", 0):
        yield (f"These figures cover {run['priced_runs']} of {run['runs']} runs, whose activity "
               "was recorded; all runs were compared with the golden model.")
    if cycles > 1.05 * run["cycles"]:
        yield (f"The activity covers {cycles:,.0f} cycles, the run itself {run['cycles']:,}: "
               f"loading, reading back and idling are priced too, outside the layers.")
    if run.get("host_bytes"):
        low, high = technology.dram_pj(run["host_bytes"])
        yield (f"Were the {quantity(run['host_bytes'])}B that the host loads and reads back DRAM "
               f"traffic, they would cost {energy(low)} to {energy(high)} more, "
               f"{energy(technology.hbm_pj(run['host_bytes']))} with DRAM on the package.")
    predicted = sum(access[way] for layer in run["layers"] for access in
                    layer["accesses"].values() for way in ("reads", "writes"))
    counted = sum(part.actions for part in parts if part.kind == "sram")
    if predicted > counted:
        yield (f"The layers claim {predicted:,} memory accesses, but only {counted:,.0f} were "
               f"recorded; energy by layer is scaled to what was recorded.")
