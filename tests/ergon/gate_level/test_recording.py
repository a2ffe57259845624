"""Recordings of the RTL: which cycles are whose, and results that are checked on the way."""

import shutil
from itertools import pairwise

import numpy as np
import pytest

import ergon.gate_level.recording
from ergon.gate_level.component import generated_core
from ergon.gate_level.recording import record
from sim.runner import SimulationFailed
from tests.ergon.gate_level.small_arrays import one_row, products

pytestmark = [pytest.mark.rtl, pytest.mark.skipif(shutil.which("iverilog") is None,
                                                  reason="Icarus Verilog is not installed")]


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    folder = tmp_path_factory.mktemp("core")
    return generated_core(str(one_row(folder, 2)), folder)


@pytest.fixture(scope="module")
def recording(core, tmp_path_factory):
    return record(core, products(core, (5, 2, 3), (4, 1, 2)), tmp_path_factory.mktemp("two"))


def test_runs_are_named_after_their_chains(recording):
    names = [name for name, _, _ in recording.runs]
    assert list(dict.fromkeys(names)) == ["a.gemm", "b.gemm"]
    spans = [span for _, *span in recording.runs]
    assert spans[0][0] == 0
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert spans[-1][1] == len(recording.edges_ns)
    np.testing.assert_allclose(np.diff(recording.edges_ns), 10)


def test_the_cycles_of_runs_are_those_when_the_core_is_busy(recording):
    [busy] = recording.values(["sequencer.busy"]).values()
    running = np.zeros(len(recording.edges_ns), bool)
    for _, start, end in recording.runs:
        running[start:end] = True
    np.testing.assert_array_equal(busy[:, 0], running)


def test_registers_take_what_was_at_their_inputs(recording):
    path = "engine.mesh.column_0.pe_0."
    found = recording.values([f"{path}{net}" for net in ("moving_i", "moving_o", "rst")])
    assert not np.any(found[f"{path}rst"])
    np.testing.assert_array_equal(found[f"{path}moving_o"][1:], found[f"{path}moving_i"][:-1])
    assert len(np.unique(found[f"{path}moving_o"], axis=0)) > 5


def test_a_span_of_cycles(recording):
    net = "engine.mesh.column_1.pe_0.sum_o"
    whole = recording.values([net])[net]
    assert len(whole) == len(recording.edges_ns)
    np.testing.assert_array_equal(recording.values([net], 7, 20)[net], whole[7:20])
    np.testing.assert_array_equal(recording.values([net], 30)[net], whole[30:])


def test_a_single_chain_keeps_its_names(core, tmp_path):
    found = record(core, products(core, (1, 1, 1)), tmp_path)
    assert [name for name, _, _ in found.runs] == ["gemm"]


def test_wrong_results_are_refused(core, tmp_path, monkeypatch):
    monkeypatch.setattr(ergon.gate_level.recording, "compare", lambda *_: (5, 2))
    with pytest.raises(SimulationFailed, match=r"^2 of 5 results are wrong on ws_1x2_int4$"):
        record(core, products(core, (1, 1, 1)), tmp_path)
