"""What the page of the digital compute-in-memory engine says is what the simulated engine does."""

import re

import numpy as np
import pytest

import hw.cim.engine
from generators.config import accelerator_model, load_config
from generators.derive import derive
from hw.adder_tree import AdderTree
from hw.cim.column import PRODUCT, weight_sum
from hw.cim.macro import Macro
from tests.docs.charts import LOAD, chart, labelled
from tests.docs.pages import DOCS, ROOT, table_of
from tests.hw.cim.bench import build
from tests.hw.cim.jobs import Tile, job_of, parameters_of
from tests.hw.systolic.bench import run

PAGE = (DOCS / "engines" / "digital_cim.md").read_text(encoding="utf-8")
ROWS, DIGITS, VECTORS = 4, 3, 2


class WordLines:
    """Notes what is on the word lines of the macro that is built last, cycle by cycle."""

    def __init__(self, monkeypatch):
        self.seen = {}

        class WatchedMacro(Macro):
            def _drivers(macro, m):
                self.planes = super()._drivers(m)
                return self.planes

        monkeypatch.setattr(hw.cim.engine, "Macro", WatchedMacro)

    def recorder(self, reset):
        async def record(ctx):
            cycle = 0
            while True:
                cycle += 1
                _, _, value = await ctx.tick().sample(self.planes.as_value())
                if value:
                    self.seen[cycle] = value
        return record


def page_job(parameters):
    """Two tiles of two vectors; no two bit planes are alike, and none is zero."""
    values = np.arange(1, 1 + 2 * VECTORS * DIGITS).reshape(2 * VECTORS, DIGITS)
    bits = values[:, :, None] >> np.arange(ROWS) & 1                # [vector, digit, row]
    numbers = np.tensordot(bits, [-4, 2, 1], axes=([1], [0]))       # int3, top bit first
    weights = np.arange(ROWS * 2).reshape(ROWS, 2) - 4
    tiles = [Tile(numbers[first:first + VECTORS], weights + first)
             for first in (0, VECTORS)]
    return job_of(parameters, tiles), dict(zip(values.flat, [2, 1, 0] * 2 * VECTORS, strict=True))


@pytest.mark.parametrize("banks", [2, 1])
def test_cycles(banks, monkeypatch):
    parameters = parameters_of(8, 2, inputs="int3", weights="int4", banks=banks)
    lines = WordLines(monkeypatch)
    job, places = page_job(parameters)
    seen = run(build(parameters), job, trace=lines)
    assert seen.vectors == job.expected
    vectors = "a0 a1 b0 b1"
    rows = {"weights": labelled(seen.weights, "A3 A2 A1 A0 B3 B2 B1 B0"),
            "inputs": labelled(seen.inputs, vectors),
            "bits": {cycle - LOAD: str(places[value]) for cycle, value in lines.seen.items()},
            "outputs": labelled(seen.output_cycles, vectors)}
    assert chart(**rows) in PAGE


@pytest.mark.parametrize(("banks", "vectors"), [(1, 1), (1, 5), (2, 1), (2, 5), (4, 2), (8, 3)])
def test_what_tiles_cost(banks, vectors):
    parameters = parameters_of(8, 1, inputs="uint3", weights="int2", banks=banks)
    tiles = 12
    job = job_of(parameters, [Tile(np.ones((vectors, 8), int), np.ones((8, 1), int))] * tiles)
    seen = run(build(parameters), job)
    steps = vectors * DIGITS
    period = max(steps, 8) if banks > 1 else steps + 8
    last = seen.inputs[::vectors][-3:]
    assert np.diff(last).tolist() == [period, period]


def test_widths():
    engine = load("digital_cim_64x16_int8").engine
    rows = engine.rows_per_macro
    stated = re.search(r"counts are (uint\d+), sums of\sweights (int\d+) and totals (int\d+)", PAGE)
    assert stated.groups() == tuple(map(str, (
        AdderTree.sum_format(rows, PRODUCT), weight_sum(engine, rows), engine.partial_sum)))


def load(name):
    return derive(load_config(ROOT / "configs" / "cores" / f"{name}.yaml"))


def macros():
    """The engine section and the formats of each published macro on the page."""
    for row in table_of(PAGE, "Published macro"):
        numbers = {key: int(row[key]) for key in ("rows", "columns", "bits_per_cycle", "banks")}
        yield row, {"kind": "digital_cim", **numbers}, {key: row[key]
                                                        for key in ("inputs", "weights")}


@pytest.mark.parametrize(("row", "section", "formats"), list(macros()))
def test_published_macros_are_valid(row, section, formats):
    memories = dict.fromkeys(("activation_words", "weight_words", "accumulator_words",
                              "parameter_words", "program_words"), 4096)
    core = derive(accelerator_model().model_validate({
        "version": 1, "name": "macro", "engine": section,
        "precision": {**formats, "accumulator": "int32"}, "memories": memories,
        "post_processing": {"lanes": 1}}))
    assert core.engine.digits * section["bits_per_cycle"] >= core.engine.inputs.bits
    assert set(re.findall(r"[A-Z]{2,}", row["from"])) <= {"UIUC", "ZIGZAG"}


def test_there_are_enough_macros():
    assert len(list(macros())) >= 4
