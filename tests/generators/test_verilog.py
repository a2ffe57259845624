"""Stamped conversion: one module per kind of part, the same bytes each time, the same behaviour."""

import random
import re
import shutil
import subprocess
import time

import pytest
from amaranth import Cat, Module, Signal, unsigned
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from generators.errors import UserError
from generators.verilog import convert
from hw.stamp import Stamped, StampedComponent, flat_ports
from tests.generators.stamped_mesh import Mesh

ROWS, COLUMNS, CYCLES = 3, 2, 40


def _mesh_text(rows=ROWS, columns=COLUMNS):
    return convert(Mesh(rows, columns), name="top", header="A mesh.\n\nOf columns.")


def test_one_module_per_kind_of_part():
    text, _ = _mesh_text()
    assert re.findall(r"^module (\w+)", text, re.MULTILINE) == ["top", "column_3", "pe"]
    assert text.startswith("// A mesh.\n//\n// Of columns.\n\nmodule top (\n  input wire clk,\n")


def test_the_same_bytes_each_time():
    assert _mesh_text() == _mesh_text()


def test_a_larger_mesh_adds_instances_and_no_modules():
    small, large = _mesh_text(4, 4)[0], _mesh_text(16, 16)[0]
    assert small.count("\nendmodule") == large.count("\nendmodule")
    assert len(large) < 5 * len(small)


def test_nothing_is_escaped_and_nets_are_called_after_their_drivers():
    text, _ = _mesh_text()
    assert "\\" not in text
    assert "$auto" not in text
    assert "pe pe_1 (" in text
    assert ".sum_i(pe_0_o)" in text


def test_registers_are_clocked_blocks():
    text, _ = _mesh_text()
    assert ("  always @(posedge clk) begin\n"
            "    if (load) weight <= i;\n"
            "    if (rst) weight <= 8'h0;\n"
            "  end\n") in text


def test_tree_lists_every_instance_with_its_parents_first():
    _, tree = _mesh_text()
    assert [(entry["path"], entry["kind"]) for entry in tree] == [
        ("column_0", "column"), ("column_0.pe_0", "pe"), ("column_0.pe_1", "pe"),
        ("column_0.pe_2", "pe"), ("column_1", "column"), ("column_1.pe_0", "pe"),
        ("column_1.pe_1", "pe"), ("column_1.pe_2", "pe")]
    assert tree[0] == {"path": "column_0", "module": "column_3", "kind": "column",
                       "parameters": {"rows": 3}}


def test_the_name_of_a_part_is_no_name_for_the_top():
    with pytest.raises(UserError, match=r"^name: pe is also the name of a part of the core; "
                                        r"choose another name$"):
        convert(Mesh(2, 2), name="pe", header="")


def test_a_large_array_converts_in_seconds():
    start = time.process_time()
    text, _ = _mesh_text(64, 64)
    assert len(text) < 40_000
    assert time.process_time() - start < 20  # generous: a whole netlist would take minutes


class Corners(StampedComponent):
    """What the rewriting must not change: partial writes, overrides, memories, plain parts."""

    kind = "corners"
    module_name = "corners"

    def __init__(self):
        super().__init__({"a": In(4), "b": In(4), "part": Out(8), "override": Out(4),
                          "state": Out(2), "read": Out(4), "sum": Out(5), "idle": Out(1)})

    def parameters(self):
        return {}

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=unsigned(4), depth=16, init=[])
        write, read = memory.write_port(), memory.read_port()
        m.d.comb += [write.addr.eq(self.a), write.data.eq(self.b), write.en.eq(self.b[0]),
                     read.addr.eq(self.b), self.read.eq(read.data)]
        with m.If(self.a[0]):
            m.d.sync += self.part[2:5].eq(self.b)
        with m.Elif(self.a[1]):
            m.d.sync += [self.part[0].eq(self.b[0]), self.part[7].eq(self.part[0])]
        with m.If(self.b[1]):
            m.d.sync += self.override.eq(self.a)
        with m.If(self.b[2]):
            m.d.sync += self.override.eq(self.override)
        with m.FSM() as fsm:
            with m.State("first"):
                with m.If(self.a == 3):
                    m.next = "second"
            with m.State("second"):
                m.d.comb += self.state.eq(2)
                m.next = "first"
        m.d.comb += self.idle.eq(fsm.ongoing("first"))
        m.submodules.inner = inner = Module()
        total = Signal(5)
        inner.d.sync += total.eq(self.a + self.b)
        m.d.comb += self.sum.eq(total)
        return m


