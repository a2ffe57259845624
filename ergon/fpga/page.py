"""A page about a placed and routed core: what takes how much, where it lies, the slowest path."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from energy import formatting
from generators.files import write_files
from generators.fpga.devices import RESOURCES

__all__ = ["PAGE", "write_page"]

PAGE = "fpga.html"
_TEMPLATE = Path(__file__).with_name("page.html.j2")
COLOURS = 10   # of units in the floor plan; the smaller ones share the last
WIDE = 900     # of the floor plan


def write_page(data, out):
    """Write ``<out>/<config>/<board>/fpga.html`` about what `figures.fpga` returned."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    environment.filters |= {name: getattr(formatting, name) for name in formatting.__all__}
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    names = [name for name in RESOURCES if name in data["resources"]]
    colours = _colours(data)
    text = template.render(
        data=data, names=names, colours=colours,
        modules=[row for row in data["modules"] if row["level"] <= 3
                 and (row["resources"]["LUTs"] or row["resources"]["FFs"])],
        plan=_floor_plan(data, colours) if "places" in data else None)
    folder = Path(out) / data["config"] / data["board"]
    return write_files(folder, {PAGE: text})


def _colours(data):
    """A number for each unit, largest first."""
    units = sorted(data.get("places", ()), key=lambda unit: -len(data["places"][unit]))
    return {unit: min(number, COLOURS - 1) for number, unit in enumerate(units)}


def _floor_plan(data, colours):
    """One SVG path per unit, and the slowest path over them.

    A square is a tile of the device; the unit with most cells in it gives it its colour.
    """
    tiles = {}
    for unit, places in data["places"].items():
        for x, y in places:
            counts = tiles.setdefault((x, y), {})
            counts[unit] = counts.get(unit, 0) + 1
    left, right = min(x for x, _ in tiles), max(x for x, _ in tiles) + 1
    top, bottom = min(y for _, y in tiles), max(y for _, y in tiles) + 1
    squares = {}
    for (x, y), counts in sorted(tiles.items()):
        unit = max(counts, key=counts.get)
        squares.setdefault(unit, []).append(f"M{x - left} {y - top}h1v1h-1z")
    stops = [place for station in data["path"] for place in station["places"]]
    line = " ".join(f"{x - left + 0.5},{y - top + 0.5}"
                    for x, y in dict.fromkeys(map(tuple, stops)))
    return {"width": right - left, "height": bottom - top, "line": line,
            "stroke": max(right - left, bottom - top) / WIDE * 3,
            "units": [(unit, colours[unit], "".join(squares[unit]), len(data["places"][unit]))
                      for unit in colours if unit in squares]}
