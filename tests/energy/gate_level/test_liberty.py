"""Liberty text to cells: syntax, units, table axes, buses, and what osu018 says."""

import gzip

import numpy as np
import pytest

from energy.gate_level.liberty import parse_liberty
from energy.gate_level.library import load_library
from generators.errors import UserError

TOY = """\
library (toy) { /* a comment, with "quotes" */
  delay_model : table_lookup;
  time_unit : "10ps"; leakage_power_unit : "1pW"; voltage_unit : "1V";
  capacitive_load_unit (2, ff);
  nom_voltage : 5;
  operating_conditions (slow) { process : 2; voltage : 1.1; temperature : 125; }
  default_operating_conditions : slow;
  default_input_pin_cap : 3;
  slew_lower_threshold_pct_rise : 30;
  lu_table_template ("load_first") {
    variable_1 : total_output_net_capacitance; variable_2 : "input_net_transition";
    index_1 ("1, 2"); index_2 ("10, 20, 40");
  }
  power_lut_template (by_slew) { variable_1 : input_transition_time; index_1 ("1, 3"); }
  type (three) { bit_from : 2; bit_to : 0; }
  cell ("GATE") {
    area : 1.5
    dont_use : true ; // no semicolon above
    cell_leakage_power : 7;
    leakage_power () { when : "A&!B"; value : 2.0; }
    leakage_power () { value : 4.0; }
    ff (IQ, IQN) { next_state : "(D A)"; clocked_on : "!CK"; clear : "R'"; }
    pin (A, B) { direction : input; }
    pin (C) {
      direction : input; capacitance : 1.0; rise_capacitance : 1.5;
      rise_capacitance_range (0.5, 2.5); clock : true;
      internal_power () {
        when : "A" rise_power (by_slew) { values ("1, 2"); } fall_power (scalar) { values (5); }
      }
    }
    pin (Y) {
      direction : output; function : "A // B"; three_state : "C";
      timing () {
        related_pin : "A B"; timing_sense : negative_unate; when : "C"; sdf_cond : "C == 1";
        cell_rise (load_first) { values ("1, 2, 4", \\
                                         "3, 4, 6"); }
        cell_fall (load_first) { index_1 ("5, 7"); values ("1, 2, 4, 3, 4, 6"); }
      }
      timing () { related_pin : C; timing_type : setup_rising; rise_constraint (none) { } }
      internal_power () { related_pin : "C"; related_pg_pin : VDD; power (scalar) { values (3) } }
    }
  }
  cell (RAM) {
    memory () { type : ram; }
    bus (Q) {
      bus_type : three; direction : output; capacitance : 1;
      pin (Q[1]) { capacitance : 2; }
      pin (Q[2:1]) { internal_power () { power (scalar) { values (1); } } }
      timing () { related_pin : CK; timing_type : rising_edge; cell_rise (scalar) { values (2); } }
    }
    bundle (S) { members (S0, S1); direction : input; pin (S1) { capacitance : 9; } }
  }
}
"""


@pytest.fixture
def toy(tmp_path):
    path = tmp_path / "toy.lib.gz"
    path.write_bytes(gzip.compress(TOY.encode()))
    return load_library(path)


def test_corner_and_units(toy):
    assert (toy.name, toy.voltage_v, toy.temperature_c, toy.process) == ("toy", 1.1, 125.0, 2.0)
    assert (toy.slew_lower_rise, toy.slew_upper_rise, toy.slew_derate) == (0.3, 0.8, 1.0)
    assert toy.default_input_f == pytest.approx(6e-15)
    gate = toy.cells["GATE"]
    assert (gate.area_um2, gate.dont_use, gate.is_macro) == (1.5, True, False)
    assert gate.cell_leakage_w == pytest.approx(7e-12)
    assert gate.leakage == (("A&!B", pytest.approx(2e-12)), (None, pytest.approx(4e-12)))


def test_state(toy):
    state = toy.cells["GATE"].sequential
    assert (state.kind, state.state, state.inverse) == ("ff", "IQ", "IQN")
    assert (state.next_state, state.clocked_on, state.clear) == ("(D A)", "!CK", "R'")
    assert state.preset is None
    assert toy.cells["RAM"].sequential is None


def test_pins(toy):
    pins = toy.cells["GATE"].pins
    assert list(pins) == ["A", "B", "C", "Y"]
    assert pins["A"].capacitance_f == toy.default_input_f
    assert (pins["C"].capacitance_f, pins["C"].rise_f, pins["C"].fall_f) == pytest.approx(
        (2e-15, 5e-15, 2e-15)
    )
    assert pins["C"].clock
    assert not pins["A"].clock
    assert (pins["Y"].function, pins["Y"].three_state) == ("A // B", "C")


