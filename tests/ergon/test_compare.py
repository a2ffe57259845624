"""`ergon compare`: what it makes of simulated cores, and what it says of bad ones."""

import csv
import json
import re

import pytest

from ergon import flow
from ergon.compare import LEVELS, per_thousand_cells, problems

CORES = ("systolic_ws_4x4_int8", "systolic_os_4x4_int8")


def row(config, **changes):
    """A core's figures, as `compare` returns them."""
    return {
        "config": config, "simulator": "icarus", "runs": 2, "compared": 40, "mismatches": 0,
        "outputs": "abc", "cycles": 100, "predicted_cycles": 100, "macs": 800,
        "peak_macs_per_cycle": 16, "utilization": 0.5, "engine": "4x4", "formats": "int8 x int8",
        "exact": True, "macs_per_cycle": 8.0,
        "accesses_per_mac": {"registers": 1, "between elements": 2, "activations": 0.25,
                             "weights": 0.5, "accumulators": 1.5},
        "array_toggles_per_mac": 12.5,
        "energy_per_mac_pj": {"array": 1.0, "accumulators": 0.5, "buffers": 0.25,
                              "post-processing and control": 0.25},
        "pj_per_mac": 2.0, "error_factor": 2.0, "priced_runs": 2,
        "cells": {"luts": 3000, "flip_flops": 1000, "block_rams": 4},
        "array_cells": {"luts": 800, "flip_flops": 200, "block_rams": 0}, "asic": None,
        "layers": [{"name": "first", "kind": "gemm", "dataflow": "weight_stationary",
                    "cycles": 100, "macs": 800, "utilization": 0.5}],
        **changes}


def data(*rows):
    return {"workload": "gemm_10x8x10", "seed": 1, "technology": "horowitz_45nm",
            "simulator": "icarus", "cores": list(rows)}


@pytest.mark.parametrize(("changes", "found"), [
    ({}, []), ({"cells": None, "array_cells": None, "priced_runs": 1}, []),
    ({"mismatches": 3}, ["b: 3 of 40 results differ from the golden model"]),
    ({"cycles": 99}, ["b: 99 cycles, 100 predicted"]),
    ({"outputs": "abd"}, ["b: its outputs differ from those of a, though both are exact"]),
    ({"outputs": "abd", "exact": False}, []), ({"outputs": "abd", "formats": "int8 x int4"}, []),
])
def test_what_is_wrong(monkeypatch, ergon, tmp_path, changes, found):
    made = data(row("a"), row("b", **changes))
    assert list(problems(made)) == found
    monkeypatch.setattr("ergon.cli.compare", lambda *_, **__: made)
    code, out, _ = ergon("compare", "gemm:10x8x10", "a", "b", "--out", tmp_path)
    assert code == bool(found)
    page = (tmp_path / "compare_gemm_10x8x10" / "compare.html").read_text()
    for sentence in found:
        assert sentence in out
        assert sentence in page
    assert ("something is wrong" in page) == bool(found)


