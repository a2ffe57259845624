"""One workload on several cores, side by side: all simulated, priced and counted alike."""

from collections import Counter
from pathlib import Path

from compiler.workload import load_chains, workload_title
from energy.technology import load_technology
from generators.cells import count_cells
from generators.config import load_config
from generators.derive import Overflow, derive
from generators.errors import UserError
from generators.fpga.tools import find_tool
from generators.standard_cells import read_library
from hw.cim.analog.parameters import AnalogCimParameters

from . import flow
from .asic.figures import asic
from .asic.memories import read_macro
from .catalog import core_file
from .libraries import chosen_cards
from .run import core_formats

__all__ = ["LEVELS", "compare", "per_thousand_cells", "problems"]

# Activity is recorded until so many cycles of each core: all of what is worth comparing by energy.
COMPARED_CYCLES = 200_000

# Levels whose accesses are compared, in numbers and not in words, which differ between cores:
# from the array's own registers and wires to the core's memories.
LEVELS = ("registers", "between elements", "activations", "weights", "accumulators")

# What is compared of cores that are mapped to standard cells.
ASIC = ("library", "area_um2", "engine_um2", "clock_ns", "path_ns", "gops_per_mm2",
        "engine_gops_per_mm2", "without")

# Where energy goes, by the first part of a component's path.
PLACES = {
    "engine": "array", "accumulate": "accumulators", "accumulators": "accumulators",
    "activations": "buffers", "weights": "buffers", "input_streamer": "buffers",
    "weight_streamer": "buffers",
}
ELSEWHERE = "post-processing and control"


def compare(workload, configs, *, out, view, simulator, seed, technology, cells, liberty=None,
            macros=()):
    """Simulate and price a workload on several cores.

    Parameters
    ----------
    workload: str
        A YAML file, the name of a workload that comes with the project, or ``gemm:MxKxN``.
    configs: list of str
        YAML files, or names of cores that come with the project.
    out, view, simulator, seed, technology
        See `ergon.flow.simulate` and `ergon.flow.annotate`.
    cells: bool
        Count each core's cells, which takes Yosys a minute for small cores and several for large
        ones.
    liberty, macros
        Map each digital core to standard cells as well, see `ergon.asic.figures.asic`; None leaves
        that out.

    Returns
    -------
    dict
        ``workload, seed, technology, simulator, cores``; a core is a dict of its own, with
        ``accesses_per_mac`` and ``energy_per_mac_pj`` by place, and ``asic``: None, or the
        figures of `ergon.asic.figures.asic` but for its lists.
    """
    cores = [derive(load_config(core_file(config))) for config in configs]
    _check(workload, configs, cores)
    cards = chosen_cards(load_technology(technology))
    if cells or liberty is not None:
        find_tool("yosys", native=False)
    if liberty is not None:
        read_library(liberty)
        for path in macros:
            read_macro(path)
    rows = []
    for config, core in zip(configs, cores, strict=True):
        run = flow.simulate(config, workload, out=out, view=view, simulator=simulator, seed=seed,
                            waves=False, activity=True, recorded_cycles=COMPARED_CYCLES,
                            cards=cards)
        report, _ = flow.annotate(config, workload, out=out, view=view, technology=technology)
        row = _row(core, run, report)
        if cells:
            with view.step(f"Counting the cells of {core.name}"):
                row["cells"], row["array_cells"] = count_cells(
                    Path(out) / core.name / f"{core.name}.v", core.name)
        if liberty is not None and not isinstance(core.engine, AnalogCimParameters):
            found = asic(config, liberty, macros=macros, out=out, view=view)
            row["asic"] = {key: found[key] for key in ASIC}
        rows.append(row)
    return {"workload": workload_title(workload), "seed": seed, "technology": technology,
            "simulator": rows[0]["simulator"], "cores": rows}


