"""The cycles on the page of the systolic engines are those of the simulated engine."""

import re

import numpy as np
import pytest

from hw.systolic.engine import SystolicEngine
from tests.docs.charts import chart, labelled
from tests.docs.pages import DOCS
from tests.hw.systolic.bench import run
from tests.hw.systolic.jobs import OS, WS, parameters_of, random_job

PAGE = (DOCS / "engines" / "systolic.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("flow", "sizes", "weights", "inputs", "outputs"), [
    (WS, (3, 2, 2), "A1 A0 B1 B0", "a0 a1 a2 b0 b1 b2", "a0 a1 a2 b0 b1 b2"),
    (OS, (2, 4, 2), "A0 A1 A2 A3 B0 B1 B2 B3", "a0 a1 a2 a3 b0 b1 b2 b3", "a0 a1 b0 b1"),
])
def test_cycles(flow, sizes, weights, inputs, outputs):
    parameters = parameters_of(flow, 2, 2)
    seen = run(SystolicEngine(parameters, 1),
               random_job(np.random.default_rng(1), parameters, flow, 2, sizes=sizes))
    assert chart(weights=labelled(seen.weights, weights), inputs=labelled(seen.inputs, inputs),
                 outputs=labelled(seen.output_cycles, outputs)) in PAGE


def test_widths_of_sums():
    parameters = parameters_of(WS, 16, 1)
    bits = [parameters.sum_format(row + 1).bits for row in range(16)]
    assert bits == [16, 17, 17, *[18] * 4, *[19] * 8, 20]
    stated = re.search(r"for\sint8 x int8.*?20 in row 15", PAGE, re.DOTALL)[0]
    assert set(map(str, bits)) <= set(re.findall(r"\d+", stated))