class Top(StampedComponent):
    """A stamped part inside a top that joins all its outputs."""

    kind = "top"
    module_name = "wrapper"

    def __init__(self, part):
        self.part = part
        ports = list(flat_ports(part))
        self.inputs = [name for name, direction, _ in ports if direction == "i"]
        outputs = sum(len(value) for _, direction, value in ports if direction == "o")
        super().__init__({**{name: In(len(value)) for name, _, value in ports
                             if name in self.inputs}, "o": Out(outputs)})

    def parameters(self):
        return {}

    def elaborate(self, platform):
        m = Module()
        m.submodules.part = Stamped(self.part)
        ports = list(flat_ports(self.part))
        m.d.comb += [value.eq(getattr(self, name)) for name, _, value in ports
                     if name in self.inputs]
        m.d.comb += self.o.eq(Cat(value for _, direction, value in ports if direction == "o"))
        return m


def _stimulus(top, seed=1):
    """Values of every input for each cycle."""
    rng = random.Random(seed)
    return [{name: rng.getrandbits(len(getattr(top, name))) for name in top.inputs}
            for _ in range(CYCLES)]


def _simulate_natively(top, stimulus):
    seen = []

    async def bench(ctx):
        for values in stimulus:
            for name, value in values.items():
                ctx.set(getattr(top, name), value)
            await ctx.tick()
            seen.append(ctx.get(top.o))

    simulator = Simulator(top)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return seen


BENCH = """\
module bench;
  reg clk = 0, rst = 0;
  {declarations}
  wire [{width}:0] o;
  top dut (.clk(clk), .rst(rst), .o(o), {connections});
  initial begin
    {steps}
  end
endmodule
"""


def _simulate_in_icarus(text, top, stimulus, folder):
    names = list(stimulus[0])
    steps = []
    for values in stimulus:
        steps += [f"{name} = {value};" for name, value in values.items()]
        steps.append('#1 clk = 1; #1 $display("%0d", o); clk = 0;')
    bench = BENCH.format(
        declarations=" ".join(f"reg [{len(getattr(top, name)) - 1}:0] {name};" for name in names),
        connections=", ".join(f".{name}({name})" for name in names),
        width=len(top.o) - 1, steps="\n    ".join(steps))
    (folder / "top.v").write_text(text)
    (folder / "bench.v").write_text(bench)
    # SystemVerilog: there a value in a declaration wakes no `always @*`.
    built = subprocess.run(["iverilog", "-g2012", "-Wall", "-Wno-timescale", "-o", "bench.vvp",
                            "bench.v", "top.v"], cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert "warning" not in built.stderr
    run = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=folder, capture_output=True, text=True,
                         check=True)
    return [int(line) for line in run.stdout.split()]


@pytest.mark.rtl
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
@pytest.mark.parametrize("part", [Corners, lambda: Mesh(3, 2)], ids=["corners", "mesh"])
def test_stamped_verilog_behaves_like_the_components(part, tmp_path):
    top = Top(part())
    text, _ = convert(top, name="top", header="")
    stimulus = _stimulus(top)
    expected = _simulate_natively(top, stimulus)
    assert len(set(expected)) > CYCLES // 2
    assert _simulate_in_icarus(text, top, stimulus, tmp_path) == expected
