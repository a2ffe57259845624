"""Memories in the blocks of FPGAs, as Yosys maps them: the same words under random accesses."""

import random
import shutil
import subprocess

import pytest
from amaranth import Module
from amaranth.lib.wiring import Component, connect, flipped

from generators.fpga.tools import find_tool
from generators.verilog import convert
from hw.fpga import family_cells
from hw.fpga.ice40 import spram_blocks
from hw.sram import SinglePortSram, TwoPortSram
from hw.stamp import Stamped
from sim.fpga_cells import cell_models
from tests.hw.fpga.test_multipliers import SHARE

ACCESSES = 400
SCRIPT = """
read_verilog dut.v
synth_{family} -top dut
select -assert-min 1 t:{block}
write_verilog -noattr netlist.v
"""
BENCH = """
module bench;
  reg clk = 0;
  reg [{last}:0] accesses [0:{count} - 1];
  reg read_en;
  reg [{last_mask}:0] write_en;
  reg [{last_address}:0] read_addr, write_addr;
  reg [{last_bit}:0] write_data;
  wire [{last_bit}:0] read_data;
  integer i;
  dut dut (.clk(clk), .rst(1'b0), .read_en(read_en), .write_en(write_en), {addresses},
           .write_data(write_data), .read_data(read_data));
  initial begin
    $readmemh("accesses.hex", accesses);
    for (i = 0; i < {count}; i = i + 1) begin
      {{read_en, write_en, read_addr, write_addr, write_data}} = accesses[i];
      #1 clk = 1;
      #1 clk = 0;
      if (read_en{alone}) $display("%h", read_data);
    end
  end
endmodule
"""


class Alone(Component):
    """A memory in a module of its own."""

    def __init__(self, sram):
        self.sram = sram
        super().__init__(dict(sram.signature.members))

    def elaborate(self, platform):
        m = Module()
        m.submodules.sram = Stamped(self.sram)
        connect(m, flipped(self), self.sram)
        return m


def random_accesses(sram, rng):
    """(read, write mask, address to read, to write, word) for each cycle, and what is read.

    At first everything is written. A single port has one address; a word of two ports is not read
    while it is written.
    """
    single, grains = isinstance(sram, SinglePortSram), len(sram.write_en)
    memory, expected, accesses = {}, [], []
    for place in range(sram.depth):
        memory[place] = rng.getrandbits(sram.width)
        accesses.append((0, (1 << grains) - 1, place, place, memory[place]))
    while len(accesses) < sram.depth + ACCESSES:
        read, mask = rng.getrandbits(1), rng.choice([0, rng.getrandbits(grains)])
        source, target = rng.randrange(sram.depth), rng.randrange(sram.depth)
        word = rng.getrandbits(sram.width)
        if single:
            target = source
        elif read and mask and source == target:
            continue
        accesses.append((read, mask, source, target, word))
        if read and not (mask and single):
            expected.append(memory[source])
        if mask:
            bits = sum(((1 << sram.granularity) - 1) << grain * sram.granularity
                       for grain in range(grains) if mask >> grain & 1)
            memory[target] = memory[target] & ~bits | word & bits
    return accesses, expected


def check(family, block, sram, folder, *, spram=False):
    if not shutil.which("iverilog"):
        pytest.skip("cells are simulated by Icarus")

    def run(*command):
        return subprocess.run(command, cwd=folder, text=True, check=True, capture_output=True)

    text, _ = convert(Alone(sram), name="dut", header="",
                      cells=family_cells(family, {sram.module_name} if spram else ()))
    (folder / "dut.v").write_text(text)
    (folder / "script.ys").write_text(SCRIPT.format(family=family, block=block))
    run(find_tool("yosys").program, "-q", "script.ys")
    netlist = (folder / "netlist.v").read_text()
    (folder / "cells.v").write_text(cell_models(family, netlist, SHARE))
    accesses, expected = random_accesses(sram, random.Random(repr((family, sram.module_name))))
    bits = len(sram.addr if isinstance(sram, SinglePortSram) else sram.read_addr)
    grains, width = len(sram.write_en), sram.width
    (folder / "accesses.hex").write_text("\n".join(
        f"{(((read << grains | mask) << bits | source) << bits | target) << width | word:x}"
        for read, mask, source, target, word in accesses))
    single = isinstance(sram, SinglePortSram)
    (folder / "bench.v").write_text(BENCH.format(
        last=grains + 2 * bits + width, last_mask=grains - 1, last_address=bits - 1,
        last_bit=width - 1, count=len(accesses), alone=" & ~|write_en" if single else "",
        addresses=(".addr(read_addr)" if single else
                   ".read_addr(read_addr), .write_addr(write_addr)")))
    run("iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "netlist.v", "cells.v")
    shown = run("vvp", "-n", "bench").stdout.split()
    assert [int(word, 16) for word in shown] == expected


@pytest.mark.rtl
@pytest.mark.parametrize(("depth", "width", "granularity"), [
    (2048, 32, 8), (16, 32, None), (300, 16, 4)])
def test_spram(depth, width, granularity, tmp_path):
    sram = SinglePortSram(depth, width, granularity)
    assert spram_blocks(sram)
    check("ice40", "SB_SPRAM256KA", sram, tmp_path, spram=True)


@pytest.mark.rtl
@pytest.mark.parametrize(("family", "block"), [("ecp5", "DP16KD"), ("ice40", "SB_RAM40_4K")])
@pytest.mark.parametrize(("kind", "depth", "width", "granularity"), [
    (SinglePortSram, 2048, 32, 8), (SinglePortSram, 512, 36, None), (TwoPortSram, 256, 96, 24),
    (TwoPortSram, 4096, 7, None), (TwoPortSram, 8192, 2, 1)])
def test_block_ram(family, block, kind, depth, width, granularity, tmp_path):
    check(family, block, kind(depth, width, granularity), tmp_path)


@pytest.mark.parametrize(("depth", "width", "granularity", "blocks"), [
    (16384, 16, None, 1), (16385, 16, None, 0), (8, 30, 10, 0), (8, 33, None, 3)])
def test_blocks(depth, width, granularity, blocks):
    assert spram_blocks(SinglePortSram(depth, width, granularity)) == blocks