def problems(data):
    """Sentences about what is wrong with a comparison's results."""
    for row in data["cores"]:
        if row["mismatches"]:
            yield (f"{row['config']}: {row['mismatches']:,} of {row['compared']:,} results differ "
                   "from the golden model")
        if row["cycles"] != row["predicted_cycles"]:
            yield (f"{row['config']}: {row['cycles']:,} cycles, {row['predicted_cycles']:,} "
                   "predicted")
    first = {}
    for row in data["cores"]:
        if row["exact"]:
            other = first.setdefault(row["formats"], row)
            if row["outputs"] != other["outputs"]:
                yield (f"{row['config']}: its outputs differ from those of {other['config']}, "
                       "though both are exact")


def per_thousand_cells(row, of="cells"):
    """MACs per cycle of 1,000 LUTs and flip-flops (``array_cells``: of the engine's alone).

    None if they were not counted.
    """
    cells = row[of]
    return cells and 1000 * row["macs_per_cycle"] / (cells["luts"] + cells["flip_flops"])


def _check(workload, configs, cores):
    """Find a user's mistakes before anything takes long."""
    found = []
    for name, number in Counter(core.name for core in cores).items():
        if number > 1:
            named = [config for config, core in zip(configs, cores, strict=True)
                     if core.name == name]
            found.append(f"config: {', '.join(named)} are all named {name}; name each core once")
    if found:
        raise UserError(found)
    for core in cores:
        load_chains(workload, None, core_formats(core))


def _row(core, run, report):
    """What there is to say of one core: plain data."""
    engine, macs = core.engine, run["macs"]
    formats = {"activations": engine.inputs, "weights": engine.weights,
               "accumulators": engine.accumulator}
    lanes = {"activations": core.word_lanes, "weights": core.weight_lanes,
             "accumulators": core.output_lanes}
    accesses = {level: _per(lanes[level] * sum(run["accesses"][level][way]
                                               for way in ("reads", "writes")), macs)
                for level in formats}
    accesses |= _inside(core.geometry, run, report)
    array = [part for part in report.parts if _place(part) == "array"]
    # Cards price more than registers, and do not say what their toggles are.
    toggles = (None if any(part.calibrated for part in array) else
               sum(part.actions for part in array if part.unit == "toggles"))
    energy = dict.fromkeys((*PLACES.values(), ELSEWHERE), 0.0)
    for part in report.parts:
        energy[_place(part)] += part.activity_pj
    return {
        **{key: run[key] for key in (
            "config", "simulator", "runs", "compared", "mismatches", "outputs", "cycles",
            "predicted_cycles", "macs", "peak_macs_per_cycle", "utilization")},
        "engine": f"{engine.rows}x{engine.columns}",
        "formats": f"{engine.inputs} x {engine.weights}",
        "exact": engine.overflow is Overflow.ERROR and not isinstance(engine, AnalogCimParameters),
        "macs_per_cycle": macs / run["cycles"], "accesses_per_mac": accesses,
        "array_toggles_per_mac": toggles and report.per_mac(toggles),
        "energy_per_mac_pj": {place: report.per_mac(value) for place, value in energy.items()},
        "pj_per_mac": report.per_mac(report.total_pj), "error_factor": report.error["factor"],
        "priced_runs": report.run["priced_runs"], "cells": None, "array_cells": None,
        "asic": None,
        "layers": [{key: layer[key] for key in ("name", "kind", "dataflow", "cycles", "macs",
                                                "utilization")} for layer in run["layers"]],
    }


def _inside(geometry, run, report):
    """Numbers per MAC in the array's own registers, and from element to element.

    Elements with scratchpads are counted: their accesses; what is delivered to them, and the sums
    that pass.
    """
    pads = [part for part in report.parts if part.kind == "scratchpad"]
    if not pads or not run["macs"]:
        return {"registers": geometry.register_accesses, "between elements": geometry.hops}
    delivered = sum(part.writes for part in pads if part.part != "sums")
    passed = sum(layer["hops"] for layer in run["layers"])
    return {"registers": report.per_mac(sum(part.actions for part in pads)),
            "between elements": report.per_mac(delivered) + passed / run["macs"]}


def _per(count, macs):
    return count / macs if macs else None


def _place(part):
    return PLACES.get(part.path.split(".")[0].split(",")[0], ELSEWHERE)
