"""The SDF file's text, and that Icarus takes its delays for the cell models' paths."""

from math import nan
from types import SimpleNamespace

from energy.gate_level.cell_models import cell_models
from energy.gate_level.library import load_library
from energy.gate_level.sdf import write_sdf

TEXT = """\
(DELAYFILE
  (SDFVERSION "3.0")
  (DESIGN "top")
  (DIVIDER .)
  (TIMESCALE 1ps)
  (CELL (CELLTYPE "XOR2X1")
    (INSTANCE _1_)
    (DELAY (ABSOLUTE
      (IOPATH A Y (50) (70))
      (IOPATH B Y (90) (0))
    ))
  )
  (CELL (CELLTYPE "INVX1")
    (INSTANCE sub._1_)
    (DELAY (ABSOLUTE
      (IOPATH A Y (31) (31))
    ))
  )
  (CELL (CELLTYPE "DFFPOSX1")
    (INSTANCE x\\[0\\])
    (DELAY (ABSOLUTE
      (IOPATH (posedge CLK) Q (200) (300))
    ))
  )
)
"""

BENCH = """
module sub (a, y);
  input a;
  output y;
  INVX1 _1_ (.A(a), .Y(y));
endmodule

module top (clk, a, b, x, n, q);
  input clk, a, b;
  output x, n, q;
  XOR2X1 _1_ (.A(a), .B(b), .Y(x));
  sub sub (.a(a), .y(n));
  DFFPOSX1 \\x[0] (.CLK(clk), .D(a), .Q(q));
endmodule

module bench;
  reg clk = 0, a = 0, b = 0;
  wire x, n, q;
  top dut (.clk(clk), .a(a), .b(b), .x(x), .n(n), .q(q));
  always @(x) $display("%0d x %b", $time, x);
  always @(n) $display("%0d n %b", $time, n);
  always @(q) $display("%0d q %b", $time, q);
  initial begin
    $sdf_annotate("toy.sdf", dut);
    #1000 a = 1;
    #1000 clk = 1;
    #1000 a = 0;
    #1000 b = 1;  // x is 1 until a follows: a glitch
    #100 a = 1;
    #1000 b = 0;  // back within the delay to 1: swallowed
    #60 b = 1;
    #1000 $finish;
  end
endmodule
"""


def toy(library):
    def arcs(cell):
        return {arc.related: arc for pin in library.cells[cell].pins.values() for arc in pin.arcs}

    xor, inverter, register = arcs("XOR2X1"), arcs("INVX1"), arcs("DFFPOSX1")
    netlist = SimpleNamespace(
        top="top",
        instances=["_1_", "sub._1_", "x[0]"],
        kinds=["XOR2X1", "INVX1", "DFFPOSX1"],
    )
    timing = SimpleNamespace(
        delays={
            (2, register["CLK"]): (200e-12, 300e-12),
            (0, xor["B"]): (90e-12, -3e-12),
            (0, xor["A"]): (50.4e-12, 69.6e-12),
            (1, inverter["A"]): (nan, 31e-12),
        }
    )
    return netlist, timing


def test_text(osu018):
    assert write_sdf(*toy(osu018), osu018) == TEXT


def test_icarus_reads_it(osu018, icarus, tmp_path):
    netlist, timing = toy(osu018)
    (tmp_path / "toy.sdf").write_text(write_sdf(netlist, timing, osu018))
    seen = icarus(cell_models(osu018, netlist.kinds, delays=True), BENCH, paths=True)
    assert seen[3:] == [
        "1031 n 0",
        "1050 x 1",
        "2200 q 1",
        "3031 n 1",
        "3070 x 0",
        "4090 x 1",
        "4131 n 0",
        "4170 x 0",
    ]


def test_conditional_arcs_are_averaged(tmp_path):
    path = tmp_path / "toy.lib"
    arc = "timing () {{ related_pin : A; when : {}; cell_rise (scalar) {{ values (0); }} }}"
    path.write_text(f"""
library (toy) {{
  cell (BUF) {{
    pin (A) {{ direction : input; internal_power () {{ power (scalar) {{ values (1); }} }} }}
    pin (Y) {{ direction : output; function : A; {arc.format("B")} {arc.format("!B")} }}
  }}
}}
""")
    library = load_library(path)
    first, second = library.cells["BUF"].pins["Y"].arcs
    netlist = SimpleNamespace(top="top", instances=["u"], kinds=["BUF"])
    timing = SimpleNamespace(delays={(0, first): (1e-11, 4e-11), (0, second): (3e-11, nan)})
    assert "(IOPATH A Y (20) (40))" in write_sdf(netlist, timing, library)
