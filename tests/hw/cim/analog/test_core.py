"""Layers on cores with an analog engine equal the golden model's, under the Verilog simulators."""

import re

import pytest

from compiler.compile import compile_workload
from compiler.converters import Converter
from compiler.workload import load_workload
from tests.regression.harness import Core, Task, assert_right, compiled, workload

LAYERS = {"name": "layers", "input": {"height": 6, "width": 5, "channels": 11}, "layers": [
    {"name": "conv", "kind": "conv2d", "channels": 6, "kernel": [3, 2], "strides": [2, 1],
     "padding": "same", "activation": "relu"},
    {"name": "depthwise", "kind": "depthwise_conv2d", "kernel": [2, 2], "padding": "same"},
    {"name": "most", "kind": "max_pool2d", "kernel": [2, 2], "strides": [1, 1]},
    {"name": "mean", "kind": "average_pool2d", "kernel": [2, 1], "strides": [1, 1]},
    {"name": "classes", "kind": "linear", "channels": 3}]}
NOISE = {"seed": 7, "thermal": 0.7, "offset": 0.4, "gain": 0.03, "cell": 0.1}
ROOMY = {"activation_words": 512, "weight_words": 1024, "accumulator_words": 64,
         "parameter_words": 16, "program_words": 512}
TIGHT = {"activation_words": 128, "weight_words": 32, "accumulator_words": 16,
         "parameter_words": 4, "program_words": 64}


def core(memories=ROOMY, **engine):
    engine = {"kind": "analog_cim", "rows": 8, "columns": 4, "rows_active": 8,
              "columns_per_adc": 1, "adc_bits": 4} | engine
    return Core.of({"name": "analog", "engine": engine, "memories": memories,
                    "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
                    "post_processing": {"lanes": 2, "multiplier_bits": 32}})


@pytest.mark.rtl
@pytest.mark.parametrize(("memories", "engine"), [
    (ROOMY, {"noise": NOISE, "columns_per_adc": 4}),
    (TIGHT, {"noise": NOISE, "dac_bits": 4, "banks": 4}),
    (ROOMY, {"dac_bits": 2, "cell_bits": 4, "columns_per_adc": 6, "columns": 6, "banks": 1,
             "rows": 12, "rows_active": 9})])
def test_layers(memories, engine, tmp_path):
    target = core(memories, **engine)
    layers = workload(target, LAYERS, seed=3, folder=tmp_path)
    gemm = load_workload("gemm:5x19x7", 1, target.formats)
    assert_right(target, [compiled(target, layers), compiled(target, gemm)], simulator="icarus")


@pytest.mark.rtl
def test_both_simulators_agree_with_noise(tmp_path):
    target = core(noise=NOISE, columns_per_adc=2)
    layers = workload(target, LAYERS, seed=4, folder=tmp_path)
    settings = {"conv": Converter(2, 1), "classes": Converter(0, 1)}
    task = Task(layers, compile_workload(target.parameters, target.encoding, layers, keep=True,
                                         converters=settings))
    for simulator in ("icarus", "verilator"):
        assert_right(target, [task], simulator=simulator)


def test_the_header_names_the_stand_ins():
    target = core()
    text = target.manifest_path.with_suffix(".v").read_text()
    stand_ins = {part["module"] for part in target.manifest["components"]
                 if part["kind"].startswith("analog_")}
    [named] = re.findall(r"stand-ins for analog circuits, for simulation only:\n// (.*)\.\n", text)
    assert set(named.split(", ")) == stand_ins == {"analog_columns_8x1", "analog_adc_4"}