def test_files(monkeypatch, ergon, tmp_path):
    made = data(row("a"), row("b", cycles=50, predicted_cycles=50, macs_per_cycle=16.0,
                              utilization=1.0))
    monkeypatch.setattr("ergon.cli.compare", lambda *_, **__: made)
    code, out, _ = ergon("compare", "gemm:10x8x10", "a", "b", "--out", tmp_path, "--json")
    folder = tmp_path / "compare_gemm_10x8x10"
    assert code == 0
    assert json.loads(out) == json.loads((folder / "compare.json").read_text()) == made
    with (folder / "compare.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["cycles"], second["cycles"]) == ("100", "50")
    assert first["macs_per_cycle_per_1000_cells"] == "2.0"
    assert first["macs_per_cycle_per_1000_array_cells"] == "8.0"
    assert (first["luts"], first["array_luts"]) == ("3000", "800")
    assert first["pj_per_mac_post_processing_and_control"] == "0.25"
    page = (folder / "compare.html").read_text()
    assert "fewest cycles: b" in page
    assert not re.search(r"(src|href)=", page), "the page stands alone"


def test_cores_in_standard_cells(monkeypatch, ergon, tmp_path):
    figures = {"library": "toy.lib", "area_um2": 2e6, "engine_um2": 5e5, "clock_ns": 10.0,
               "path_ns": 6.25, "gops_per_mm2": 1.6, "engine_gops_per_mm2": 6.4,
               "without": ["the clock tree"]}
    made = data(row("a", asic=figures), row("b", asic={**figures, "path_ns": None}))
    monkeypatch.setattr("ergon.cli.compare", lambda *_, **__: made)
    code, out, _ = ergon("compare", "gemm:10x8x10", "a", "b", "--out", tmp_path)
    assert code == 0
    assert "in toy.lib; energy by horowitz_45nm" in out
    assert "b: without the clock tree" in out
    folder = tmp_path / "compare_gemm_10x8x10"
    with (folder / "compare.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["area_um2"], first["path_ns"], second["path_ns"]) == ("2000000.0", "6.25", "")
    page = (folder / "compare.html").read_text()
    assert "In standard cells" in page
    assert "6.25 ns" in page


def test_a_workload_without_products(monkeypatch, ergon, tmp_path):
    nothing = row("a", macs=0, utilization=0.0, macs_per_cycle=0.0, pj_per_mac=None, cells=None,
                  array_cells=None, array_toggles_per_mac=None,
                  accesses_per_mac=dict.fromkeys(LEVELS),
                  energy_per_mac_pj={"array": None, "buffers": None})
    assert per_thousand_cells(nothing) is None
    monkeypatch.setattr("ergon.cli.compare", lambda *_, **__: data(nothing))
    assert ergon("compare", "pooling", "a", "--out", tmp_path)[0] == 0
    page = (tmp_path / "compare_gemm_10x8x10" / "compare.html").read_text()
    assert "Energy per MAC" not in page


@pytest.mark.parametrize(("arguments", "message"), [
    (["gemm:4x4x4", "systolic_ws_4x4_int8", "systolic_ws_4x4_int8"],
     "config: systolic_ws_4x4_int8, systolic_ws_4x4_int8 are all named systolic_ws_4x4_int8; name "
     "each core once"),
    (["gemm:4x4x4", "systolic_ws_4x4_int8", "nothing"],
     "config: nothing is neither a file nor a known core; `ergon list` shows the cores"),
    (["gemm:4x4", "systolic_ws_4x4_int8"],
     "gemm:4x4: is not a GEMM; write gemm:MxKxN with three sizes from 1 to 65536, as in "
     "gemm:64x64x64"),
])
def test_a_mistake_is_found_before_anything_runs(monkeypatch, ergon, tmp_path, arguments, message):
    monkeypatch.setattr(flow, "simulate", None)
    assert ergon("compare", *arguments, "--out", tmp_path) == (2, "", [f"error: {message}"])


def test_cores_are_needed(ergon):
    code, _, err = ergon("compare", "gemm:4x4x4")
    assert code == 2
    assert "Missing argument 'CONFIG...'" in " ".join(err)


@pytest.mark.rtl
def test_two_cores_in_simulation(ergon, tmp_path):
    code, out, _ = ergon("compare", "gemm:5x6x7", *CORES, "--simulator", "icarus", "--no-cells",
                         "--out", tmp_path, "--json")
    assert code == 0
    found = json.loads(out)
    first, second = found["cores"]
    assert first["outputs"] == second["outputs"]
    assert first["macs"] == second["macs"] == 5 * 6 * 7
    assert sum(first["energy_per_mac_pj"].values()) == pytest.approx(first["pj_per_mac"])
    # Weights: four numbers a word, a word for each row of 2 x 2 tiles, the last rows being zeros.
    assert first["accesses_per_mac"]["weights"] == 4 * 4 * 2 * 2 / 210
