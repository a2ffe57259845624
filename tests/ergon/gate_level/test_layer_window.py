"""Windows of layers, with the data that they have in their network."""

import shutil

import numpy as np
import pytest

from compiler.workload import load_workload
from ergon.console import View
from ergon.gate_level.component import generated_core
from ergon.gate_level.layer_window import CYCLES, _chain, record_window
from ergon.run import core_formats
from generators.errors import UserError
from sim.golden import Accumulation, run_workload
from tests.ergon.gate_level.small_arrays import one_row
from tests.sim.cores import BUILD

QUIET = View(as_json=True)


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    folder = tmp_path_factory.mktemp("core")
    return generated_core(str(one_row(folder, 2)), folder)


@pytest.fixture
def window(core, tmp_path):
    def recorded(workload="gemm:64x4x2", **options):
        return record_window(core, workload, tmp_path, seed=1, view=QUIET, **options)
    return recorded


@pytest.mark.rtl
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_windows(window):
    middle = window()
    assert (middle.layer, middle.cycles) == ("gemm", CYCLES)
    assert middle.layer_cycles == len(middle.recording.edges_ns) == middle.recording.runs[-1][2]
    assert middle.layer_cycles - middle.end - middle.start in (0, 1)
    last = middle.layer_cycles - 10
    assert window(start=last, cycles=10).end == middle.layer_cycles
    short = window("gemm:2x1x1")
    assert (short.start, short.end) == (1, short.layer_cycles)
    with pytest.raises(UserError, match=rf"^window: 11 cycles from {last} on are not within the "
                                        rf"{middle.layer_cycles} of gemm; choose other --start or "
                                        rf"--cycles$"):
        window(start=last, cycles=11)


def test_a_layer_has_its_inputs():
    core = generated_core("systolic_ws_4x4_int8", BUILD)
    whole = load_workload("digits", 1, core_formats(core.parameters), 1)
    run = run_workload(whole, Accumulation())
    chain, name = _chain(core, "digits", "classes", 1)
    assert (name, chain.labels) == ("classes", None)
    alone = run_workload(chain, Accumulation())
    np.testing.assert_array_equal(alone.outputs.reshape(-1), run.outputs.reshape(-1))
    # Without a name it is the layer with the most products.
    macs = {layer.name: layer.macs for layer in whole.layers}
    assert _chain(core, "digits", None, 1)[1] == max(macs, key=macs.get)


@pytest.mark.parametrize(("options", "message"), [
    ({"layer": "conv3"},
     r"layer: conv3 is not in gemm:64x4x2; use one of gemm"),
    ({"workload": "gemm:999x99x9"},
     r"layer: gemm takes [\d,]+ cycles on ws_1x2_int4, and 50,000 are the most to record; use "
     r"another layer, or a smaller workload \(NAME@2 is half the size\)"),
])
def test_layers_that_cannot_be_recorded(window, options, message):
    with pytest.raises(UserError, match=f"^{message}$"):
        window(**options)


def test_analog_cores(tmp_path):
    core = generated_core("analog_cim_128x32_int8", tmp_path)
    with pytest.raises(UserError, match=r"^config: analog_cim_128x32_int8 computes in analog "
                                        r"circuits, which no cell library has; use a core of "
                                        r"digital logic$"):
        record_window(core, "digits", tmp_path, seed=1, view=QUIET)
