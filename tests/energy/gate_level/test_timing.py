"""Loads, slews and delays of a toy library, computed by hand."""

from pathlib import Path

import numpy as np
import pytest

from energy.gate_level.edges import TableStack
from energy.gate_level.library import load_library
from energy.gate_level.netlist import read_netlist
from energy.gate_level.timing import analyse
from generators.errors import UserError

LIBRARY = load_library(Path(__file__).parent / "data" / "toy.lib")

TEXT = """
module top(clk, a, b, y, q);
  input clk; input a; input b; output y; output q; wire n; wire s;
  NAND2 g(.A(s), .B(b), .Y(n));
  INV h(.A(n), .Y(y));
  DFF r(.C(clk), .D(y), .Q(s));
  DFF t(.C(clk), .D(a), .Q(q));
  INV tied(.A(1'b0));
endmodule
"""


@pytest.fixture
def netlist():
    return read_netlist(TEXT, LIBRARY)


def test_by_hand(netlist):
    timing = analyse(netlist, LIBRARY, wire_f_per_fanout=0.5e-15, input_slew_s=0.15e-9,
                     clock_slew_s=0.12e-9, output_load_f={"y": 2e-15})

    def of(values):
        return dict(zip(netlist.nets, (values * 1e9).tolist(), strict=True))

    loads_ff = {net: load * 1e6 for net, load in of(timing.loads_f).items()}
    assert loads_ff == pytest.approx({
        "1'b0": 2.5, "1'b1": 0, "clk": 5, "a": 3.5, "b": 1.5, "y": 5.5, "q": 0, "n": 2.5,
        "s": 1.5})
    slews, arrivals = of(timing.slews_s), of(timing.arrivals_s)
    for net, slew, arrival in [
            ("clk", [0.12, 0.12], [0, 0]),
            ("a", [0.15, 0.15], [0, 0]),
            ("s", [0.1, 0.2], [0.5, 0.4]),
            # The slew is the worst of A and B; A of s is later than B of the port.
            ("n", [0.2, 0.1], [0.5, 0.7]),
            # Interpolated at the load of y; only the pins' part of a load differs by edge.
            ("y", [0.1 + 0.2 * 0.55, 0.1 + 0.1 * 0.55], [0.7 + 0.1 + 0.1 * 0.55, 0.5 + 0.4]),
            ("1'b1", [0, 0], [-np.inf, -np.inf])]:
        assert slews[net] == pytest.approx(slew), net
        assert arrivals[net] == pytest.approx(arrival), net
    gate, clocked = (LIBRARY.cells[kind].pins[pin].arcs for kind, pin in [("NAND2", "Y"),
                                                                         ("DFF", "Q")])
    delays = {key: tuple(delay * 1e9 for delay in pair) for key, pair in timing.delays.items()}
    assert delays.keys() == {(0, gate[0]), (0, gate[1]), (2, clocked[0]), (3, clocked[0]),
                             (1, LIBRARY.cells["INV"].pins["Y"].arcs[0])}
    assert delays[0, gate[1]] == pytest.approx((0.3, 0.1))
    assert delays[2, clocked[0]] == pytest.approx((0.5, 0.4))


def test_every_output_has_the_load_by_default(netlist):
    loads = dict(zip(netlist.nets, analyse(netlist, LIBRARY).loads_f, strict=True))
    assert (loads["y"], loads["q"]) == pytest.approx((13e-15, 10e-15))


def test_loop():
    text = "module top(); wire m; wire n; INV g(.A(m), .Y(n)); INV h(.A(n), .Y(m)); endmodule"
    with pytest.raises(UserError, match=r"^netlist: net m is in or behind a combinational loop; "
                                        r"break the loop$"):
        analyse(read_netlist(text, LIBRARY), LIBRARY)


def test_load_of_no_output(netlist):
    with pytest.raises(UserError, match=r"^output load: a is not an output of top; it has y, q$"):
        analyse(netlist, LIBRARY, output_load_f={"a": 1e-15})


def test_stacked_tables_equal_tables(osu018):
    tables = [table for cell in osu018.cells.values() for pin in cell.pins.values()
              for arc in pin.arcs for table in (arc.cell_rise, arc.fall_transition) if table]
    tables += [LIBRARY.cells["DFF"].pins["Q"].arcs[0].cell_rise]
    rng = np.random.default_rng(0)
    slews, loads = rng.uniform(0, 2e-9, len(tables)), rng.uniform(0, 2e-12, len(tables))
    stacked = TableStack(tables)(np.arange(len(tables)), slews, loads)
    single = [table(*at) for table, *at in zip(tables, slews, loads, strict=True)]
    np.testing.assert_allclose(stacked, single, rtol=1e-12)
