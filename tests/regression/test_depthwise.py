"""Depthwise windows of dot-product cores: random layers, what they gain, and faults in them."""

import re
from random import Random

import pytest

from generators.errors import UserError
from hw.parameters import Dataflow
from sim.runner import simulate

from .harness import Core, assert_right, compiled, joined, problems, workload

PLAIN, WINDOW = Dataflow.WEIGHT_STATIONARY, Dataflow.DEPTHWISE_WINDOW
FAULTS = {"never shifts": (r"if \(moves\) place_1 <= own;", ""),
          "shifts in every cycle": (r"if \(moves\) (place_1 <= own;)", r"\1"),
          "starts no row anew": (r"(missing = )first \? fill : ", r"\1")}


def core(rows, columns, weight_rows, lanes=None, overflow="error", **memories):
    depths = {"activation_words": 2048, "weight_words": 256, "accumulator_words": 64,
              "parameter_words": 32, "program_words": 512} | memories
    return Core.of({
        "name": f"depthwise_{rows}x{columns}",
        "engine": {"kind": "dot_product", "rows": rows, "columns": columns,
                   "weight_rows": weight_rows, "depthwise": True},
        "precision": {"inputs": "int8", "weights": "int6",
                      "accumulator": "int32" if overflow == "error" else "int14",
                      "overflow": overflow},
        "memories": depths, "post_processing": {"lanes": lanes or columns}})


CORES = [core(9, 4, 3), core(12, 3, 12, lanes=1, overflow="wrap"), core(4, 6, 2, lanes=2),
         core(5, 5, 1, activation_words=256, weight_words=16, accumulator_words=8)]
cores = pytest.mark.parametrize("built", CORES, ids=lambda built: built.parameters.name)


def one_layer(built, layer, shape, seed, folder):
    entry = {"name": "layer", "kind": "depthwise_conv2d", **layer}
    shape = dict(zip(("height", "width", "channels"), shape, strict=True))
    return workload(built, {"name": "one", "input": shape, "layers": [entry]}, seed=seed,
                    folder=folder)


def flows(made):
    return {job.dataflow for segment in made.program.segments for job in segment.jobs}


def random_layer(random, kernel, strides):
    kind = random.choice(["depthwise_conv2d", "depthwise_conv2d", "average_pool2d"])
    layer = {"kind": kind, "kernel": kernel, "strides": strides,
             "padding": random.choice(["same", "valid", [random.randint(0, 2) for _ in range(4)]])}
    if kind == "depthwise_conv2d":
        layer |= {"dilation": [random.randint(1, 2), random.choice([1, 1, 2])],
                  "raw": random.random() < 0.3}
    return layer


@pytest.mark.rtl
@cores
def test_random_layers(built, tmp_path):
    """Strides and kernels of all sizes; values, cycles and accesses."""
    random = Random(built.parameters.name)
    tasks = []
    while len(tasks) < 9:
        number = len(tasks)
        kernel = [random.randint(1, min(5, built.parameters.engine.rows)), random.randint(1, 5)]
        layer = random_layer(random, kernel, [random.randint(1, 3), 1 + number % 3])
        shape = (random.randint(5, 8), random.randint(5, 9), random.randint(1, 7))
        try:
            drawn = one_layer(built, layer, shape, number, tmp_path)
        except UserError:       # such as a window of padding only
            continue
        tasks.append(compiled(built, drawn, dataflow=WINDOW))
    assert {flow for made in tasks for flow in flows(made)} == {WINDOW.value}
    assert_right(built, tasks, simulator="icarus")


@pytest.mark.rtl
def test_layers_choose_for_themselves(tmp_path):
    """A network in which some layers have windows."""
    built = CORES[0]
    layers = [{"name": "point", "kind": "conv2d", "channels": 6, "kernel": [1, 1]},
              {"name": "depth", "kind": "depthwise_conv2d", "kernel": [3, 3], "padding": "same"},
              {"name": "tall", "kind": "depthwise_conv2d", "kernel": [10, 1], "padding": "same"},
              {"name": "twice", "kind": "depthwise_conv2d", "kernel": [2, 2],
               "depth_multiplier": 2},
              {"name": "largest", "kind": "max_pool2d", "kernel": [2, 2]},
              {"name": "mean", "kind": "average_pool2d", "kernel": [2, 3]}]
    shape = {"height": 8, "width": 9, "channels": 5}
    drawn = workload(built, {"name": "network", "input": shape, "layers": layers}, seed=1,
                     folder=tmp_path)
    made = compiled(built, drawn)
    chosen = {job.layer: job.dataflow for segment in made.program.segments
              for job in segment.jobs}
    assert {name for name, flow in chosen.items() if flow == WINDOW.value} == {"depth", "mean"}
    assert_right(built, [made], simulator="icarus")


@pytest.mark.parametrize(("strides", "least"), [([1, 1], 2.5), ([2, 2], 1.4)])
def test_a_depthwise_layer_is_faster(strides, least, tmp_path):
    """One of MobileNet's on a 16x16 array: 24x24 pixels of 64 channels."""
    built = Core.published("dot_product_16x16_int8_wide")
    layer = {"kernel": [3, 3], "strides": strides, "padding": "same"}
    drawn = one_layer(built, layer, (24, 24, 64), 1, tmp_path)
    with_windows, without = (compiled(built, drawn, dataflow=flow) for flow in (None, PLAIN))
    assert flows(with_windows) == {WINDOW.value}
    assert without.program.cycles / with_windows.program.cycles >= least


@pytest.mark.rtl
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_seen(fault, tmp_path):
    built = CORES[1]        # with a slow consumer, so that windows have to wait
    text, found = re.subn(*FAULTS[fault], built.manifest_path.with_suffix(".v").read_text())
    assert found, "the fault is nowhere in the Verilog"
    manifest = tmp_path / built.manifest_path.name
    manifest.write_text(built.manifest_path.read_text())
    manifest.with_suffix(".v").write_text(text)
    drawn = one_layer(built, {"kernel": [2, 2]}, (5, 6, 3), 1, tmp_path)
    tasks = [compiled(built, drawn, dataflow=WINDOW)]
    result = simulate(manifest, *joined(tasks), simulator="icarus")
    assert list(problems(built, tasks, result))
