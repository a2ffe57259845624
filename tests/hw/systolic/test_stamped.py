"""Stamped Verilog: it behaves like the components, repeats no module and has no bit too many."""

import re
import subprocess

import numpy as np
import pytest

from generators.generate import LINT_WAIVERS
from generators.verilog import convert
from hw.systolic import mesh, skew
from hw.systolic.buffered import BufferedEngine
from hw.systolic.engine import SystolicEngine
from sim.simulators import find_simulator
from tests.hw.systolic.bench import LOAD, RESET, at_once, at_random, run
from tests.hw.systolic.jobs import FLOWS, IS, OS, SWITCH, WS, parameters_of, random_job
from tests.hw.systolic.stamped import Trace, replay

flows = pytest.mark.parametrize(("dataflow", "flow"), FLOWS,
                                ids=lambda value: value.value.removesuffix("_stationary"))
dataflows = pytest.mark.parametrize("dataflow", [WS, OS, IS, SWITCH])


def agree(engine, *jobs, folder, **options):
    """Simulate natively, then the Verilog with the same inputs in every cycle."""
    trace = Trace(engine)
    seen = run(engine, *jobs, trace=trace, **options)
    assert seen.vectors == jobs[-1].expected
    assert replay(engine, trace, folder) == trace.expected


@pytest.mark.rtl
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 4)])
@pytest.mark.parametrize("cause", [RESET, LOAD])
@flows
def test_the_engine(dataflow, flow, cause, rows, columns, tmp_path):
    parameters = parameters_of(dataflow, rows, columns, "int5", "uint4")
    rng = np.random.default_rng(rows)
    jobs = [random_job(rng, parameters, flow, tiles) for tiles in (6, 4)]
    agree(SystolicEngine(parameters, 4), *jobs, cut_short=(cause, 15), output_plan=at_random,
          input_plan=at_once if flow is OS else at_random, folder=tmp_path)


@pytest.mark.rtl
@pytest.mark.parametrize("cause", [RESET, LOAD])
@flows
def test_the_engine_alone(dataflow, flow, cause, tmp_path):
    parameters = parameters_of(dataflow, 3, 4, "int5", "uint4")
    rng = np.random.default_rng(3)
    jobs = [random_job(rng, parameters, flow, tiles) for tiles in (6, 4)]
    agree(BufferedEngine(parameters), *jobs, cut_short=(cause, 25), input_plan=at_random,
          weight_plan=at_random, output_plan=at_random, folder=tmp_path)


@pytest.mark.rtl
@flows
def test_arrays_of_several_tiles(dataflow, flow, monkeypatch, tmp_path):
    monkeypatch.setattr(skew, "TILE", 2)
    monkeypatch.setattr(mesh, "GROUP", 2)
    parameters = parameters_of(dataflow, 5, 7, "int3", "int3")
    agree(SystolicEngine(parameters, 4), random_job(np.random.default_rng(5), parameters, flow, 3),
          folder=tmp_path)


@pytest.mark.rtl
@dataflows
def test_lint(dataflow, tmp_path):
    """Clean under Verilator's strictest rules but the few that are waived for all Verilog here."""
    engine = BufferedEngine(parameters_of(dataflow, 17, 3))
    (tmp_path / "dut.v").write_text(convert(engine, name="dut", header="")[0])
    done = subprocess.run(["verilator", "--lint-only", "-Wall", LINT_WAIVERS, "dut.v"],
                          cwd=tmp_path, env=dict(find_simulator("verilator").environment),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def modules_of(text):
    """The body of each module by its name."""
    return {match[1]: match[0] for match in
            re.finditer(r"^module (\w+).*?^endmodule", text, re.MULTILINE | re.DOTALL)}


def engine_text(dataflow, rows, columns):
    parameters = parameters_of(dataflow, rows, columns)
    return convert(SystolicEngine(parameters, 1), name="dut", header="")[0]


@dataflows
def test_no_module_is_repeated(dataflow):
    text = engine_text(dataflow, 6, 5)
    modules = modules_of(text)
    assert text.count("\nendmodule") == len(modules)
    bodies = [body.split("(", 1)[1] for body in modules.values()]
    assert len(set(bodies)) == len(bodies)


@dataflows
def test_columns_add_no_modules(dataflow):
    few, many = (modules_of(engine_text(dataflow, 4, columns)) for columns in (5, 16))
    assert len(few) == len(many)
    assert sum(map(len, many.values())) < 2.5 * sum(map(len, few.values()))


@dataflows
def test_each_doubling_adds_a_few_modules(dataflow, monkeypatch):
    """Sums grow by a bit with every doubling of the rows: two kinds of elements more."""
    monkeypatch.setattr(skew, "TILE", 4)
    monkeypatch.setattr(mesh, "GROUP", 4)
    small, large = (modules_of(engine_text(dataflow, side, side)) for side in (8, 16))
    assert len(large) - len(small) == (2 if dataflow in (WS, IS) else 0)


@pytest.mark.parametrize(("inputs", "weights"), [("int8", "int8"), ("uint3", "uint5"),
                                                 ("int2", "uint2"), ("uint16", "int4")])
@pytest.mark.parametrize("dataflow", [WS, IS])
def test_rows_have_the_partial_sums_that_they_need(dataflow, inputs, weights):
    """The narrowest two's complement number that holds both extreme sums of the rows above."""
    rows = 9
    parameters = parameters_of(dataflow, rows, 2, inputs, weights)
    text, tree = convert(SystolicEngine(parameters, 1), name="dut", header="")
    modules = modules_of(text)
    corners = [x * w for x in (parameters.inputs.min, parameters.inputs.max)
               for w in (parameters.weights.min, parameters.weights.max)]
    for row in range(rows):
        low, high = ((row + 1) * min(0, *corners), (row + 1) * max(0, *corners))
        needed = next(bits for bits in range(1, 64)
                      if -(1 << bits - 1) <= low and high < 1 << bits - 1)
        element, = {entry["module"] for entry in tree
                    if entry["path"].endswith(f"column_1.pe_{row}")}
        assert f"output reg [{needed - 1}:0] sum_o" in modules[element]
