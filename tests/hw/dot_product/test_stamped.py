"""Stamped Verilog: it behaves like the components, repeats no module and has no bit too many."""

import re
import subprocess

import numpy as np
import pytest

from generators.generate import LINT_WAIVERS
from generators.verilog import convert
from hw.adder_tree import TreeStyle
from hw.dot_product.buffered import BufferedDotProductEngine
from hw.dot_product.engine import DotProductEngine
from sim.simulators import find_simulator
from tests.hw.dot_product.jobs import parameters_of, random_job
from tests.hw.dot_product.windows import window_job, window_parameters
from tests.hw.systolic.bench import LOAD, RESET, at_random, run
from tests.hw.systolic.stamped import Trace, replay

styles = pytest.mark.parametrize("tree", TreeStyle)


def core_engine(parameters):
    return DotProductEngine(parameters, 4)


@pytest.mark.rtl
@pytest.mark.parametrize("shape", [(1, 1, 1), (6, 4, 2), (5, 3, 5)])
@pytest.mark.parametrize("cause", [RESET, LOAD])
@pytest.mark.parametrize("make", [core_engine, BufferedDotProductEngine])
@styles
def test_the_engine(tree, make, cause, shape, tmp_path):
    parameters = parameters_of(*shape, "int5", "uint4", tree=tree)
    rng = np.random.default_rng(shape[0])
    jobs = [random_job(rng, parameters, tiles) for tiles in (6, 4)]
    engine = make(parameters)
    trace = Trace(engine)
    seen = run(engine, *jobs, trace=trace, cut_short=(cause, 15), input_plan=at_random,
               weight_plan=at_random, output_plan=at_random)
    assert seen.vectors == jobs[-1].expected
    assert replay(engine, trace, tmp_path) == trace.expected


@pytest.mark.rtl
@pytest.mark.parametrize("shape", [(1, 1, 1), (6, 4, 2), (2, 3, 2)])
@pytest.mark.parametrize("make", [core_engine, BufferedDotProductEngine])
def test_windows(make, shape, tmp_path):
    parameters = window_parameters(*shape, "int5", "uint4")
    kernel = (1, 1) if shape[0] == 1 else (2, shape[0] // 2)
    rng = np.random.default_rng(shape[0])
    jobs = [window_job(rng, parameters, kernel, 1, (2, 3)) for _ in range(2)]
    engine = make(parameters)
    trace = Trace(engine)
    run(engine, *jobs, trace=trace, cut_short=(LOAD, 15), input_plan=at_random,
        output_plan=at_random)
    assert replay(engine, trace, tmp_path) == trace.expected


@pytest.mark.rtl
@pytest.mark.parametrize("depthwise", [False, True])
@styles
def test_lint(tree, depthwise, tmp_path):
    """Clean under Verilator's strictest rules but the few that are waived for all Verilog here."""
    engine = BufferedDotProductEngine(parameters_of(6, 5, 3, tree=tree, depthwise=depthwise))
    (tmp_path / "dut.v").write_text(convert(engine, name="dut", header="")[0])
    done = subprocess.run(["verilator", "--lint-only", "-Wall", LINT_WAIVERS, "dut.v"],
                          cwd=tmp_path, env=dict(find_simulator("verilator").environment),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def modules_of(rows, columns, weight_rows=1, *formats):
    """The body of each module by its name."""
    text = convert(DotProductEngine(parameters_of(rows, columns, weight_rows, *formats), 1),
                   name="dut", header="")[0]
    return {match[1]: match[0] for match in
            re.finditer(r"^module (\w+).*?^endmodule", text, re.MULTILINE | re.DOTALL)}


def test_columns_add_no_modules():
    few, many = modules_of(4, 2), modules_of(4, 16)
    assert few.keys() == many.keys()


@pytest.mark.parametrize(("inputs", "weights", "product"), [
    ("int8", "int8", 16), ("uint8", "uint8", 16), ("int8", "uint4", 12), ("int2", "int2", 4),
    ("uint1", "uint1", 1), ("int1", "int1", 1)])
def test_only_multipliers_multiply_and_only_as_wide_as_they_must(inputs, weights, product):
    modules = modules_of(5, 2, 1, inputs, weights)
    multiplying = {name for name, body in modules.items() if " * " in body}
    assert multiplying == {f"multiplier_{inputs}x{weights}"}
    [body] = [modules[name] for name in multiplying]
    declared = re.search(r"output reg (?:\[(\d+):0\] )?product\b", body)
    assert int(declared[1] or 0) + 1 == product


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(64, 64, 16), (256, 64, 1)])
def test_large_engines_are_small_files(shape):
    modules = modules_of(*shape)
    assert sum(map(len, modules.values())) < 2_000_000
