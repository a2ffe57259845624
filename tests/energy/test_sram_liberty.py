"""Energies of a macro from its Liberty file: a toy with the states of a real one."""

import pytest

from energy.sram_liberty import describe_macro
from generators.errors import UserError


def power(when, rise, fall=0):
    return f"""internal_power() {{ when : "{when}"; rise_power(scalar) {{ values ("{rise}"); }}
        fall_power(scalar) {{ values ("{fall}"); }} }}"""


def bus(name, kind, direction):
    return f"bus({name}) {{ bus_type : {kind}; direction : {direction}; capacitance : 0.002; }}"


STATES = (power("!A_MEN & !A_WEN & !A_REN", 0.01, 0.02) + power("A_MEN & A_WEN & !A_REN", 12.5)
          + power("A_MEN & !A_WEN & A_REN", 9.75, 0.25) + power("A_MEN & A_WEN & A_REN", 20))
LIBERTY = f"""library(toy) {{
    delay_model : table_lookup; time_unit : "1ns"; voltage_unit : "1V";
    leakage_power_unit : "1nW"; capacitive_load_unit (1,pf);
    nom_process : 1; nom_voltage : 1.2; nom_temperature : 25;
    type (A) {{ base_type : array; data_type : bit; bit_width : 4; bit_from : 3; bit_to : 0; }}
    type (D) {{ base_type : array; data_type : bit; bit_width : 8; bit_from : 7; bit_to : 0; }}
    cell(toy_16x8) {{
        memory() {{ type : ram; address_width : 4; word_width : 8; }}
        area : 1000; cell_leakage_power : 1.5;
        pin(A_CLK) {{ direction : input; clock : "true"; capacitance : 0.004; {STATES} }}
        pin(A_MEN) {{ direction : input; capacitance : 0.003; }}
        pin(A_WEN) {{ direction : input; capacitance : 0.003; }}
        pin(A_REN) {{ direction : input; capacitance : 0.003; }}
        {bus("A_ADDR", "A", "input")} {bus("A_DIN", "D", "input")} {bus("A_DOUT", "D", "output")}
    }} }}"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "toy.lib"


def test_the_clock_is_summed_in_the_state_of_an_access(path):
    path.write_text(LIBERTY)
    assert describe_macro(path) == {
        "words": 16, "width": 8, "read_pj": 10.0, "write_pj": 12.5, "idle_pj": 0.03,
        "leakage_nw": 1.5, "area_um2": 1000.0}


def test_other_names_and_no_memory(path):
    path.write_text(LIBERTY)
    with pytest.raises(UserError, match=r"toy_16x8 has no pin CLK; name those of this macro$"):
        describe_macro(path, clock="CLK")
    path.write_text(LIBERTY.replace("memory()", "other()"))
    with pytest.raises(UserError, match=r"toy has no memory cell; give the Liberty file of a "
                                        r"macro$"):
        describe_macro(path)
