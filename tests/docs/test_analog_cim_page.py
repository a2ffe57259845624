"""What the page of the analog compute-in-memory engine says is what the simulated engine does."""

import re

import numpy as np
import pytest

import hw.cim.analog.engine
import hw.cim.analog.group
from compiler.converters import Converter, with_converters
from compiler.fit import fitted
from ergon.console import View
from ergon.run import measured_and_sample
from ergon.sweep import sweep
from ergon.tables import energy, percent
from generators.config import accelerator_model
from generators.derive import derive
from hw.formats import NumberFormat
from sim.calibration import calibrate
from tests.docs.charts import chart
from tests.docs.pages import DOCS, table_of
from tests.hw.cim.analog import bench
from tests.hw.simulation import simulate
from tests.regression.harness import Core, compiled, golden

PAGE = (DOCS / "engines" / "analog_cim.md").read_text(encoding="utf-8")
X, W = [1, 2, 3, 1], [3, 1, 2, 3]       # the product that the page works out
PUBLISHED = "analog_cim_128x32_int8"


class Insides:
    """Notes what the parts of an engine with one converter do, by cycles since the load."""

    def __init__(self, monkeypatch):
        self.parts = {}
        self.rows = {name: {} for name in ("lines", "slice", "sum", "code", "total")}
        for module, name in ((hw.cim.analog.engine, "WordLines"),
                             (hw.cim.analog.group, "AnalogColumns"),
                             (hw.cim.analog.group, "Adc"), (hw.cim.analog.group, "ShiftAdd")):
            monkeypatch.setattr(module, name, self._kept(name, getattr(module, name)))
        monkeypatch.setattr(bench, "simulate", self._simulate)

    def _kept(self, name, part):
        def build(parameters):
            self.parts[name] = part(parameters)
            return self.parts[name]
        return build

    def _simulate(self, engine, *benches, **options):
        async def record(ctx):
            lines, columns, adc, add = (self.parts[name] for name in (
                "WordLines", "AnalogColumns", "Adc", "ShiftAdd"))
            cycle, converted, added = 0, False, False
            while True:
                _, _, load, sense, *values, convert, adds = await ctx.tick().sample(
                    engine.load, columns.sense, lines.lines.as_value(), columns.slot, adc.sum,
                    adc.code, add.total, adc.convert, add.add)
                cycle = 0 if load else cycle + 1
                due = (sense, sense, convert, converted, added)
                for row, value, is_due in zip(self.rows.values(), values, due, strict=True):
                    if is_due:
                        row[cycle] = value
                converted, added = convert, adds

        simulate(engine, *benches, record, **options)


def test_cycles(monkeypatch):
    parameters = bench.array(8, 1, "uint2", "uint2", rows_active=2, columns_per_adc=2)
    insides = Insides(monkeypatch)
    product = [(np.array([X]), np.array([W]).T)]
    seen = bench.check(parameters, bench.Job(product, Converter(0, 1), 2, [True]))
    # Which digit of which group it is, is seen from the word lines.
    steps = {sum((X[row] >> digit & 1) << row for row in (2 * group, 2 * group + 1)):
             (digit, group) for digit in (0, 1) for group in (0, 1)}
    lines = insides.rows.pop("lines")
    drawn = chart(
        weights=dict(zip(seen.weights, ("A3", "A2", "A1", "A0"), strict=True)),
        inputs=dict(zip(seen.inputs, "a", strict=True)),
        digit={cycle: steps[value][0] for cycle, value in lines.items()},
        group={cycle: steps[value][1] for cycle, value in lines.items()},
        **insides.rows,
        outputs=dict(zip(seen.output_cycles, "a", strict=True)))
    assert drawn in PAGE, drawn
    assert seen.outputs == [[np.dot(X, W)]]


@pytest.mark.parametrize(("banks", "slots", "vectors"), [
    (1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 2, 3), (8, 1, 3)])
def test_what_tiles_cost(banks, slots, vectors):
    parameters = bench.array(8, 1, "uint2", "uint2", rows_active=4, columns_per_adc=slots,
                             banks=banks)
    tiles = [(np.ones((vectors, 8), int), np.ones((8, 1), int))] * 12
    seen = bench.run(parameters, bench.Job(tiles, Converter(0, 1), 2, [True] * len(tiles)))
    cycles = 2 * 2 * slots * vectors
    period = max(cycles, 8) if banks > 1 else cycles + 8
    assert np.diff(seen.inputs[::vectors][-3:]).tolist() == [period, period]


def with_resolution(adc_bits):
    """The published core with other converters."""
    config = Core.published(PUBLISHED).config
    engine = config.engine.model_copy(update={"adc_bits": adc_bits})
    return Core(config.model_copy(update={"engine": engine}))


def accuracy(core, workload):
    _, outputs = golden(core, compiled(core, workload))
    found = outputs[workload.layers[-1].name].reshape(workload.images, -1).argmax(axis=1)
    return f"{np.mean(found == workload.labels):.0%}".replace("%", " %")


@pytest.mark.parametrize("row", table_of(PAGE, "adc_bits"), ids=lambda row: row["adc_bits"])
def test_accuracy(row):
    core = with_resolution(int(row["adc_bits"]))
    engine = core.parameters.engine
    images, others = measured_and_sample("digits", 1, core.parameters, 100)
    settings = calibrate(fitted(others, core.parameters), engine)
    assert row["never clips"] == accuracy(core, images)
    assert row["calibrated"] == accuracy(core, with_converters(images, engine, settings))


@pytest.mark.slow
def test_sweep():
    rows = table_of(PAGE, "rows active")
    found = {}
    for active in dict.fromkeys(row["rows active"] for row in rows):
        bits = [int(row["ADC bits"]) for row in rows if row["rows active"] == active]
        found |= {(point["rows_active"], point["adc_bits"]): point for point in sweep(
            PUBLISHED, "digits", adc_bits=bits, rows_active=[int(active)], images=100, seed=1,
            technology="horowitz_45nm", view=View(as_json=True))["points"]}
    for row in rows:
        point = found[int(row["rows active"]), int(row["ADC bits"])]
        assert list(row.values())[2:] == [
            percent(point["accuracy"]), f"{point['cycles_per_image']:,.0f}",
            energy(point["energy_pj_per_image"]), energy(point["low_pj"]),
            energy(point["high_pj"]), percent(point["adc_share"])]


def macros():
    """The engine section and the formats of each published macro on the page."""
    for row in table_of(PAGE, "Published macro"):
        formats = {key: row[key] for key in ("inputs", "weights")}
        bits = {key: NumberFormat.parse(text).bits for key, text in formats.items()}
        numbers = {key: int(row[key]) for key in ("rows", "columns", "rows_active",
                                                  "columns_per_adc", "adc_bits")}
        yield row["from"], {"kind": "analog_cim", **numbers, "dac_bits": bits["inputs"],
                            "cell_bits": bits["weights"]}, formats


@pytest.mark.parametrize(("source", "section", "formats"), list(macros()))
def test_published_macros_are_valid(source, section, formats):
    memories = dict.fromkeys(("activation_words", "weight_words", "accumulator_words",
                              "parameter_words", "program_words"), 4096)
    core = derive(accelerator_model().model_validate({
        "version": 1, "name": "macro", "engine": section,
        "precision": {**formats, "accumulator": "int32"}, "memories": memories,
        "post_processing": {"lanes": 1}}))
    assert len(core.engine.slices) == core.engine.digits == 1
    assert re.fullmatch(r"UIUC \d+", source)


def test_there_are_enough_macros():
    assert len(list(macros())) >= 4
