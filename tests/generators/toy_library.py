"""A Liberty library of six cells, whose figures are easy to add up."""

__all__ = ["toy_library"]

HEADER = """
library (toy) {
  delay_model : table_lookup;
  time_unit : "1ns";
  voltage_unit : "1V";
  capacitive_load_unit (1, pf);
  nom_voltage : 1.0;
  lu_table_template (grid) {
    variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance;
    index_1 ("0.01, 1.0");
    index_2 ("0.001, 1.0");
  }
"""
CELL = "  cell ({name}) {{ area : {area}; {state}\n{pins}  }}\n"
INPUT = "    pin ({name}) {{ direction : input; capacitance : 0.002; {clock}}}\n"
OUTPUT = '    pin ({name}) {{ direction : output; function : "{function}";\n{arcs}{powers}    }}\n'
ARC = """      timing () {{ related_pin : "{pin}"; {kind}
        cell_rise (grid) {{ values ("0.1, 1.1", "0.2, 1.2"); }}
        cell_fall (grid) {{ values ("0.1, 1.1", "0.2, 1.2"); }}
        rise_transition (grid) {{ values ("0.05, 1.0", "0.06, 1.1"); }}
        fall_transition (grid) {{ values ("0.05, 1.0", "0.06, 1.1"); }}
      }}
"""
POWER = """      internal_power () {{ related_pin : "{pin}";
        rise_power (scalar) {{ values ("0.01"); }}
        fall_power (scalar) {{ values ("0.01"); }}
      }}
"""
EDGE = "timing_type : rising_edge;"
UNATE = "timing_sense : negative_unate;"
STATE = 'ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }'
# name: area, inputs, outputs to functions
CELLS = {
    "INV": (1, "A", {"Y": "!A"}),
    "BUF": (2, "A", {"Y": "A"}),
    "NAND": (3, "AB", {"Y": "!(A & B)"}),
    "NOR": (3, "AB", {"Y": "!(A | B)"}),
    "TIE": (1, "", {"H": "1", "L": "0"}),
    "FF": (10, ("CK", "D"), {"Q": "IQ"}),
}


def toy_library(leave_out=(), power=True):
    """Text of the library without some cells, or without power tables."""
    return HEADER + "".join(_cell(name, power) for name in CELLS if name not in leave_out) + "}\n"


def _cell(name, power):
    area, inputs, outputs = CELLS[name]
    causes = ["CK"] if name == "FF" else list(inputs)
    kind = EDGE if name == "FF" else "" if name == "BUF" else UNATE
    pins = [INPUT.format(name=pin, clock="clock : true; " if pin == "CK" else "") for pin in inputs]
    pins += [OUTPUT.format(
        name=pin, function=function, arcs="".join(ARC.format(pin=cause, kind=kind)
                                                  for cause in causes),
        powers="".join(POWER.format(pin=cause) for cause in causes) if power else "")
        for pin, function in outputs.items()]
    return CELL.format(name=name, area=area, state=STATE if name == "FF" else "",
                       pins="".join(pins))
