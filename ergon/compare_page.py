"""A comparison as files: JSON, one CSV row per core, and a self-contained HTML page."""

import csv
import io
import json
from functools import partial
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from energy import formatting
from energy.technology import load_technology
from generators.files import write_files

from .compare import ASIC, LEVELS, per_thousand_cells, problems

__all__ = ["COMPARISON", "write_comparison"]

COMPARISON = ("compare.json", "compare.csv", "compare.html")
_TEMPLATE = Path(__file__).with_name("compare.html.j2")
_LONGEST = 98  # percent of the width


def write_comparison(data, out):
    """Write the files of a `compare` into ``<out>/compare_<workload>/``; returns the folder."""
    folder = Path(out) / f"compare_{data['workload']}"
    texts = json.dumps(data, indent=1) + "\n", _csv(data), _html(data)
    write_files(folder, dict(zip(COMPARISON, texts, strict=True)))
    return folder


def _csv(data):
    rows = [_flat(row) for row in data["cores"]]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(row):
    """One core's figures by the names of the CSV's columns."""
    places = {f"pj_per_mac_{place.replace(' ', '_').replace('-', '_')}": value
              for place, value in row["energy_per_mac_pj"].items()}
    kinds = ("luts", "flip_flops", "block_rams")
    cells = {f"{part}{kind}": (row[f"{part}cells"] or {}).get(kind)
             for part in ("", "array_") for kind in kinds}
    mapped = {key: (row["asic"] or {}).get(key) for key in ASIC if key != "without"}
    return {
        **{key: row[key] for key in (
            "config", "engine", "formats", "runs", "mismatches", "cycles", "predicted_cycles",
            "macs", "peak_macs_per_cycle", "macs_per_cycle", "utilization")},
        "macs_per_cycle_per_1000_cells": per_thousand_cells(row),
        "macs_per_cycle_per_1000_array_cells": per_thousand_cells(row, "array_cells"), **cells,
        **mapped,
        **{f"{level.replace(' ', '_')}_per_mac": row["accesses_per_mac"][level]
           for level in LEVELS},
        "array_toggles_per_mac": row["array_toggles_per_mac"],
        "pj_per_mac": row["pj_per_mac"], **places, "priced_runs": row["priced_runs"],
    }


def _html(data):
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    environment.filters |= {name: getattr(formatting, name) for name in formatting.__all__}
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    cores = data["cores"]
    return template.render(
        data=data, cores=cores, levels=LEVELS, problems=list(problems(data)),
        charts=list(_charts(cores)), per_thousand_cells=per_thousand_cells,
        energy_unit=_unit(cores, lambda row: row["pj_per_mac"]),
        technology=load_technology(data["technology"]), places=list(cores[0]["energy_per_mac_pj"]),
        mapped=[row for row in cores if row["asic"]],
        partly=[row["config"] for row in cores if row["priced_runs"] < row["runs"]],
        best=_best(cores))


def _charts(cores):
    """(title, figure of a core, its text, percent of the width for a figure of 1)."""
    def rate(row):
        return row["macs_per_cycle"]

    yield "MACs per cycle", rate, formatting.number, _unit(cores, rate)
    yield ("Per MAC unit: share of peak", lambda row: row["utilization"], formatting.percent,
           _LONGEST)
    if all(row["cells"] for row in cores):
        for title, of in (("core", "cells"), ("array alone", "array_cells")):
            figure = partial(per_thousand_cells, of=of)
            yield (f"Per area: MACs per cycle and 1,000 cells of the {title}", figure,
                   formatting.number, _unit(cores, figure))


def _unit(cores, figure):
    """Percent of the width for a figure of 1, if the largest one is to fill it."""
    return _LONGEST / (max(figure(row) or 0 for row in cores) or 1)


def _best(cores):
    """(title, figure, core) of the best core by each criterion that all have."""
    criteria = (
        ("fewest cycles", lambda row: -row["cycles"], lambda row: f"{row['cycles']:,}"),
        ("of peak", lambda row: row["utilization"],
         lambda row: formatting.percent(row["utilization"])),
        ("MACs per cycle and 1,000 cells", per_thousand_cells,
         lambda row: formatting.number(per_thousand_cells(row))),
        ("pJ per MAC", lambda row: row["pj_per_mac"] and -row["pj_per_mac"],
         lambda row: formatting.number(row["pj_per_mac"])))
    for title, figure, text in criteria:
        if all(figure(row) is not None for row in cores):
            best = max(cores, key=figure)
            yield {"title": title, "text": text(best), "core": best["config"]}
