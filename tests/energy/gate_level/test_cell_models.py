"""Cell models under Icarus against the Boolean functions that they were made from."""

import itertools

import numpy as np
import pytest

from energy.gate_level.cell_models import cell_models
from energy.gate_level.expressions import evaluate
from energy.gate_level.library import load_library
from generators.errors import UserError


def test_every_combinational_cell_and_input(osu018, icarus):
    bench, expected = [], []
    for cell in osu018.cells.values():
        if cell.sequential:
            continue
        inputs = [pin.name for pin in cell.pins.values() if pin.direction == "input"]
        outputs = [pin for pin in cell.pins.values() if pin.direction == "output"]
        bits = np.array(list(itertools.product([False, True], repeat=len(inputs)))).T
        values = dict(zip(inputs, bits, strict=True))
        columns = []
        for pin in outputs:
            column = evaluate(pin.function, values).astype(int).astype(str)
            if pin.three_state:
                column[evaluate(pin.three_state, values)] = "z"
            columns.append(column)
        rows = [f"{n} {''.join(row)}" for n, row in enumerate(zip(*columns, strict=True))]
        expected += [f"{cell.name} {row}" for row in rows]
        ports = [f".{name}(in[{len(inputs) - 1 - n}])" for n, name in enumerate(inputs)]
        ports += [f".{pin.name}(out[{len(outputs) - 1 - n}])" for n, pin in enumerate(outputs)]
        bench.append(f"""
module bench_{cell.name};
  reg [{len(inputs) - 1}:0] in;
  wire [{len(outputs) - 1}:0] out;
  integer n;
  {cell.name} dut ({", ".join(ports)});
  initial for (n = 0; n < {bits.shape[1]}; n = n + 1) begin
    in = n;
    #1 $display("{cell.name} %0d %b", n, out);
  end
endmodule
""")
    assert len(expected) == 142
    seen = icarus(cell_models(osu018, osu018.cells, delays=False), *bench)
    assert sorted(seen) == sorted(expected)


STATES = """
`timescale 1ps / 1ps
module bench;
  reg CLK = 0, D = 1, R = 1, S = 1;
  wire rise, fall, forced, latch;
  DFFPOSX1 a (.CLK(CLK), .D(D), .Q(rise));
  DFFNEGX1 b (.CLK(CLK), .D(D), .Q(fall));
  DFFSR c (.CLK(CLK), .D(D), .R(R), .S(S), .Q(forced));
  LATCH d (.CLK(CLK), .D(D), .Q(latch));
  initial begin
    #1 $display("start        %b%b%b%b", rise, fall, forced, latch);
    #1 CLK = 1;
    #1 $display("rise with 1  %b%b%b%b", rise, fall, forced, latch);
    #1 D = 0;
    #1 $display("data is 0    %b%b%b%b", rise, fall, forced, latch);
    #1 D = 1;
    #1 CLK = 0;
    #1 $display("fall with 1  %b%b%b%b", rise, fall, forced, latch);
    #1 R = 0;
    #1 $display("clear        %b%b%b%b", rise, fall, forced, latch);
    #1 CLK = 1;
    #1 $display("rise, clear  %b%b%b%b", rise, fall, forced, latch);
    #1 S = 0;
    #1 $display("and preset   %b%b%b%b", rise, fall, forced, latch);
    #1 R = 1;
    #1 $display("preset alone %b%b%b%b", rise, fall, forced, latch);
    #1 D = 0; CLK = 0;
    #1 CLK = 1;
    #1 $display("rise, preset %b%b%b%b", rise, fall, forced, latch);
    #1 S = 1;
    #1 $display("released     %b%b%b%b", rise, fall, forced, latch);
    #1 CLK = 0;
    #1 CLK = 1;
    #1 $display("rise with 0  %b%b%b%b", rise, fall, forced, latch);
  end
endmodule
"""


def test_states(osu018, icarus):
    kinds = ["DFFPOSX1", "DFFNEGX1", "DFFSR", "LATCH"]
    assert icarus(cell_models(osu018, kinds, delays=False), STATES) == [
        "start        0000",
        "rise with 1  1011",
        "data is 0    1010",
        "fall with 1  1111",
        "clear        1101",
        "rise, clear  1101",
        "and preset   1101",  # DFFSR's clear_preset_var1 is L
        "preset alone 1111",
        "rise, preset 0010",
        "released     0010",
        "rise with 0  0000",
    ]


def test_registers_in_a_row_do_not_race(osu018, icarus):
    bench = """
module bench;
  reg clk = 0;
  wire [3:0] q;
  wire n;
  INVX1 i (.A(q[3]), .Y(n));
  DFFPOSX1 r0 (.CLK(clk), .D(n), .Q(q[0]));
  DFFPOSX1 r1 (.CLK(clk), .D(q[0]), .Q(q[1]));
  DFFPOSX1 r3 (.CLK(clk), .D(q[2]), .Q(q[3]));
  DFFPOSX1 r2 (.CLK(clk), .D(q[1]), .Q(q[2]));
  initial begin
    #1 r1.state = 1;
    repeat (5) begin #1 $display("%b", q); #1 clk = 1; #1 clk = 0; end
  end
endmodule
"""
    seen = icarus(cell_models(osu018, ["INVX1", "DFFPOSX1"], delays=False), bench)
    assert seen == ["0010", "0101", "1011", "0110", "1101"]


def test_paths_only_on_request(osu018):
    plain = cell_models(osu018, ["NAND2X1", "DFFPOSX1"], delays=False)
    assert "specify" not in plain
    text = cell_models(osu018, ["NAND2X1", "DFFPOSX1", "NAND2X1"], delays=True)
    assert text.count("module NAND2X1 (A, B, Y);") == 1
    assert text.index("DFFPOSX1") < text.index("NAND2X1")
    assert "    (A => Y) = (0, 0);\n    (B => Y) = (0, 0);\n" in text
    assert "    (posedge CLK => (Q : CLK)) = (0, 0);\n" in text


def test_refused(osu018, tmp_path):
    with pytest.raises(UserError, match=r"^netlist: cell AND9 is not in osu018_stdcells; map "):
        cell_models(osu018, ["AND9"], delays=True)
    path = tmp_path / "gating.lib"
    path.write_text("""
library (toy) {
  cell (GATED) {
    pin (E) { direction : input; internal_power () { power (scalar) { values (1); } } }
    pin (Z) { direction : output; }
  }
}
""")
    with pytest.raises(UserError, match=r"cell GATED has no function for Z; map the netlist "):
        cell_models(load_library(path), ["GATED"], delays=False)
