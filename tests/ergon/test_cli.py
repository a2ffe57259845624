"""The command line: exit codes, one sentence per mistake, JSON and nothing else."""

import json

import pytest

from ergon import flow
from ergon.catalog import available
from sim.runner import SimulationFailed

RESULT = {"layers": [],
    "config": "systolic_ws_4x4_int8", "workload": "gemm:4x4x4", "simulator": "icarus", "seed": 1,
    "cycles": 40, "predicted_cycles": 40, "macs": 64, "peak_macs_per_cycle": 16,
    "utilization": 0.1, "runs": 1, "compared": 16, "mismatches": 0,
    "accesses": {"weights": {"reads": 4, "writes": 0, "predicted_reads": 4, "predicted_writes": 0}},
}


def test_check_prints_what_follows(ergon):
    code, out, err = ergon("check", "systolic_ws_4x4_int8")
    assert (code, err) == (0, [])
    assert "row 0: int16, rows 1 to 2: int17, row 3: int18" in out
    assert "16 MACs per cycle" in out


def test_check_json_is_only_json(ergon):
    code, out, err = ergon("check", "--config", available("cores")["systolic_ws_4x4_int8"],
                           "--json")
    data = json.loads(out)
    assert (code, err) == (0, [])
    assert data["peak_macs_per_cycle"] == 16
    assert data["memories"]["weights"] == {"words": 512, "bits_per_word": 32, "bytes": 2048}


def test_list_names_everything(ergon):
    code, out, _ = ergon("list", "--json")
    assert code == 0
    data = json.loads(out)
    assert "systolic_switch_8x8_int8" in data["cores"]
    assert set(data) == {"cores", "workloads", "technologies"}


@pytest.mark.parametrize("name", ["core", "workload"])
def test_schema(ergon, name):
    code, out, _ = ergon("schema", name)
    assert code == 0
    assert json.loads(out)["additionalProperties"] is False


def test_version(ergon):
    assert ergon("--version")[:2] == (0, "ergon 0.1.0\n")


@pytest.mark.parametrize(("arguments", "message"), [
    (["check"], "config: is missing; name one YAML file or core, see `ergon list`"),
    (["check", "a", "--config", "b"],
     "config: is given twice; name one YAML file or core, see `ergon list`"),
    (["check", "systolic_ws_4x4"], "config: systolic_ws_4x4 is neither a file nor a known core; "
                                   "did you mean systolic_ws_4x4_int8?"),
    (["check", "nothing"],
     "config: nothing is neither a file nor a known core; `ergon list` shows the cores"),
    (["schema", "cores"], "schema: cores is not known; use core, workload, mapping"),
])
def test_a_mistake_is_one_sentence_and_exit_2(ergon, arguments, message):
    assert ergon(*arguments) == (2, "", [f"error: {message}"])


def test_every_problem_of_a_config_is_a_sentence(ergon, tmp_path):
    path = tmp_path / "core.yaml"
    text = available("cores")["systolic_ws_4x4_int8"].read_text()
    path.write_text(text.replace("rows: 4", "rows: 0").replace("columns:", "column:"))
    code, out, err = ergon("generate", path, "--out", tmp_path / "build")
    assert (code, out) == (2, "")
    assert err == ["error: engine.rows: 0 is not positive; use 1 or more (line 8)",
                   "error: engine.columns: is missing; add it (line 5)",
                   "error: engine.column: unknown key; did you mean columns? (line 9)"]
    assert not (tmp_path / "build").exists()


def test_generate_writes_all_files(ergon, tmp_path):
    code, out, err = ergon("generate", "systolic_ws_4x4_int8", "--out", tmp_path, "--json")
    assert (code, err) == (0, [])
    data = json.loads(out)
    folder = tmp_path / "systolic_ws_4x4_int8"
    assert sorted(path.suffix for path in folder.iterdir()) == [
        ".core", ".h", ".json", ".sdc", ".v", ".vlt"]
    assert data["files"] == [str(folder / f"systolic_ws_4x4_int8{suffix}")
                             for suffix in (".v", ".vlt", ".sdc", ".h", ".core", ".json")]
    manifest = json.loads((folder / "systolic_ws_4x4_int8.json").read_text())
    assert {entry["kind"] for entry in manifest["components"]} >= {"pe", "mesh", "engine", "sram"}
    assert {memory["name"] for memory in manifest["memories"]} == {
        "activations", "weights", "accumulators", "parameters", "program"}


def test_generate_into_a_place_that_is_no_folder(ergon, tmp_path):
    (tmp_path / "build").write_text("a file")
    code, out, err = ergon("generate", "systolic_ws_1x1_int8", "--out", tmp_path / "build")
    assert (code, out) == (2, "")
    assert err[-1] == (f"error: {tmp_path}/build/systolic_ws_1x1_int8: cannot be written "
                       "(Not a directory); name another folder with --out")


def test_nothing_is_half_written(ergon, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generators.files.os.replace", full)
    code, _, err = ergon("generate", "systolic_ws_1x1_int8", "--out", tmp_path)
    assert code == 2
    assert err[-1].endswith("cannot be written (No space left on device); "
                            "name another folder with --out")
    assert list((tmp_path / "systolic_ws_1x1_int8").iterdir()) == []


@pytest.mark.parametrize(("change", "code"), [
    ({}, 0), ({"mismatches": 3}, 1), ({"predicted_cycles": 41}, 1)])
def test_simulate_fails_where_results_or_cycles_differ(ergon, monkeypatch, change, code):
    monkeypatch.setattr(flow, "simulate", lambda *_, **__: RESULT | change)
    ended, out, _ = ergon("simulate", "systolic_ws_4x4_int8", "--workload", "gemm:4x4x4",
                          "--simulator", "icarus", "--json")
    assert ended == code
    assert json.loads(out) == RESULT | change


def test_simulate_prints_a_table(ergon, monkeypatch):
    monkeypatch.setattr(flow, "simulate", lambda *_, **__: RESULT)
    code, out, _ = ergon("simulate", "systolic_ws_4x4_int8", "--workload", "gemm:4x4x4")
    assert code == 0
    assert "equal the golden model, bit for bit" in out
    assert "40 cycles, 40 predicted; 64 MACs, 10.0% of 16 MACs per cycle" in out


def test_a_failed_simulation_exits_1(ergon, monkeypatch):
    def hang(*_, **__):
        raise SimulationFailed("the core was still busy after 100 cycles")

    monkeypatch.setattr(flow, "simulate", hang)
    assert ergon("simulate", "systolic_ws_4x4_int8") == (
        1, "", ["simulation failed: the core was still busy after 100 cycles"])


def test_an_unknown_simulator_exits_2(ergon):
    code, out, err = ergon("simulate", "systolic_ws_4x4_int8", "--simulator", "modelsim")
    assert (code, out) == (2, "")
    assert "'modelsim' is not one of 'verilator', 'icarus'" in " ".join(err)
