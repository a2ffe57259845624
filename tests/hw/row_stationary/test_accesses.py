"""What elements do with their scratchpads: every access counted, with zero gating and without."""

from collections import Counter

import numpy as np
import pytest

from hw.row_stationary import pe
from hw.row_stationary.engine import RowStationaryEngine
from hw.row_stationary.scratchpad import Scratchpad
from tests.hw.row_stationary.jobs import Mapping, job_of, parameters_of, random_pass
from tests.hw.systolic.bench import run

pytestmark = pytest.mark.exhaustive

DEPTHS = {"filter": 20, "window": 7, "sums": 3}     # all different: they tell the kinds


class Accesses:
    """Counts the accesses to all scratchpads, in place of a trace."""

    def __init__(self, monkeypatch):
        self.scratchpads, self.counts, self.active = [], Counter(), 0
        counted = self

        class Counted(Scratchpad):
            def __init__(self, *arguments, **options):
                super().__init__(*arguments, **options)
                counted.scratchpads.append(self)

        monkeypatch.setattr(pe, "Scratchpad", Counted)

    def recorder(self, reset):
        async def record(ctx):
            kinds = {DEPTHS["filter"]: "filter", DEPTHS["window"]: "window", DEPTHS["sums"]: "sums"}
            nets = [(f"{kinds[memory.depth]} {way}", memory, getattr(memory, f"{way}_en"))
                    for memory in self.scratchpads for way in ("read", "write")]
            used = set()
            while True:
                _, _, *values = await ctx.tick().sample(*(net for *_, net in nets))
                for (name, memory, _), value in zip(nets, values, strict=True):
                    self.counts[name] += value
                    if value and name == "window write":
                        used.add(id(memory))
                self.active = len(used)
        return record


def useful_turns(parameters, mapping, inputs):
    """Per active element and step, the tap and part pairs whose inputs are not all zero."""
    macs, height = parameters.macs_per_pe, mapping.kernel[0]
    for group in inputs:
        for channels in np.split(group, mapping.channel_groups):
            missing = -len(channels) % macs
            parts = np.pad(channels, ((0, missing), (0, 0), (0, 0)))
            parts = parts.reshape(-1, macs, *channels.shape[1:]).any(axis=1)
            rows = mapping.folds * mapping.output_rows - mapping.missing_rows
            for row in range(rows):
                for kernel_row in range(height):
                    line = parts[:, row * mapping.strides[0] + kernel_row]
                    for step in range(mapping.steps):
                        left = step * mapping.strides[1]
                        yield line[:, left:left + mapping.kernel[1]].T.ravel()


@pytest.mark.parametrize("gating", [False, True])
@pytest.mark.parametrize("macs", [1, 2])
def test_accesses(macs, gating, monkeypatch):
    accesses = Accesses(monkeypatch)
    parameters = parameters_of(5, 5, macs=macs, gating=gating, depth=40, window=DEPTHS["window"],
                               sums=DEPTHS["sums"])
    mapping = Mapping(kernel=(2, 3), folds=2, output_rows=2, column_groups=2, filters=3,
                      channels=3, steps=3, missing_rows=1)
    item = random_pass(np.random.default_rng(1), parameters, mapping, zeros=0.7)
    job = job_of(parameters, mapping, [item])
    assert run(RowStationaryEngine(parameters, 1), job, trace=accesses).vectors == job.expected

    elements = 2 * 3 * 2    # kernel rows, output rows of both folds, column groups
    turns = list(useful_turns(parameters, mapping, item.inputs))
    steps = elements * mapping.steps
    assert (accesses.active, len(turns)) == (elements, steps)
    counts, filters = accesses.counts, mapping.filters
    all_turns = steps * turns[0].size
    useful = sum(int(turn.sum()) for turn in turns)
    assert useful < 0.8 * all_turns
    assert counts["window write"] == elements * mapping.input_columns
    assert counts["window read"] == steps * mapping.kernel[1]
    assert counts["filter read"] == filters * (useful if gating else all_turns)
    beats = job.config["filter_beats"] + 1
    assert counts["filter write"] == elements * beats * parameters.words_per_beat
    # The first turn only writes, the last one only reads, and both do so whatever their inputs are.
    changed = sum(1 + int(turn[1:-1].sum()) for turn in turns)
    expected = filters * (changed if gating else all_turns - steps)
    assert (counts["sums read"], counts["sums write"]) == (expected, expected)
