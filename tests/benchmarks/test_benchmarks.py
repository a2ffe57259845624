"""The pure functions of the benchmarks; no test here asserts a time."""

import numpy as np
import pytest
from rich.console import Console

from benchmarks import __main__ as benchmarks
from benchmarks import cim_cells, cost_model, generation, simulation, utilization
from benchmarks.cores import parameters_of
from benchmarks.networks import NETWORKS, gemm_form, make_layer
from benchmarks.peers import ARRAY_ALONE, CIM_ALONE, CIM_ALONE_PEAK, scale_sim
from compiler.compile import compile_workload
from compiler.layer import Workload
from generators.verilog import convert
from hw.adder_tree import TreeStyle
from hw.parameters import Dataflow

WEIGHTS, OUTPUTS, INPUTS = "weight_stationary", "output_stationary", "input_stationary"


# What SCALE-Sim 3.0.0 printed for layers of ResNet-8, ResNet-18 and the autoencoder.
@pytest.mark.parametrize(("dataflow", "product", "cycles"), [
    (WEIGHTS, (1, 64, 10), 187),
    (WEIGHTS, (1024, 27, 16), 2139),
    (WEIGHTS, (12544, 147, 64), 503_599),
    (WEIGHTS, (1, 640, 128), 15_039),
    (OUTPUTS, (64, 64, 64), 1503),
    (INPUTS, (64, 64, 64), 1759),
])
def test_scale_sim(dataflow, product, cycles):
    assert scale_sim(dataflow, *product, 16, 16) == cycles


def test_arrays_alone_take_more_than_the_peak():
    for (side, workload), cycles in ARRAY_ALONE.items():
        extent = int(workload.split("x")[-1])
        assert cycles > extent ** 3 / side ** 2
    for workload, cycles in CIM_ALONE.items():
        assert cycles > int(workload.split("x")[-1]) ** 3 / CIM_ALONE_PEAK


@pytest.mark.parametrize(("name", "flow", "expected"), [
    ("systolic_ws_16x16_int8", Dataflow.WEIGHT_STATIONARY, (1072, 64 ** 3 / 256 / 1072)),
    ("digital_cim_64x16_int8", Dataflow.WEIGHT_STATIONARY, (4618, 64 ** 3 / 64 / 4618)),
    ("systolic_is_16x16_int8", Dataflow.INPUT_STATIONARY, None),
])
def test_peer_of_the_same_kind(name, flow, expected):
    engine = parameters_of(name).engine
    alone = utilization.array_alone(engine, flow, "gemm:64x64x64", 64 ** 3)
    assert (alone and tuple(alone.values())) == expected
    assert utilization.array_alone(engine, flow, "digits", 1000) is None


@pytest.mark.parametrize(("network", "layers", "macs"), [
    ("resnet8", 10, 12_501_632),
    ("ds_cnn", 10, 2_656_768),
    ("mobilenet_96", 28, 7_489_664),
    ("autoencoder", 10, 264_192),
    ("resnet18", 21, 1_814_073_344),
])
def test_networks_are_the_published_ones(network, layers, macs):
    made = [make_layer(network, shape) for shape in NETWORKS[network]]
    assert len(made) == layers
    assert sum(layer.macs for layer in made) == macs
    forms = [gemm_form(layer) for layer in made]
    assert sum(m * k * n * count for m, k, n, count in forms) == macs


def test_same_padding():
    layer = make_layer("first", NETWORKS["ds_cnn"][0])
    assert layer.padding == (4, 1, 5, 1)
    assert tuple(layer.output_shape) == (25, 5, 64)


