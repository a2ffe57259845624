"""Stamped Verilog: it behaves like the components, repeats no module and holds what it must."""

import re
import subprocess

import numpy as np
import pytest

from generators.generate import LINT_WAIVERS
from generators.verilog import convert
from hw.row_stationary.engine import RowStationaryEngine
from sim.simulators import find_simulator
from tests.hw.row_stationary.jobs import Mapping, parameters_of, random_job
from tests.hw.systolic.bench import LOAD, RESET, at_random, run
from tests.hw.systolic.stamped import Trace, replay

MAPPINGS = [Mapping(kernel=(2, 3), filters=2, channels=3, output_rows=3),
            Mapping(kernel=(1, 2), folds=2, groups=2, strides=(1, 2), output_rows=1,
                    column_groups=2, filters=3)]


@pytest.mark.rtl
@pytest.mark.parametrize(("macs", "lanes"), [(1, (4, 4)), (2, (4, 2)), (4, (4, 4))])
@pytest.mark.parametrize("gating", [False, True])
@pytest.mark.parametrize("cause", [RESET, LOAD])
def test_the_engine(cause, gating, macs, lanes, tmp_path):
    parameters = parameters_of(4, 3, macs=macs, lanes=lanes, gating=gating, window=5,
                               inputs="int5", weights="uint4", accumulator="int20")
    rng = np.random.default_rng(macs)
    jobs = [random_job(rng, parameters, mapping, 3, zeros=0.4) for mapping in MAPPINGS]
    engine = RowStationaryEngine(parameters, 1)
    trace = Trace(engine)
    seen = run(engine, *jobs, trace=trace, cut_short=(cause, 45), input_plan=at_random,
               weight_plan=at_random, output_plan=at_random)
    assert seen.vectors == jobs[-1].expected
    assert replay(engine, trace, tmp_path) == trace.expected


@pytest.mark.rtl
@pytest.mark.parametrize(("macs", "gating"), [(1, False), (1, True), (2, True)])
def test_lint(macs, gating, tmp_path):
    """Clean under Verilator's strictest rules but the few that are waived for all Verilog here."""
    engine = RowStationaryEngine(parameters_of(3, 2, macs=macs, gating=gating), 1)
    (tmp_path / "dut.v").write_text(convert(engine, name="dut", header="")[0])
    done = subprocess.run(["verilator", "--lint-only", "-Wall", LINT_WAIVERS, "dut.v"],
                          cwd=tmp_path, env=dict(find_simulator("verilator").environment),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def modules_of(parameters):
    """The body of each module by its name."""
    text = convert(RowStationaryEngine(parameters, 1), name="dut", header="")[0]
    return {match[1]: match[0] for match in
            re.finditer(r"^module (\w+).*?^endmodule", text, re.MULTILINE | re.DOTALL)}


def test_rows_and_columns_add_no_modules():
    few, many = (modules_of(parameters_of(*shape)) for shape in ((2, 3), (8, 3)))
    assert few.keys() == many.keys()
    assert len(modules_of(parameters_of(2, 9))) == len(few)


@pytest.mark.parametrize("macs", [1, 2, 4])
def test_only_elements_multiply(macs):
    modules = modules_of(parameters_of(3, 4, macs=macs))
    products = {name: body.count(" * ") for name, body in modules.items() if " * " in body}
    assert products == {"pe_row_stationary_int8xint8_int32": macs}


def test_the_array_of_the_paper_is_a_small_file():
    modules = modules_of(parameters_of(12, 14, depth=224, window=16, sums=24))
    assert sum(map(len, modules.values())) < 200_000
