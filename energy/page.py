"""The HTML report: one self-contained file, made for phones first.

Bars are plain HTML, so that their labels keep the page's text size on any screen; only the
roofline is a drawing.
"""

import bisect
import math
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from . import formatting
from .efficiency import conditions

__all__ = ["render_html"]

_TEMPLATE = Path(__file__).parent / "report.html.j2"
_BARS = 10  # parts with a bar of their own
_LONGEST = 98  # percent of the width, so that a mark at its end stays visible
_COLOURS = 6  # parts with a colour of their own; the rest is summed up


def render_html(report):
    """The report as the text of one HTML file without any reference to other files."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    environment.filters |= {name: getattr(formatting, name) for name in formatting.__all__}
    environment.filters["conditions"] = conditions
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(report=report, run=report.run, parts=_parts(report),
                           layers=_layers(report), legend=_legend(report),
                           roofline=_Roofline.of(report.roofline))


def _legend(report):
    """Labels of the parts that have a colour, in the order of the colours, then the rest."""
    labels = [part.label for part in report.parts[:_COLOURS]]
    return [*labels, "everything else"] if len(report.parts) > _COLOURS else labels


def _parts(report):
    """The parts worth a bar of their own, and the rest of them as one, with lengths in percent."""
    shown = report.parts[:_BARS] if len(report.parts) > _BARS + 1 else report.parts
    rest = report.parts[len(shown):]
    rows = [{"label": part.label, "colour": min(index, _COLOURS), "actions": part.actions,
             "unit": part.unit, "fixed_pj": part.fixed_pj, "activity_pj": part.activity_pj,
             "calibrated": part.calibrated, "error": part.error_text}
            for index, part in enumerate(shown)]
    if rest:
        rows.append({"label": f"{len(rest)} more, listed below", "colour": _COLOURS,
                     "actions": None, "calibrated": False,
                     "fixed_pj": sum(part.fixed_pj for part in rest),
                     "activity_pj": sum(part.activity_pj for part in rest)})
    longest = max((max(row["fixed_pj"], row["activity_pj"]) for row in rows), default=0) or 1
    return [{**row, "fixed": _LONGEST * row["fixed_pj"] / longest,
             "activity": _LONGEST * row["activity_pj"] / longest,
             "share": row["activity_pj"] / (report.total_pj or 1)} for row in rows]


def _layers(report):
    """Each layer, and the energy outside of layers, as segments of a stacked bar."""
    colours = {part.label: index for index, part in enumerate(report.parts[:_COLOURS])}
    rows = [*report.layers, {"name": "outside layers", "pj_per_mac": None, **report.outside}]
    longest = max(max(row["fixed_pj"], row["activity_pj"]) for row in rows) or 1
    result = []
    for row in rows:
        lengths = [0.0] * (_COLOURS + 1)
        for label, energy_pj in row["parts"].items():
            lengths[colours.get(label, _COLOURS)] += _LONGEST * energy_pj / longest
        result.append({"row": row, "fixed": _LONGEST * row["fixed_pj"] / longest,
                       "segments": [(colour, length) for colour, length in enumerate(lengths)
                                    if length > 0.05]})
    return result


_STEPS = [step * 10.0**power for power in range(-6, 10) for step in (1, 2, 5)]


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis with ticks at 1, 2, 5, 10, ..., from pixel ``start`` to pixel ``end``."""

    steps: list
    start: float
    end: float

    @classmethod
    def over(cls, values, start, end):
        """The axis from the last tick below all values to the first one above them."""
        first = bisect.bisect_right(_STEPS, min(values)) - 1
        last = max(first + 1, bisect.bisect_left(_STEPS, max(values)))
        return cls(_STEPS[first:last + 1], start, end)

    def __call__(self, value):
        low, high = math.log(self.steps[0]), math.log(self.steps[-1])
        position = (math.log(value) - low) / (high - low)
        return round(self.start + position * (self.end - self.start), 1)

    @property
    def ticks(self):
        return [(self(step), f"{step:g}") for step in self.steps]


@dataclass(frozen=True)
class _Roofline:
    """Geometry of the drawing, in pixels of its view box."""

    width: int
    height: int
    x: _Axis
    y: _Axis
    roof: str
    peak_y: float
    points: list

    @classmethod
    def of(cls, roofline, width=360, height=250):
        """The drawing, or None where no layer has a place in it."""
        if not roofline["points"]:
            return None
        peak, bandwidth = roofline["peak_macs_per_cycle"], roofline["bytes_per_cycle"]
        ridge = peak / bandwidth
        intensities = [point["macs_per_byte"] for point in roofline["points"]]
        rates = [point["macs_per_cycle"] for point in roofline["points"]]
        x = _Axis.over([*intensities, ridge / 2, ridge * 2], 38, width - 10)
        y = _Axis.over([*rates, peak / 4, peak * 1.2], height - 34, 12)
        left = max(x.steps[0], y.steps[0] / bandwidth)  # where the slope enters the drawing
        corners = [(left, bandwidth * left), (ridge, peak), (x.steps[-1], peak)]
        return cls(width=width, height=height, x=x, y=y, peak_y=y(peak),
                   roof=" ".join(f"{x(a)},{y(b)}" for a, b in corners),
                   points=[{"x": x(point["macs_per_byte"]), "y": y(point["macs_per_cycle"]),
                            "number": number, **point}
                           for number, point in enumerate(roofline["points"], 1)])
