"""The figures on the page of the dot-product engines are the engine's and the compiler's."""

import numpy as np
import pytest

from compiler.workload import load_workload
from hw.dot_product.engine import DotProductEngine
from hw.parameters import Dataflow
from tests.docs.charts import chart, labelled
from tests.docs.pages import DOCS
from tests.hw.dot_product.jobs import job_of, parameters_of
from tests.hw.systolic.bench import run
from tests.regression.harness import Core, compiled, workload

PAGE = (DOCS / "engines" / "dot_product.md").read_text(encoding="utf-8")
ROWS, COLUMNS = 4, 2


@pytest.mark.parametrize(("weight_rows", "weights"), [
    (2, "A1 A0 B1 B0 C1 C0 D1 D0"), (4, "A B C D")])
def test_cycles(weight_rows, weights):
    parameters = parameters_of(ROWS, COLUMNS, weight_rows)
    tiles = [(np.ones((vectors, ROWS), int), np.ones((ROWS, COLUMNS), int))
             for vectors in (3, 1, 1, 1)]
    seen = run(DotProductEngine(parameters, 1), job_of(parameters, tiles))
    vectors = "a0 a1 a2 b0 c0 d0"
    drawn = chart(weights=labelled(seen.weights, weights), inputs=labelled(seen.inputs, vectors),
                  outputs=labelled(seen.output_cycles, vectors))
    assert drawn in PAGE, drawn


@pytest.mark.parametrize("name", ["dot_product_16x16_int8", "dot_product_8x32_int8",
                                  "dot_product_16x16_int8_wide"])
def test_products(name):
    core = Core.published(name)
    square, vector = (compiled(core, load_workload(product, 1, core.formats)).program
                      for product in ("gemm:256x256x256", "gemm:1x256x256"))
    utilization = square.macs / square.cycles / core.parameters.geometry.macs_per_cycle
    weights = core.parameters.weight_lanes
    assert (f"| `{name}` | {weights} | {square.cycles} cycles, {100 * utilization:.2f} % | "
            f"{vector.cycles} cycles, {256 * 256 // weights} beats") in PAGE


@pytest.mark.parametrize(("name", "dataflow"), [("diagonal", "weight_stationary"),
                                                ("windows", "depthwise_window")])
def test_depthwise_layer(name, dataflow, tmp_path):
    core, cycles = Core.published("dot_product_16x16_int8_wide"), []
    for stride in (1, 2):
        layer = {"name": "layer", "kind": "depthwise_conv2d", "kernel": [3, 3],
                 "strides": [stride, stride], "padding": "same"}
        shape = {"height": 24, "width": 24, "channels": 64}
        drawn = workload(core, {"name": "one", "input": shape, "layers": [layer]}, seed=1,
                         folder=tmp_path)
        cycles.append(compiled(core, drawn, dataflow=Dataflow(dataflow)).program.cycles)
    assert f"| {name} | {cycles[0]} cycles | {cycles[1]} cycles |" in PAGE
