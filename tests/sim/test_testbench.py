"""The text of the wrapper, program files and SAIF files, without a simulator."""

from types import SimpleNamespace

import numpy as np
import pytest

from compiler.program import Transfer
from sim.program_files import load_arrays, load_program, save_program
from sim.saif import trim_saif
from sim.testbench import testbench_text as wrapper_text  # pytest would take it for a test
from tests.sim.cores import generated

CORE = "systolic_ws_4x4_int8"


def test_wrapper_is_deterministic_and_reaches_every_bank():
    manifest = generated(CORE).manifest
    text = wrapper_text(manifest)
    assert text == wrapper_text(manifest)
    for entry in manifest["memories"]:
        if entry["name"] in {window["memory"] for window in manifest["windows"]}:
            assert text.count(f"core.{entry['path']}.array") == 2
            assert f"+ core.{entry['read_enable']}" in text


def test_wrapper_connects_every_port():
    manifest = generated(CORE).manifest
    text = wrapper_text(manifest)
    for port in manifest["ports"]:
        assert f".{port['name']}({port['name']})" in text


def test_program_files_keep_programs(tmp_path):
    shared = np.arange(6).reshape(3, 2)
    load = Transfer("weights", 5, shared)
    store = Transfer("activations", 0, shared[:1], "y")
    segments = [SimpleNamespace(loads=(load,), base=3, jobs=("a", "b"), cycles=70, stores=(store,)),
                SimpleNamespace(loads=(load,), base=0, jobs=("c",), cycles=9, stores=())]
    program = SimpleNamespace(segments=segments, tensors={"x": (2, 2), "y": (6,)})
    save_program(tmp_path / "p.npz", program, {"x": [[1, 2], [3, 4]]})

    loaded, tensors = load_program(tmp_path / "p.npz")
    assert [(s.base, s.jobs, s.cycles) for s in loaded] == [(3, 2, 70), (0, 1, 9)]
    again = loaded[0].loads[0]
    assert (again.memory, again.word, again.tensor) == ("weights", 5, None)
    np.testing.assert_array_equal(again.data, shared)
    assert loaded[0].stores[0].tensor == "y"
    np.testing.assert_array_equal(tensors["x"], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(tensors["y"], np.zeros(6))
    assert sum(name.startswith("transfer") for name in load_arrays(tmp_path / "p.npz")[1]) == 2


def test_saif_begins_with_the_run(tmp_path):
    path = tmp_path / "a.saif"
    path.write_text("(TIMESCALE 1ps)\n(DURATION 500)\n(a (T0 450) (T1 50) (TC 2))\n")
    trim_saif(path, 100)
    assert path.read_text() == ("(TIMESCALE 1ps)\n(DURATION 400)\n"
                                "(a (T0 350) (T1 50) (TC 2))\n")


def test_saif_of_another_unit_is_refused(tmp_path):
    path = tmp_path / "a.saif"
    path.write_text("(TIMESCALE 1ns)\n")
    with pytest.raises(ValueError, match=r"the unit of time is not 1ps$"):
        trim_saif(path, 100)
