"""Reads a Liberty library into cells.py's classes.

Semantics follow the Liberty reference manual: table axes come from templates and are overridden in
the table, the energy unit of internal power is voltage_unit^2 * capacitive_load_unit, and what a
bus says holds for its bits. Constraints (setup, hold, pulse widths) and wire loads are not read.
"""

import hashlib
import re
from pathlib import Path

from energy.gate_level.cells import Arc, Cell, Library, Pin, PowerTable, Sequential
from energy.gate_level.liberty import parse_liberty, read_text
from energy.gate_level.tables import Table, TableReader
from generators.errors import UserError

__all__ = ["Arc", "Cell", "Library", "Pin", "PowerTable", "Sequential", "Table", "load_library"]

_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18}
_DELAY_TYPES = re.compile(r"(combinational|rising_edge|falling_edge|clear|preset|three_state_)")
_MEMBER = re.compile(r"(.+)\[(\d+)(?::(\d+))?\]$")


def load_library(path):
    """Read a Liberty file (.lib or .lib.gz) with NLDM delays and internal power.

    Returns
    -------
    Library

    Raises
    ------
    UserError
        A file that is unreadable or not Liberty, another delay model, tables over other axes,
        or no power tables.
    """
    text = read_text(path)
    reader = _Reader(parse_liberty(text, path), Path(path))
    library = reader.library(hashlib.sha256(text.encode()).hexdigest())
    if not any(pin.powers for cell in library.cells.values() for pin in cell.pins.values()):
        raise UserError(
            f"{path}: {library.name} has no power tables; give a library with internal_power groups"
        )
    return library


