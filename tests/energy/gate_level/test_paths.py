"""The longest path of toy netlists, computed by hand."""

from pathlib import Path

import pytest

from energy.gate_level.library import load_library
from energy.gate_level.netlist import read_netlist
from energy.gate_level.paths import Step, longest_path
from energy.gate_level.timing import analyse
from generators.errors import UserError

LIBRARY = load_library(Path(__file__).parent / "data" / "toy.lib")

TEXT = """
module top(clk, b, y);
  input clk; input b; output y; wire n; wire s;
  NAND2 g(.A(s), .B(b), .Y(n));
  INV h(.A(n), .Y(y));
  DFF r(.C(clk), .D(y), .Q(s));
endmodule
"""


def test_from_a_register_to_a_port():
    netlist = read_netlist(TEXT, LIBRARY)
    path = longest_path(netlist, LIBRARY, analyse(netlist, LIBRARY))
    assert (path.start, path.end) == ("r.C", "y")
    assert path.delay_s == pytest.approx(0.5e-9 + 0.2e-9 + 0.23e-9)
    assert [(step.instance, step.kind) for step in path.steps] == [
        ("r", "DFF"), ("g", "NAND2"), ("h", "INV")]
    assert path.steps[-1] == Step("h", "INV", path.delay_s)


def test_from_a_port_to_a_register():
    text = """module top(clk, a); input clk; input [1:0] a; wire n;
    INV g(.A(a[1]), .Y(n)); DFF r(.C(clk), .D(n)); endmodule"""
    netlist = read_netlist(text, LIBRARY)
    path = longest_path(netlist, LIBRARY, analyse(netlist, LIBRARY))
    assert (path.start, path.end, len(path.steps)) == ("a[1]", "r.D", 1)


def test_no_path():
    netlist = read_netlist("module top(a); input a; INV g(.A(a)); endmodule", LIBRARY)
    with pytest.raises(UserError, match=r"^netlist: top has no path to a register or output; "
                                        r"name another top module$"):
        longest_path(netlist, LIBRARY, analyse(netlist, LIBRARY))
