"""``ergon fpga``: what it prints and how it ends, on figures that need no tools."""

import json

import pytest

from ergon.fpga import command
from generators.fpga.devices import RESOURCES
from generators.fpga.tools import FlowFailed

ARGUMENTS = ("fpga", "systolic_ws_4x4_int8", "--board", "icebreaker")


def resources(**used):
    return dict.fromkeys(RESOURCES, 0) | used


FIGURES = {
    "config": "systolic_ws_4x4_int8", "board": "icebreaker", "title": "iCEBreaker, iCE40 UP5K",
    "device": "iCE40UP5K", "tools": {"yosys": "0.70", "nextpnr-ice40": "0.11", "icepack": ""},
    "clock_mhz": 24.0, "baud": 1_000_000, "divisor": 24, "seed": 1,
    "resources": {"logic cells": {"used": 4303, "has": 5280}, "LUTs": {"used": 2973, "has": 5280},
                  "DSPs": {"used": 8, "has": 8}},
    "modules": [{"path": "", "level": 0, "resources": resources(LUTs=2973, DSPs=8)},
                {"path": "hosted", "level": 1, "resources": resources(LUTs=2968, DSPs=8)},
                {"path": "hosted.core", "level": 2, "resources": resources(LUTs=2277, DSPs=8)},
                {"path": "hosted.core.engine", "level": 3,
                 "resources": resources(LUTs=272, DSPs=8)}],
    "memories_in_logic": [{"path": "parameters.bias", "bits": 512, "LUTs": 48, "FFs": 32}],
    "fmax_mhz": 23.46, "meets_timing": False,
    "placed": {"ICESTORM_LC": {"used": 4365, "has": 5280}},
    "path": [{"module": "post", "logic_ns": 2.1, "routing_ns": 4.7, "places": [[1, 2], [3, 4]]},
             {"module": "", "logic_ns": 1.4, "routing_ns": 0.0, "places": [[3, 5]]}],
    "places": {"post": [[1, 2], [3, 4], [3, 4]], "engine": [[3, 4], [2, 2]], "board": [[3, 5]]},
    "bitstream": "build/systolic_ws_4x4_int8/icebreaker/systolic_ws_4x4_int8.bin",
    "bytes": 104_090,
}


@pytest.fixture
def figures(monkeypatch):
    """Figures that the command gets; a test may change them."""
    data = dict(FIGURES)
    monkeypatch.setattr(command, "fpga", lambda *_, **__: data)
    return data


def test_timing_not_met(ergon, figures):
    code, out, err = ergon(*ARGUMENTS)
    assert (code, err) == (1, [])
    out = " ".join(out.split())
    assert ("Fmax 23.5 MHz, clock 24 MHz: not met; slowest path, in ns of logic + routing: "
            "post (2.1 + 4.7) > top (1.4 + 0.0)") in out
    assert "parameters.bias (512 bits) is in logic: 48 LUTs, 32 flip-flops" in out
    assert "placed: 4,365 of 5,280 ICESTORM_LC" in out


def test_timing_may_fail(ergon, figures):
    assert ergon(*ARGUMENTS, "--allow-fail")[0] == 0


def test_json(ergon, figures):
    figures |= {"fmax_mhz": 26.2, "meets_timing": True}
    code, out, err = ergon(*ARGUMENTS, "--json")
    assert (code, err) == (0, [])
    assert json.loads(out)["fmax_mhz"] == 26.2


def test_report(ergon, figures, tmp_path):
    ergon(*ARGUMENTS, "--report", "--out", str(tmp_path))
    page = (tmp_path / "systolic_ws_4x4_int8" / "icebreaker" / "fpga.html").read_text()
    assert "23.5 MHz" in page
    assert "not enough" in page
    # The unit with most cells in a tile has it; the path goes through the tiles' middles.
    assert '<path class="c0" d="M0 0h1v1h-1zM2 2h1v1h-1z"><title>post: 3 cells' in page
    assert 'points="0.5,0.5 2.5,2.5 2.5,3.5"' in page
    assert "http" not in page


def test_only_synthesized(ergon, figures):
    for key in ("fmax_mhz", "meets_timing", "placed", "path", "places", "bitstream", "bytes"):
        del figures[key]
    code, out, _ = ergon(*ARGUMENTS, "--synthesis-only")
    assert code == 0
    assert "Fmax" not in out


def test_an_unknown_board(ergon):
    code, _, err = ergon("fpga", "systolic_ws_4x4_int8", "--board", "arty")
    assert (code, err) == (2, ["error: --board: arty is not known; use icebreaker or ulx3s_85f"])


@pytest.mark.parametrize(("options", "message"), [
    (("--baud", "9000000"), "error: --baud: 9,000,000 cannot be made of a clock of 24 MHz; use "
                            "6,000,000 or less, or a divisor of the clock"),
    (("--frequency", "2"), "error: --frequency: 2 MHz is slower than the board's clock generator "
                           "goes; use 8.44 MHz or more")])
def test_clocks_that_cannot_be(ergon, options, message, tmp_path):
    code, _, err = ergon(*ARGUMENTS, *options, "--out", str(tmp_path))
    assert (code, err[-1]) == (2, message)


def test_a_tool_fails(ergon, monkeypatch):
    def fails(*_, **__):
        raise FlowFailed("nextpnr-ice40 failed; see route.log")

    monkeypatch.setattr(command, "fpga", fails)
    code, _, err = ergon(*ARGUMENTS)
    assert (code, err) == (1, ["failed: nextpnr-ice40 failed; see route.log"])