@pytest.mark.parametrize("name", cost_model.CORES)
def test_prediction_is_what_the_compiler_counts(name):
    core, encoding = cost_model.deep_core(name)
    # Dense, strided and depthwise: layers that are one job on every dataflow.
    shapes = NETWORKS["resnet8"][:4] + NETWORKS["ds_cnn"][1:2] * (name == cost_model.CORES[0])
    for shape in shapes:
        layer = make_layer("layer", shape)
        job = cost_model.predict(layer, core, encoding)
        image = np.zeros((1, *layer.input_shape), dtype=np.int64)
        program = compile_workload(core, encoding, Workload("one", "", (layer,), image, None))
        assert program.cycles == job.cycles
        assert program.accesses == job.accesses


def test_every_prediction_says_the_useful_macs():
    core, encoding = cost_model.deep_core(cost_model.CORES[0])
    for shapes in NETWORKS.values():
        for shape in shapes:
            layer = make_layer("layer", shape)
            assert cost_model.predict(layer, core, encoding).macs == layer.macs


def test_scale_sim_of_a_workload():
    assert utilization.scale_sim_workload(WEIGHTS, "gemm:64x64x64", 16, 16) == 1759
    # conv1 9 x 8 on 64 pixels, conv2 72 x 16 on 16, classes 256 x 10 on one; 100 images.
    expected = 100 * (109 + 309 + 751)
    assert utilization.scale_sim_workload(WEIGHTS, "digits", 16, 16) == expected


@pytest.mark.parametrize(("changes", "words"), [
    ({}, "≥ 94%"),
    ({"utilization": 0.93}, "< 94%"),
    ({"target": 0.995}, "< 99.5%"),
    ({"target": None}, ""),
    ({"mismatches": 2}, "2 wrong results"),
    ({"predicted_cycles": 1100}, "not as predicted"),
])
def test_verdict(changes, words):
    row = {"mismatches": 0, "cycles": 1082, "predicted_cycles": 1082, "utilization": 0.95,
           "target": 0.94}
    assert words in utilization.verdict(row | changes)


def test_generation_table():
    rows = [{"what": "engine", "rows": 128, "columns": 128, "engine": WEIGHTS, "seconds": 6.3,
             "processor_seconds": 6.0, "bytes": 310_000, "modules": 33, "identical": False,
             "target_seconds": 10, "target_bytes": 300_000}]
    text = _printed(generation.table(rows))
    assert "< 10 s" in text
    assert "≥ 300 kB" in text
    assert "different" in text


@pytest.mark.slow
def test_a_large_macro_is_a_small_file():
    text, _ = convert(generation.macro_engine(TreeStyle.CARRY_SAVE), name="top", header="")
    assert len(text.encode()) < generation.MACRO_BYTES


def test_cells_per_weight_bit():
    counted = {"cells": 1024, "flip_flops": 1536, "depth": 20}
    rows = [{"core": "macro", "style": "carry_save", "bits": 512, "macs_per_cycle": 128,
             "engine": 38_400, **dict.fromkeys(cim_cells.FLOWS, counted)}]
    assert _printed(cim_cells.table(rows)).split()[-7:] == [
        "macro", "carry-save", "2.00", "3.00", "2.00", "2.00", "300"]


def test_simulation_table():
    rows = [{"core": "c", "simulator": "verilator 5.48", "activity": None, "workload": "w",
             "cycles": 65_589, "mismatches": 0, "cycles_per_second": 19_000.0, "target": 20_000,
             "build_seconds": 30.0, "simulation_seconds": 4.0}]
    text = _printed(simulation.table(rows))
    assert "19,000" in text
    assert "< 20,000" in text


def _printed(table):
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_unknown_benchmark(capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(["speed"])
    assert "speed is not a benchmark; use utilization, cost_model" in capsys.readouterr().err


def test_results_are_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(benchmarks, "BUILD", tmp_path)
    monkeypatch.setattr(cost_model, "CORES", cost_model.CORES[:1])
    monkeypatch.setattr(cost_model, "ROUNDS", 1)
    benchmarks.main(["cost_model"])
    assert "Predicted cycles of networks" in capsys.readouterr().out
    assert (tmp_path / "cost_model.json").is_file()
