"""`ergon run` against a board in Python, over a pseudo-terminal."""

import json

import numpy as np
import pytest

from compiler.chains import input_tensors
from ergon.run import compile_for
from sim.golden.on_core import run_on_core
from tests.ergon.board_twin import BoardTwin
from tests.sim.cores import generated

CORE = "systolic_ws_4x4_int8"
IMAGES = 3
BAUD = 1_000_000


@pytest.fixture(scope="module")
def known():
    """The arguments of a twin that computes what the golden model does."""
    core = generated(CORE)
    chains, program = compile_for(core.parameters, core.manifest, "digits", 1, images=IMAGES)
    tensors = {name: np.reshape(values, program.tensors[name])
               for name, values in input_tensors(chains).items()}
    for chain in chains:
        _, outputs = run_on_core(core.parameters.engine, program, chain.layers, chain.inputs)
        tensors |= {f"{layer}@{image}": np.reshape(values, program.tensors[f"{layer}@{image}"])
                    for layer, images in outputs.items() for image, values in enumerate(images)
                    if f"{layer}@{image}" in program.tensors}
    return core.manifest, program.segments, tensors


@pytest.fixture
def run(ergon, tmp_path):
    def run(twin, *options):
        with twin:
            return ergon("run", CORE, "--port", twin.port, "--baud", BAUD, "--images", IMAGES,
                         "--out", tmp_path, *options)

    return run


def test_a_workload_equals_the_golden_model(run, known):
    code, out, _ = run(BoardTwin(*known), "--json")
    data = json.loads(out)
    assert code == 0
    assert data["compared"] > 0
    assert (data["mismatches"], data["repeats"], data["runs"]) == (0, 0, len(known[1]))
    assert data["cycles"] == data["predicted_cycles"]
    assert 0 <= data["accuracy"] <= 1


def test_the_verdict_is_printed(run, known):
    code, out, _ = run(BoardTwin(*known, deaf_to={3, 9}))
    assert code == 0
    assert "results equal the golden model, bit for bit" in out
    assert "of the labels are right" in out
    assert "2 requests sent again" in out


def test_a_wrong_result_is_exit_1(run, known):
    manifest, segments, tensors = known
    wrong = {name: values + 1 for name, values in tensors.items()}
    code, out, _ = run(BoardTwin(manifest, segments, wrong))
    assert code == 1
    assert "differ from the golden model" in out


def test_a_silent_port_is_exit_1(run, known):
    twin = BoardTwin(*known, deaf_to=set(range(100)))
    code, out, err = run(twin)
    assert (code, out) == (1, "")
    assert err[-1] == f"failed: {CORE} on {twin.port} at {BAUD} baud: no answer to 5 requests"


def test_what_is_no_core_is_exit_1(run, known):
    twin = BoardTwin(*known, identification=0x12345678)
    assert run(twin)[2][-1] == (f"failed: {CORE} on {twin.port} at {BAUD} baud: register ID is "
                                "0x12345678 and not 0x45524730")


def test_a_port_that_cannot_be_opened_is_exit_2(ergon, tmp_path):
    port = tmp_path / "nothing"
    assert ergon("run", CORE, "--port", port) == (2, "", [
        f"error: {port}: cannot be opened (No such file or directory); name the board's serial "
        "port with --port, and see that you may use it"])
