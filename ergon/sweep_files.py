"""A sweep as files: JSON, one CSV row per point, and a plot."""

import csv
import io
import json
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from generators.files import write_files

__all__ = ["SWEEP", "write_sweep"]

SWEEP = ("sweep.json", "sweep.csv", "sweep.svg")
COLUMNS = ("rows_active", "adc_bits", "accuracy", "cycles_per_image", "energy_pj_per_image",
           "low_pj", "high_pj", "adc_share")


def write_sweep(data, out):
    """Write the files of a `sweep` into ``<out>/<config>/sweep_<workload>``; returns the folder."""
    folder = Path(out) / data["config"] / f"sweep_{data['workload']}"
    texts = json.dumps(data, indent=1) + "\n", _csv(data), _plot(data)
    write_files(folder, dict(zip(SWEEP, texts, strict=True)))
    return folder


def _csv(data):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(data["points"])
    return text.getvalue()


def _plot(data):
    """Accuracy, energy and cycles over the converters' resolution, a line for each row count."""
    # Text stays text and names stay the same: equal data give an equal file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": data["config"],
                                "font.size": 9}):
        figure = Figure(figsize=(10, 3.4), layout="constrained")
        accuracy, energy, cycles = figure.subplots(1, 3)
        accuracy.axhline(100 * data["exact_accuracy"], color="gray", linestyle=":",
                         label="exact arithmetic")
        for rows in dict.fromkeys(point["rows_active"] for point in data["points"]):
            points = [point for point in data["points"] if point["rows_active"] == rows]
            bits = [point["adc_bits"] for point in points]
            for axes, key, scale in ((accuracy, "accuracy", 100),
                                     (energy, "energy_pj_per_image", 1e-6),
                                     (cycles, "cycles_per_image", 1)):
                axes.plot(bits, [scale * point[key] for point in points], marker="o",
                          markersize=3, label=f"{rows} rows")
        for axes, label in ((accuracy, "accuracy in %"), (energy, "energy per image in µJ"),
                            (cycles, "cycles per image")):
            axes.set(xlabel="resolution of the converters in bits", ylabel=label)
            axes.grid(alpha=0.3)
        energy.set_yscale("log")
        cycles.set_ylim(bottom=0)
        accuracy.legend()
        figure.suptitle(f"{data['workload']} on {data['config']}, {data['images']} images")
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