class _Reader:
    """Units, templates and bus types of one library group, and the readers that need them."""

    def __init__(self, group, path):
        self.group, self.path = group, path
        model = group.attributes.get("delay_model", "table_lookup")
        if model != "table_lookup":
            raise UserError(
                f"{path}: delay_model {model} is not table_lookup; give an NLDM library"
            )
        self.time_s = self.unit("time_unit", "1ns")
        self.leakage_w = self.unit("leakage_power_unit", "1nW")
        self.cap_f = self.unit("capacitive_load_unit", "1, pf")
        self.energy_j = self.unit("voltage_unit", "1V") ** 2 * self.cap_f
        templates = group.children("lu_table_template", "power_lut_template")
        templates = {template.arguments[0]: template for template in templates}
        self.tables = TableReader(path, templates, self.time_s, self.cap_f)
        self.types = {t.arguments[0]: t.attributes for t in group.children("type")}
        self.default_f = {
            direction: self.attribute(group, f"default_{direction}_pin_cap", 0.0) * self.cap_f
            for direction in ("input", "output", "inout")
        }

    def number(self, text):
        try:
            return float(text)
        except ValueError:
            raise UserError(f"{self.path}: {text!r} is not a number; mend the file") from None

    def attribute(self, group, name, default):
        text = group.attributes.get(name)
        return default if text is None else self.number(text)

    def unit(self, name, default):
        text = self.group.attributes.get(name) or self.group.lists.get(name, default)
        match = re.fullmatch(r"([\d.eE+-]*)([munpfa]?)[sWVAfF]", "".join(_split(text)))
        if match is None:
            raise UserError(
                f"{self.path}: {name} {text!r} is not a unit; use one such as {default!r}"
            )
        return self.number(match[1] or "1") * _PREFIXES[match[2]]

    def library(self, sha256):
        group = self.group
        conditions = {c.arguments[0]: c for c in group.children("operating_conditions")}
        corner = conditions.get(group.attributes.get("default_operating_conditions"), group)

        def nominal(name, default):
            return self.attribute(corner, name, self.attribute(group, f"nom_{name}", default))

        def fraction(name, default):
            return self.attribute(group, f"slew_{name}", default) / 100

        return Library(
            name=group.arguments[0],
            path=self.path,
            sha256=sha256,
            voltage_v=nominal("voltage", 1.0),
            temperature_c=nominal("temperature", 25.0),
            process=nominal("process", 1.0),
            slew_lower_rise=fraction("lower_threshold_pct_rise", 20.0),
            slew_upper_rise=fraction("upper_threshold_pct_rise", 80.0),
            slew_lower_fall=fraction("lower_threshold_pct_fall", 20.0),
            slew_upper_fall=fraction("upper_threshold_pct_fall", 80.0),
            slew_derate=self.attribute(group, "slew_derate_from_library", 1.0),
            default_input_f=self.default_f["input"],
            default_output_f=self.default_f["output"],
            default_inout_f=self.default_f["inout"],
            cells={cell.arguments[0]: self.cell(cell) for cell in group.children("cell")},
        )

    def cell(self, group):
        get = group.attributes.get
        leakage = self.attribute(group, "cell_leakage_power", None)
        return Cell(
            name=group.arguments[0],
            area_um2=self.attribute(group, "area", 0.0),
            pins={name: self.pin(name, groups) for name, groups in self.pin_groups(group)},
            sequential=_sequential(group),
            leakage=tuple(
                (state.attributes.get("when"), self.attribute(state, "value", 0.0) * self.leakage_w)
                for state in group.children("leakage_power")
            ),
            cell_leakage_w=None if leakage is None else leakage * self.leakage_w,
            is_macro=bool(group.children("memory")) or get("is_macro_cell") == "true",
            dont_use=get("dont_use") == "true",
        )

    def pin_groups(self, cell):
        """(name, groups that describe it, the most general first) of each pin and bus bit."""
        for group in cell.children("pin"):
            for name in group.arguments:
                yield name, [group]
        for bus in cell.children("bus"):
            kind = self.types.get(bus.attributes.get("bus_type"), {})
            ends = sorted(int(kind.get(end, 0)) for end in ("bit_from", "bit_to"))
            members = {}
            for group in bus.children("pin"):
                for match in filter(None, map(_MEMBER.match, group.arguments)):
                    first, last = sorted((int(match[2]), int(match[3] or match[2])))
                    for bit in range(first, last + 1):
                        members.setdefault(bit, []).append(group)
            for bit in range(ends[0], ends[1] + 1):
                yield f"{bus.arguments[0]}[{bit}]", [bus, *members.get(bit, [])]
        for bundle in cell.children("bundle"):
            own = {group.arguments[0]: group for group in bundle.children("pin")}
            for name in _split(bundle.lists.get("members", "")):
                yield name, [bundle, own[name]] if name in own else [bundle]

    def pin(self, name, groups):
        attributes = {}
        lists = {}
        for group in groups:
            attributes |= group.attributes
            lists |= group.lists
        direction = attributes.get("direction", "input")
        nominal = attributes.get("capacitance")
        if nominal is None:
            nominal = self.default_f.get(direction, 0.0)
        else:
            nominal = self.number(nominal) * self.cap_f

        def worst(edge):
            values = _split(lists.get(f"{edge}_capacitance_range", ""))
            values.append(attributes.get(f"{edge}_capacitance"))
            known = [self.number(value) * self.cap_f for value in values if value is not None]
            return max(known, default=nominal)

        return Pin(
            name=name,
            direction=direction,
            capacitance_f=nominal,
            rise_f=worst("rise"),
            fall_f=worst("fall"),
            function=attributes.get("function"),
            three_state=attributes.get("three_state"),
            clock=attributes.get("clock") == "true",
            arcs=tuple(arc for g in groups for t in g.children("timing") for arc in self.arcs(t)),
            powers=tuple(
                table
                for g in groups
                for p in g.children("internal_power")
                for table in self.powers(p)
            ),
        )

    def arcs(self, group):
        """One delay arc per related pin of a timing group; none for a constraint."""
        attributes = group.attributes
        kind = attributes.get("timing_type", "combinational")
        if not _DELAY_TYPES.match(kind):
            return
        names = ("cell_rise", "cell_fall", "rise_transition", "fall_transition")
        tables = {name: self.tables.read(group, name, self.time_s) for name in names}
        for related in attributes.get("related_pin", "").split():
            yield Arc(
                related=related,
                timing_type=kind,
                sense=attributes.get("timing_sense", "non_unate"),
                when=attributes.get("when"),
                sdf_cond=attributes.get("sdf_cond"),
                **tables,
            )

    def powers(self, group):
        """One power table per related pin of a group, one without if it names none."""
        both = self.tables.read(group, "power", self.energy_j)
        rise = self.tables.read(group, "rise_power", self.energy_j) or both
        fall = self.tables.read(group, "fall_power", self.energy_j) or both
        attributes = group.attributes
        for related in attributes.get("related_pin", "").split() or [None]:
            yield PowerTable(
                related, attributes.get("when"), attributes.get("related_pg_pin"), rise, fall
            )


def _split(arguments):
    """The arguments of an attribute with parentheses, quotes removed."""
    return [part for part in re.split(r'[\s,"]+', arguments) if part]


def _sequential(cell):
    group = next(iter(cell.children("ff", "latch")), None)
    if group is None:
        return None
    get = group.attributes.get
    state, inverse = (*group.arguments, "", "")[:2]
    return Sequential(
        kind=group.kind,
        state=state,
        inverse=inverse,
        clocked_on=get("clocked_on", get("enable")),
        next_state=get("next_state", get("data_in")),
        clear=get("clear"),
        preset=get("preset"),
        clear_preset_var1=get("clear_preset_var1"),
        clear_preset_var2=get("clear_preset_var2"),
    )
