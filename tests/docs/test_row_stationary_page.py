"""The figures on the page of the row-stationary engine are the engine's and the compiler's."""

import re
from dataclasses import fields
from functools import lru_cache

import numpy as np
import pytest

import hw.row_stationary.engine
from compiler.predict import predict
from compiler.row_stationary.by_hand import with_mappings
from compiler.row_stationary.choice import task_of
from compiler.row_stationary.mapping import RowMapping
from compiler.row_stationary.plan import RowPlan
from compiler.row_stationary.search import best_mapping, last_output
from compiler.tile import whole_tile
from compiler.workload import load_chains
from hw.row_stationary.engine import RowStationaryEngine
from hw.row_stationary.row import Row
from tests.docs.charts import LOAD, chart, labelled
from tests.docs.pages import DOCS, code_files, table_of
from tests.hw.row_stationary.jobs import Mapping, parameters_of, random_job
from tests.hw.systolic.bench import run
from tests.regression.harness import Core

PATH = DOCS / "engines" / "row_stationary.md"
PAGE = PATH.read_text(encoding="utf-8")
LARGE, SMALL = "row_stationary_12x14_int8", "row_stationary_4x4_int8"
FILTERS = "abcd"


class Turns:
    """Notes which filter and which pixel the elements of each row multiply, cycle by cycle."""

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
            nets = [row.control[name] for row in self.rows for name in names]
            self.seen = [{} for _ in self.rows]
            pixels = [[0, 0, 0] for _ in self.rows]     # two cycles ago, one, and now
            cycle = -LOAD
            while True:
                cycle += 1
                _, _, *values = await ctx.tick().sample(*nets)
                for number, held in enumerate(pixels):
                    read, slot, add, place = values[4 * number:4 * number + 4]
                    held[:] = [*held[1:], slot if read else held[-1]]
                    if add:
                        chain = number // self.mapping.chain_rows
                        name = FILTERS[chain * self.mapping.filters + place]
                        self.seen[number][cycle] = f"{name}{held[0]}"
        return record


def test_cycles(monkeypatch):
    parameters = parameters_of(4, 2)
    mapping = Mapping(kernel=(2, 2), groups=2, filters=2, output_rows=2, steps=3)
    turns = Turns(monkeypatch, mapping)
    job = random_job(np.random.default_rng(1), parameters, mapping, 1)
    seen = run(RowStationaryEngine(parameters, 1), job, trace=turns)
    assert seen.vectors == job.expected
    rows = {f"row {number}": turns.seen[number] for number in (3, 2, 1, 0)}
    drawn = chart(
        weights=labelled(seen.weights, "0 1 2 3"),
        inputs=labelled(seen.inputs, "00 01 02 10 11 12 20 21 22 30 31 32"),
        starts=labelled(seen.admissions, "0 1 2"), **rows,
        outputs=labelled(seen.output_cycles, "a0 b0 c0 d0 a1 b1 c1 d1 a2 b2 c2 d2"))
    assert drawn in PAGE, drawn


def test_scratchpads():
    rows = {row["Scratchpad"]: row for row in table_of(PAGE, "Scratchpad")}
    for name in (LARGE, SMALL):
        p = Core.published(name).parameters.engine
        assert rows["filters"][name] == f"2 x {p.filter_depth} of {p.weights.bits} bits"
        assert rows["inputs"][name] == (
            f"{p.window_pixels} pixels of {p.channels_per_beat} x {p.inputs.bits} bits")
        assert rows["sums"][name] == f"{p.sum_depth} of {p.partial_sum.bits} bits"


def test_keys():
    assert [row["Key"] for row in table_of(PAGE, "Key")] == [
        field.name for field in fields(RowMapping)]


@lru_cache
def alexnet():
    """AlexNet's layers on the larger array, by name: chain, cycles, the longest job's mapping."""
    return predicted(load_chains("alexnet", None, Core.published(LARGE).formats))


def predicted(chains):
    core, found = Core.published(LARGE), {}
    for chain in chains:
        counts = predict(core.parameters, core.encoding, chain)
        jobs = [job for segment in counts for job in segment.jobs]
        cycles = sum(segment.cycles * number for segment, number in counts.items())
        longest = max(jobs, key=lambda job: job.cycles)
        found[chain.name] = chain, cycles, longest.mapping.choices
    return found


def test_mapping_by_hand(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(code_files(PATH)["mapping.yaml"])
    chains = [chain for name, (chain, *_) in alexnet().items() if name.startswith("conv5")]
    found = predicted(with_mappings(chains, Core.published(LARGE).parameters, path))
    [stated] = re.findall(r"two conv5 takes ([\d,]+) cycles", PAGE)
    for _, cycles, chosen in found.values():
        assert (chosen["kernel_rows"], chosen["channel_groups"], chosen["filter_groups"]) == (
            3, 2, 2)
        assert f"{cycles:,}" == stated


@pytest.mark.parametrize("row", table_of(PAGE, "Layer"), ids=lambda row: row["Layer"])
def test_alexnet(row):
    for name, (chain, cycles, chosen) in alexnet().items():
        if name.startswith(row["Layer"]):
            active = chosen["active_elements"]
            assert row == {
                "Layer": row["Layer"],
                "kernel": f"{chosen['kernel_rows']} x {chosen['kernel_columns']}",
                "channels": f"{chosen['channel_groups']} x {chosen['channels']}",
                "filters": f"{chosen['filter_groups']} x {chosen['filters']}",
                "rows": str(chosen["row_groups"]), "columns": str(chosen["column_groups"]),
                "active": str(active), "Eyeriss": row["Eyeriss"], "cycles": f"{cycles:,}",
                "used": f"{100 * chain.macs / cycles / active:.1f} %"}


def test_conv2_as_in_the_paper():
    parameters = Core.published(LARGE).parameters
    [layer] = alexnet()["conv2_0"][0].layers
    task = task_of(whole_tile(layer, parameters.input_lanes), parameters)
    stated = re.search(r"As a mapping of the whole layer\s(.*?passes\.)", PAGE, re.DOTALL)[1]
    fixed = tuple((name, int(value)) for name, value in re.findall(r"`(\w+): (\d+)`", stated))
    papers = RowPlan(task, best_mapping(task, fixed))
    chosen = RowPlan(task, best_mapping(task))
    assert f"{papers.active_elements} elements" in stated
    assert re.findall(r"\d+,\d+", stated) == [
        f"{last_output(plan):,}" for plan in (papers, chosen)]
