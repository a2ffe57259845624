"""SPRAM in place of single-port memories: the same words under random accesses."""

import random
import shutil
import subprocess

import pytest
from amaranth import Module
from amaranth.lib.wiring import Component, connect, flipped

from generators.verilog import convert
from hw.fpga import family_cells
from hw.fpga.ice40 import spram_blocks
from hw.sram import SinglePortSram
from hw.stamp import Stamped
from sim.fpga_cells import cell_models
from tests.hw.fpga.test_multipliers import SHARE

ACCESSES = 400
BENCH = """
module bench;
  reg clk = 0;
  reg [{last}:0] accesses [0:{count} - 1];
  reg read_en;
  reg [{last_mask}:0] write_en;
  reg [{last_address}:0] addr;
  reg [{last_bit}:0] write_data;
  wire [{last_bit}:0] read_data;
  integer i;
  dut dut (.clk(clk), .rst(1'b0), .read_en(read_en), .write_en(write_en), .addr(addr),
           .write_data(write_data), .read_data(read_data));
  initial begin
    $readmemh("accesses.hex", accesses);
    for (i = 0; i < {count}; i = i + 1) begin
      {{read_en, write_en, addr, write_data}} = accesses[i];
      #1 clk = 1;
      #1 clk = 0;
      if (read_en & ~|write_en) $display("%h", read_data);
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


@pytest.mark.rtl
@pytest.mark.parametrize(("depth", "width", "granularity"), [
    (2048, 32, 8), (16, 32, None), (5, 24, 8), (300, 16, 4), (1, 7, None), (64, 40, 20)])
def test_random_accesses(depth, width, granularity, tmp_path):
    if not shutil.which("iverilog"):
        pytest.skip("cells are simulated by Icarus")
    sram = SinglePortSram(depth, width, granularity)
    assert spram_blocks(sram)
    text, _ = convert(Alone(sram), name="dut", header="",
                      cells=family_cells("ice40", {sram.module_name}))
    assert "SB_SPRAM256KA" in text
    rng = random.Random(width)
    grains, address = len(sram.write_en), len(sram.addr)
    memory, expected, lines = {}, [], []
    for place in range(depth):
        memory[place] = rng.getrandbits(width)
        lines.append((0, (1 << grains) - 1, place, memory[place]))
    for _ in range(ACCESSES):
        place, mask = rng.randrange(depth), rng.choice([0, rng.getrandbits(grains)])
        read, word = rng.getrandbits(1), rng.getrandbits(width)
        lines.append((read, mask, place, word))
        if mask:
            bits = sum(((1 << sram.granularity) - 1) << grain * sram.granularity
                       for grain in range(grains) if mask >> grain & 1)
            memory[place] = memory[place] & ~bits | word & bits
        elif read:
            expected.append(memory[place])
    (tmp_path / "dut.v").write_text(text)
    (tmp_path / "cells.v").write_text(cell_models("ice40", text, SHARE))
    (tmp_path / "accesses.hex").write_text("\n".join(
        f"{((read << grains | mask) << address | place) << width | word:x}"
        for read, mask, place, word in lines))
    (tmp_path / "bench.v").write_text(BENCH.format(
        last=grains + address + width, last_mask=grains - 1, last_address=address - 1,
        last_bit=width - 1, count=len(lines)))
    subprocess.run(["iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "dut.v",
                    "cells.v"], cwd=tmp_path, check=True)
    shown = subprocess.run(["vvp", "-n", "bench"], cwd=tmp_path, check=True, text=True,
                           capture_output=True).stdout.split()
    assert [int(word, 16) for word in shown] == expected


@pytest.mark.parametrize(("depth", "width", "granularity", "blocks"), [
    (16384, 16, None, 1), (16385, 16, None, 0), (8, 30, 10, 0), (8, 33, None, 3)])
def test_blocks(depth, width, granularity, blocks):
    assert spram_blocks(SinglePortSram(depth, width, granularity)) == blocks