def test_arcs_and_axis_order(toy):
    pin = toy.cells["GATE"].pins["Y"]
    assert [arc.related for arc in pin.arcs] == ["A", "B"]  # no constraint among them
    arc = pin.arcs[0]
    assert (arc.sense, arc.when, arc.sdf_cond) == ("negative_unate", "C", "C == 1")
    assert arc.timing_type == "combinational"
    assert arc.rise_transition is None
    np.testing.assert_allclose(arc.cell_rise.slews_s, [1e-10, 2e-10, 4e-10])
    np.testing.assert_allclose(arc.cell_rise.loads_f, [2e-15, 4e-15])
    np.testing.assert_allclose(arc.cell_rise.values * 1e11, [[1, 3], [2, 4], [4, 6]])
    np.testing.assert_allclose(arc.cell_fall.loads_f, [1e-14, 1.4e-14])


def test_interpolation(toy):
    table = toy.cells["GATE"].pins["Y"].arcs[0].cell_rise
    slews = np.array([1e-10, 1.5e-10, 3e-10, 5e-10, 0.0])
    loads = np.array([2e-15, 3e-15, 4e-15, 6e-15, 2e-15])
    # Beyond the axes the outermost two points go on linearly.
    np.testing.assert_allclose(table(slews, loads), np.array([1.0, 2.5, 5.0, 9.0, 0.0]) * 1e-11)
    assert table(slews[:, None], loads).shape == (5, 5)


def test_power(toy):
    gate = toy.cells["GATE"]
    passive = gate.pins["C"].powers[0]
    assert (passive.related, passive.when) == (None, "A")
    assert passive.rise(2e-11, 1.0) == pytest.approx(1.5 * 2e-15)
    assert passive.fall(9.0, 9.0) == pytest.approx(5 * 2e-15)
    both = gate.pins["Y"].powers[0]
    assert (both.related, both.related_pg_pin) == ("C", "VDD")
    assert both.rise is both.fall


def test_buses_become_bits(toy):
    ram = toy.cells["RAM"]
    assert ram.is_macro
    assert list(ram.pins) == ["Q[0]", "Q[1]", "Q[2]", "S0", "S1"]
    pins = ram.pins.values()
    assert [pin.capacitance_f / 2e-15 for pin in pins] == pytest.approx([1, 2, 1, 3, 9])
    assert [len(pin.powers) for pin in pins] == [0, 1, 1, 0, 0]
    assert [len(pin.arcs) for pin in pins] == [1, 1, 1, 0, 0]


def refused(tmp_path, text):
    path = tmp_path / "bad.lib"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_library(path)
    return str(caught.value).removeprefix(str(path)).split(";")[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("table_lookup", "polynomial", ": delay_model polynomial is not table_lookup"),
        ("internal_power", "no_power", ": toy has no power tables"),
        ('"10ps"', '"ten"', ": time_unit 'ten' is not a unit"),
        ("(2, ff)", "(2, bits)", ": capacitive_load_unit '2, bits' is not a unit"),
        ("area : 1.5", "area : big", ": 'big' is not a number"),
        ('"5, 7"', '"5, x"', ": '\"5, x\"' is not a list of numbers"),
        ('"1, 2, 4, 3', '"1, 4, 3', ": a cell_fall table does not fit its axes [2, 3]"),
        ('("5, 7")', '("7, 5")', ": a cell_fall table does not fit its axes [2, 3]"),
        ("total_output", "output", ": output_net_capacitance is an unknown axis of load_first"),
        ("_rise (load_first)", "_rise (x)", ": table template 'x' is not in the library"),
        ("    area", "    = area", ": line 17: '=' is not a Liberty statement"),
    ],
)
def test_what_is_refused(tmp_path, old, new, message):
    assert old in TOY
    assert refused(tmp_path, TOY.replace(old, new)) == message


def test_files_that_are_no_library(tmp_path):
    assert refused(tmp_path, "cell (A) { }") == ": no library group"
    with pytest.raises(UserError, match="group is not closed; the file ends early"):
        parse_liberty(TOY[: TOY.index("leakage_power ()")])
    with pytest.raises(UserError, match="No such file"):
        load_library(tmp_path / "absent.lib")


def test_osu018(osu018):
    assert len(osu018.cells) == 32
    assert (osu018.voltage_v, osu018.temperature_c) == (1.8, 25.0)
    pins = [pin for cell in osu018.cells.values() for pin in cell.pins.values()]
    assert (len(pins), sum(len(pin.arcs) for pin in pins)) == (101, 71)
    assert sum(len(pin.powers) for pin in pins) == 79
    gate = osu018.cells["AND2X1"]
    assert gate.cell_leakage_w == pytest.approx(0.0746794e-9)
    assert gate.pins["A"].rise_f == pytest.approx(12.9077e-15)
    # A point of the table, and the energy unit of pF V^2.
    assert gate.pins["Y"].arcs[0].cell_rise(0.18e-9, 25e-15) == pytest.approx(0.106523e-9)
    clock = osu018.cells["DFFSR"].pins["CLK"].powers[0]
    assert clock.rise(0.06e-9, 0.0) == pytest.approx(0.041704e-12)
