"""Timing constraints beside the Verilog."""

from generators.sdc import timing_constraints

MANIFEST = {
    "name": "core", "clock": {"port": "clk", "period_ns": 10.0}, "reset": {"port": "rst"},
    "ports": [{"name": "clk", "direction": "input", "width": 1},
              {"name": "rst", "direction": "input", "width": 1},
              {"name": "x", "direction": "input", "width": 8},
              {"name": "y", "direction": "output", "width": 8}]}


def test_clock_and_delays():
    assert timing_constraints(MANIFEST) == """\
# core: timing constraints, in ns.
create_clock -name clk -period 10 [get_ports clk]

# 30% of the period belongs to the host, before inputs and after outputs.
# rst is synchronous: registers take it like data, so it is timed like data.
set_input_delay 3 -clock clk [get_ports {
  rst x
}]
set_output_delay 3 -clock clk [get_ports {
  y
}]
"""
