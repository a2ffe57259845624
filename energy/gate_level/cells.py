"""What a Liberty library says of its cells: pins, arcs, power tables and states, in SI units."""

from dataclasses import dataclass
from pathlib import Path

from energy.gate_level.tables import Table

__all__ = ["Arc", "Cell", "Library", "Pin", "PowerTable", "Sequential", "Table"]


@dataclass(frozen=True, eq=False)
class Arc:
    """A delay arc from the pin `related` to the output that holds it; tables in seconds.

    `timing_type` is "combinational", "rising_edge", "falling_edge", "clear", "preset" or
    "three_state_…"; `sense` is "positive_unate", "negative_unate" or "non_unate". `when` and
    `sdf_cond` are None where the arc is unconditional, a table where it has no such edge.
    """

    related: str
    timing_type: str
    sense: str
    when: str | None
    sdf_cond: str | None
    cell_rise: Table | None
    cell_fall: Table | None
    rise_transition: Table | None
    fall_transition: Table | None


@dataclass(frozen=True, eq=False)
class PowerTable:
    """An internal_power group: joules per rise and per fall of the pin that holds it."""

    related: str | None
    when: str | None
    related_pg_pin: str | None
    rise: Table | None
    fall: Table | None


@dataclass(frozen=True, eq=False)
class Pin:
    """A pin or a bus bit (`A[3]`); `rise_f` and `fall_f` are the edges' worst capacitances."""

    name: str
    direction: str
    capacitance_f: float
    rise_f: float
    fall_f: float
    function: str | None
    three_state: str | None
    clock: bool
    arcs: tuple[Arc, ...]
    powers: tuple[PowerTable, ...]


@dataclass(frozen=True, eq=False)
class Sequential:
    """An ff or latch group; a latch's enable and data_in stand in `clocked_on`, `next_state`.

    `state` and `inverse` name its internal nodes (IQ, IQN); clock, data, clear and preset are
    expressions, and `clear_preset_var1` and `2` say what both nodes are under clear and preset.
    """

    kind: str
    state: str
    inverse: str
    clocked_on: str | None
    next_state: str | None
    clear: str | None
    preset: str | None
    clear_preset_var1: str | None
    clear_preset_var2: str | None


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell; `leakage` holds (when or None, watts) of each leakage_power group."""

    name: str
    area_um2: float
    pins: dict[str, Pin]
    sequential: Sequential | None
    leakage: tuple[tuple[str | None, float], ...]
    cell_leakage_w: float | None
    is_macro: bool
    dont_use: bool


@dataclass(frozen=True, eq=False)
class Library:
    """A Liberty file; `sha256` is that of its decompressed text.

    Thresholds are fractions of the supply: a slew of the tables times `slew_derate` is the time
    between them. The defaults are the capacitances of pins that state none.
    """

    name: str
    path: Path
    sha256: str
    voltage_v: float
    temperature_c: float
    process: float
    slew_lower_rise: float
    slew_upper_rise: float
    slew_lower_fall: float
    slew_upper_fall: float
    slew_derate: float
    default_input_f: float
    default_output_f: float
    default_inout_f: float
    cells: dict[str, Cell]
