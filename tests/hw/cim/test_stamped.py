"""The engine's Verilog: as its components behave, of few modules, of one-bit products."""

import re
import subprocess

import numpy as np
import pytest

from generators.generate import LINT_WAIVERS
from generators.verilog import convert
from hw.adder_tree import TreeStyle
from hw.cim.engine import DigitalCimEngine
from sim.simulators import find_simulator
from tests.hw.cim.bench import POST_BEATS, build
from tests.hw.cim.jobs import parameters_of, random_job
from tests.hw.systolic.bench import LOAD, RESET, at_random, run
from tests.hw.systolic.stamped import Trace, replay

RIPPLE, CARRY_SAVE = TreeStyle
styles = pytest.mark.parametrize("tree", TreeStyle)


@pytest.mark.rtl
@pytest.mark.parametrize(("shape", "banks", "skip", "tree", "cause"), [
    ((8, 1, 1, 1), 1, False, CARRY_SAVE, RESET), ((9, 2, 2, 2), 2, True, RIPPLE, LOAD),
    ((9, 1, 3, 1), 2, True, CARRY_SAVE, RESET), ((35, 1, 1, 1), 4, False, CARRY_SAVE, LOAD)])
def test_the_engine(shape, banks, skip, tree, cause, tmp_path):
    p = parameters_of(*shape, "int5", "uint4", tree=tree, tree_registers=banks // 2, banks=banks,
                      bits_per_cycle=banks, skip_zero_planes=skip)
    rng = np.random.default_rng(shape[0])
    jobs = [random_job(rng, p, 6), random_job(rng, p, 4), random_job(rng, p, 5, tail=2)]
    engine = build(p)
    trace = Trace(engine)
    seen = run(engine, *jobs, trace=trace, cut_short=(cause, 25), input_plan=at_random,
               weight_plan=at_random, output_plan=at_random)
    assert seen.vectors == jobs[-1].expected
    known = [blind(values) for values in trace.expected]
    assert [blind(values) for values in replay(engine, trace, tmp_path)] == known


def blind(values):
    """Without output vectors that are not valid: cells that were never written have no value."""
    return values | ({} if values["output_valid"] == "1" else {"outputs": None})


@pytest.mark.rtl
@styles
def test_lint(tree, tmp_path):
    """Clean under Verilator's strictest rules but the few that are waived for all Verilog here."""
    engine = build(parameters_of(9, 2, 2, 1, "int5", "int4", tree=tree, tree_registers=1,
                                 bits_per_cycle=2, skip_zero_planes=tree is RIPPLE))
    (tmp_path / "dut.v").write_text(convert(engine, name="dut", header="")[0])
    done = subprocess.run(["verilator", "--lint-only", "-Wall", LINT_WAIVERS, "dut.v"],
                          cwd=tmp_path, env=dict(find_simulator("verilator").environment),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def modules_of(parameters):
    """The body of each module by its name."""
    text = convert(DigitalCimEngine(parameters, POST_BEATS), name="dut", header="")[0]
    assert text.count("\nendmodule") == len(re.findall(r"^module ", text, re.MULTILINE))
    return {match[1]: match[0] for match in
            re.finditer(r"^module (\w+).*?^endmodule", text, re.MULTILINE | re.DOTALL)}


@styles
def test_columns_macros_and_planes_add_no_modules(tree):
    few, many = (modules_of(parameters_of(*shape, "int4", "int3", tree=tree, bits_per_cycle=bits))
                 for shape, bits in (((9, 2, 2, 1), 1), ((9, 7, 3, 2), 4)))
    assert {re.sub(r"\d+", "", name) for name in few} == {re.sub(r"\d+", "", name)
                                                         for name in many}
    assert len(few) == len(many)


def instances(modules, name):
    """How many of each module there are in ``name``, itself included."""
    counts = {name: 1}
    for inner in re.findall(r"^  (\w+) \w+ \($", modules[name], re.MULTILINE):
        for module, count in (instances(modules, inner) if inner in modules else {}).items():
            counts[module] = counts.get(module, 0) + count
    return counts


@pytest.mark.parametrize(("bits_per_cycle", "skip"), [(1, False), (4, True)])
@styles
def test_nothing_multiplies(tree, bits_per_cycle, skip):
    modules = modules_of(parameters_of(13, 3, 2, 2, tree=tree, bits_per_cycle=bits_per_cycle,
                                       skip_zero_planes=skip))
    assert len(modules) > 6
    for body in modules.values():
        assert not re.search(r"[^(@]\*(?!\))", re.sub("always @\\*", "", body))


def registers(body):
    """Bits of each register of a module that a clock moves."""
    clocked = set(re.findall(r"^\s*(?:if \(.*\) )?(\w+)(?:\[.*?\])? <=", body, re.MULTILINE))
    bits = {}
    for match in re.finditer(r"^\s*(?:output )?reg (?:\[(\d+):0\] )?(\w+)", body, re.MULTILINE):
        if match[2] in clocked:
            bits[match[2]] = int(match[1] or 0) + 1
    assert bits.keys() == clocked
    return bits


@pytest.mark.parametrize(("shape", "banks"), [
    ((8, 1, 1, 1), 8), ((35, 3, 1, 2), 2), ((13, 2, 3, 1), 1)])
def test_there_are_as_many_cells_as_weights_have_bits(shape, banks):
    p = parameters_of(*shape, "int4", "int3", banks=banks)
    modules = modules_of(p)
    cells = {name: sum(registers(body).values()) for name, body in modules.items()
             if name.startswith("cim_cell_block_")}
    counts = instances(modules, "dut")
    assert (sum(bits * counts[name] for name, bits in cells.items())
            == p.rows * p.columns * p.weights.bits * banks)
    # A word line meets one bit at each cell.
    for name, body in modules.items():
        if name in cells:
            assert not re.search(r" [-+] ", body)


@pytest.mark.parametrize("rows", [8, 13, 33, 100])
def test_no_adder_of_a_tree_is_wider_than_its_sum(rows):
    """The adders of plain trees: as wide as the number of their rows, written in binary."""
    modules = modules_of(parameters_of(rows, 1, 1, 1, "int2", "int2", tree=RIPPLE))
    trees = [body for body in modules.values() if " sum\n" in body]
    assert len(trees) >= rows.bit_length() - 1
    for body in trees:
        ports = {match[2]: int(match[1] or 0) + 1 for match in re.finditer(
            r"^  (?:input|output) wire (?:\[(\d+):0\] )?(\w+)", body, re.MULTILINE)}
        needed = ports["terms"].bit_length()
        assert ports["sum"] == needed
        assert body.count(" + ") == 1
        # A carry that cannot come may have a name, but nothing reads it.
        for bits, name in re.findall(r"wire \[(\d+):0\] (\w+);", body):
            assert int(bits) < needed or f"assign sum = {name}[{needed - 1}:0];" in body
