"""`ergon gatesim`: power of a component, what it rests on, and mistakes."""

import json
import shutil

import pytest

from tests.ergon.gate_level.small_arrays import one_row

ELEMENT = "engine.mesh.column_0.pe_0"
icarus = pytest.mark.skipif(shutil.which("iverilog") is None,
                            reason="Icarus Verilog is not installed")


@pytest.fixture
def gatesim(ergon, tmp_path):
    def run(*arguments, columns=1):
        return ergon("gatesim", one_row(tmp_path, columns), "--workload", "gemm:16x4x1",
                     "--out", tmp_path / "build", *arguments)
    return run


def data_of(result):
    code, out, err = result
    assert (code, err) == (0, [])
    return json.loads(out)


@icarus
@pytest.mark.rtl
def test_power_of_an_element(gatesim):
    data = data_of(gatesim("--json", "--cycles", "40"))
    assert data["component"] == ELEMENT
    assert (data["library"], data["module"]) == ("osu018_stdcells", "pe_ws_int4xint4_first_int8")
    assert data["window"]["cycles"] == 40
    parts = data["internal_w"] + data["switching_w"] + data["leakage_w"]
    assert data["total_w"] == pytest.approx(parts, rel=1e-12)
    assert data["pj_per_cycle"] == pytest.approx(data["total_w"] * data["period_ns"] * 1e3)
    assert 0 < data["glitch_share"] < 0.5
    low, typical, high = (data["wires"][name] for name in ("low", "typical", "high"))
    assert low["pj_per_cycle"] < typical["pj_per_cycle"] < high["pj_per_cycle"]
    assert typical["pj_per_cycle"] == pytest.approx(data["pj_per_cycle"], rel=1e-12)
    [itself] = data["instances"]
    assert itself == {"path": "", "cells": data["cells"],
                      "pj_per_cycle": pytest.approx(data["pj_per_cycle"], rel=1e-9)}
    kinds = [kind["pj_per_cycle"] for kind in data["kinds"]]
    assert data["kinds"][0]["cell"] == "DFFPOSX1"
    assert kinds == sorted(kinds, reverse=True)


@icarus
@pytest.mark.rtl
def test_zero_delay_has_no_glitches(gatesim):
    data = data_of(gatesim("--json", "--cycles", "40", "--zero-delay"))
    assert (data["glitches"], data["glitch_share"]) == (False, None)


@icarus
@pytest.mark.rtl
def test_all_of_the_engine(gatesim):
    """Registers that the hardware's description has no name for begin as they were at RTL."""
    code, out, err = gatesim("--component", "engine", columns=2)
    assert code == 0, err
    assert "its outputs equal the RTL's in every cycle" in out
    assert "pJ with 3 fF" in out
    assert "mesh.column_0.pe_0" in out
    assert "glitches: " in out


def first_line(result):
    code, out, err = result
    assert (code, out) == (2, "")
    [error] = [line for line in err if line.startswith("error: ")]
    return error.removeprefix("error: ")


def test_no_such_component(gatesim):
    assert first_line(gatesim("--component", "engine.tree")).startswith(
        "component: engine.tree is not in ws_1x1_int4; use an instance path such as ")


def test_a_memory_is_no_logic(gatesim):
    assert first_line(gatesim("--component", "program_memory")) == (
        "component: program_memory has the SRAM program_memory.words in it, which is no logic; use "
        "a component without memories")


def test_no_library(gatesim):
    assert first_line(gatesim("--technology", "sky130hd")).startswith("liberty: is missing, and ")
