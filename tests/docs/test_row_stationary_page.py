"""The figures on the page of the row-stationary engine are the engine's and the compiler's."""

import re
from functools import lru_cache
import numpy as np

import pytest

import hw.row_stationary.engine
from compiler.predict import predict
from compiler.row_stationary.by_hand import with_mappings
from compiler.workload import load_chains
from generators.config import load_config
from hw.row_stationary.engine import RowStationaryEngine
from hw.row_stationary.row import Row
from tests.docs.charts import LOAD, chart, labelled
from tests.docs.pages import DOCS, ROOT, code_files, table_of
from tests.hw.row_stationary.jobs import Mapping, parameters_of, random_job
from tests.hw.row_stationary.timing import predict as times_of
from tests.hw.systolic.bench import run
from tests.regression.harness import Core

PATH = DOCS / "engines" / "row_stationary.md"
PAGE = PATH.read_text(encoding="utf-8")
LARGE, SMALL = "row_stationary_12x14_int8", "row_stationary_4x4_int8"
FILTERS = "abcd"


class Turns:
    """Notes which pixel and which filter the elements of each row multiply, cycle by cycle."""

    def __init__(self, monkeypatch, mapping):
        self.mapping, self.rows, self.seen = mapping, [], []
        noted = self

        class WatchedRow(Row):
            def __init__(row, array):
                super().__init__(array)
                noted.rows.append(row)

            def _control(row, m):
                row.control = super()._control(m)
                return row.control

        monkeypatch.setattr(hw.row_stationary.engine, "Row", WatchedRow)

    def recorder(self, reset):
        names = ("window_read", "window_slot", "add", "filter")

        async def record(ctx):
            self.seen = [{} for _ in self.rows]
            nets = [row.control[name] for row in self.rows for name in names]
            pixels, cycle = [[0, 0, 0] for _ in self.rows], 0   # of this cycle and two before
            while True:
                cycle += 1
                _, _, *values = await ctx.tick().sample(*nets)
                for number, seen in enumerate(self.seen):
                    read, slot, add, place = values[4 * number:4 * number + 4]
                    held = pixels[number]
                    held[:] = [*held[1:], slot if read else held[-1]]
                    if add:
                        chain = number // self.mapping.chain_rows
                        name = FILTERS[chain * self.mapping.filters + place]
                        seen[cycle - LOAD] = f"{name}{held[0]}"
        return record


def test_cycles(monkeypatch):
    parameters = parameters_of(4, 2)
    mapping = Mapping(kernel=(2, 2), groups=2, filters=2, output_rows=2, steps=3)
    turns = Turns(monkeypatch, mapping)
    job = random_job(np.random.default_rng(1), parameters, mapping, 1)
    seen = run(RowStationaryEngine(parameters, 1), job, trace=turns)
    assert seen.vectors == job.expected
    print(chart(weights=labelled(seen.weights, "0 1 2 3"),inputs=labelled(seen.inputs," ".join(f"{c}{r}" for c in range(4) for r in range(3))), starts=labelled(seen.admissions,"0 1 2"), **{f"row {n}":turns.seen[n] for n in (3,2,1,0)}, outputs=labelled(seen.output_cycles, " ".join(f"{f}{s}" for s in range(3) for f in FILTERS))))
