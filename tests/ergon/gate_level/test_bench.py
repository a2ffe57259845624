"""What a bench measures: energies and nets of the same cycles, data set by data set."""

import shutil

import numpy as np
import pytest

from energy.technology import load_technology
from ergon.gate_level import bench
from ergon.gate_level.bench import FIT, HELD, Bench, default_scope
from ergon.gate_level.recording import record
from tests.ergon.gate_level.small_arrays import one_row, products

pytestmark = [pytest.mark.rtl, pytest.mark.skipif(shutil.which("iverilog") is None,
                                                  reason="Icarus Verilog is not installed")]


@pytest.fixture(scope="module")
def row(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    return Bench(str(one_row(folder, 3)), "pe", None, folder)


@pytest.fixture(scope="module")
def gate(row, osu018):
    return row.gate_level(osu018, load_technology("osu018"))


@pytest.fixture(scope="module")
def recording(row, tmp_path_factory):
    return record(row.core, products(row.core, (5, 2, 3), (4, 1, 2)),
                  tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def measured(row, gate, recording):
    return list(row.measure(gate, recording))


def test_scope_and_components(row, gate):
    assert (row.scope, len(row.components), row.name) == ("engine.mesh", 3, "ws_1x3_int4")
    assert default_scope(row.core, "sequencer") == "sequencer"
    assert gate.wire_f_per_fanout == pytest.approx(
        load_technology("osu018").file.wires.ff_per_fanout.typical * 1e-15)


def test_every_cycle_but_the_first_is_in_its_data_set(measured, recording):
    spans = {}
    for name, start, end in recording.runs:
        low, high = spans.get(name, (start, end))
        spans[name] = min(low, start), max(high, end)
    expected = [end - max(start, 1) for start, end in spans.values()]
    assert [data.name for data in measured] == ["a", "b"]
    assert [len(data.energy_pj) for data in measured] == expected
    for data in measured:
        assert data.energy_pj.shape[1] == len(data.values) == len(data.leakage_w) == 3
        assert len(data.clock_pj) == 3
        assert {len(bits) for nets in data.values for bits in nets.values()} == {
            len(data.energy_pj) + 1}


def test_energies_are_those_of_the_gate_level(measured, row, gate, recording, tmp_path):
    run = gate.run(recording, 1, recording.runs[-1][2], tmp_path)
    first, last = measured[0], measured[-1]
    np.testing.assert_allclose(first.energy_pj.sum(axis=1), run.energy_pj[:len(first.energy_pj), 0])
    np.testing.assert_allclose(last.energy_pj.sum(axis=1), run.energy_pj[-len(last.energy_pj):, 0])


def test_the_last_cycle_of_a_data_set_is_the_last_of_its_runs(measured, row, recording):
    for data in measured:
        end = max(end for name, _, end in recording.runs if name.startswith(f"{data.name}."))
        for component, nets in zip(row.components, data.values, strict=True):
            at_end = row.values(recording, component["path"], end - 1, end)
            assert nets.keys() == at_end.keys() == set(row.core.nets(component["path"]))
            for net, bits in at_end.items():
                np.testing.assert_array_equal(nets[net][-1:], bits)


def test_components_whose_nets_rest_cost_their_clock(measured):
    """Energies and nets are of the same cycles and of the same components."""
    for component in range(3):
        energies, resting = [], []
        for data in measured:
            bits = np.concatenate(list(data.values[component].values()), axis=1)
            resting.append(~np.any(bits[1:] != bits[:-1], axis=1))
            energies.append(data.energy_pj[:, component])
        energies, resting = np.concatenate(energies), np.concatenate(resting)
        assert 1 < resting.sum() < len(resting)
        np.testing.assert_allclose(energies[resting], measured[0].clock_pj[component], rtol=1e-12)
        assert energies[~resting].min() > measured[0].clock_pj[component]


def test_recordings_of_a_purpose(row, monkeypatch):
    monkeypatch.setattr(bench, "LEAST_TILES", 1)
    monkeypatch.setattr(bench, "MOST_TILES", 1)
    monkeypatch.setattr(bench, "DATA", {purpose: dict(list(sets.items())[:2])
                                        for purpose, sets in bench.DATA.items()})
    for purpose in (FIT, HELD):
        found = row.record(purpose, 1)
        names = list(dict.fromkeys(name.partition(".")[0] for name, _, _ in found.runs))
        assert names == list(bench.DATA[purpose])
