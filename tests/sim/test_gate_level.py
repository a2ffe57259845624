"""Replays of a toy netlist: every output in every cycle, from any state, with and without delays.

The toy has a register that inverts itself, one that follows it, and a combinational output that
has the same input on a short and on a long path.
"""

import shutil

import numpy as np
import pytest

from energy.gate_level.cell_models import cell_models
from energy.gate_level.netlist import read_netlist
from energy.gate_level.sdf import write_sdf
from energy.gate_level.timing import analyse
from energy.gate_level.vcd import read_vcd
from generators.files import write_files
from sim.build import SimulatorFailed
from sim.gate_level import TESTBENCH, replay

pytestmark = [pytest.mark.rtl, pytest.mark.skipif(shutil.which("iverilog") is None,
                                                  reason="Icarus Verilog is not installed")]

TOY = """
module shift(clk, d, q);
  input clk; input d; output q;
  DFFPOSX1 r (.CLK(clk), .D(d), .Q(q));
endmodule
module toy(clk, rst, a, b, q, x, copy);
  input clk; input rst; input [1:0] a; input b; output [1:0] q; output x; output copy;
  wire same, next, kept, off, n0, n1, n2;
  XNOR2X1 flip (.A(a[0]), .B(q[0]), .Y(same));
  NOR2X1 hold (.A(same), .B(rst), .Y(next));
  DFFPOSX1 r0 (.CLK(clk), .D(next), .Q(q[0]));
  shift s (.clk(clk), .d(kept), .q(q[1]));
  INVX1 i (.A(rst), .Y(off));
  AND2X2 k (.A(q[0]), .B(off), .Y(kept));
  INVX1 i0 (.A(b), .Y(n0));
  INVX1 i1 (.A(n0), .Y(n1));
  INVX1 i2 (.A(n1), .Y(n2));
  AND2X2 pulse (.A(b), .B(n2), .Y(x));
  BUFX2 c (.A(a[1]), .Y(copy));
endmodule
"""
PERIOD_PS = 10_000
CYCLES = 60
STATE = [("r0.state", 1), ("s.r.state", 0)]


def _ports(seed=1, cycles=CYCLES):
    """Random inputs, with resets in mid-run, and the outputs that follow from them and `STATE`."""
    random = np.random.default_rng(seed)
    inputs = {"rst": random.random((cycles, 1)) < 0.1, "a": random.random((cycles, 2)) < 0.5,
              "b": random.random((cycles, 1)) < 0.5}
    inputs = {name: bits.astype(np.uint8) for name, bits in inputs.items()}
    inputs["rst"][0] = 0
    inputs["rst"][cycles // 2] = 1
    q = [1, 0]
    states = []
    for (rst,), (a, _) in zip(inputs["rst"], inputs["a"], strict=True):
        states.append(q)
        q = [0, 0] if rst else [q[0] ^ int(a), q[0]]
    return inputs, {"q": np.array(states, np.uint8), "x": np.zeros((cycles, 1), np.uint8),
                    "copy": inputs["a"][:, 1:]}


@pytest.fixture(scope="module")
def netlist(osu018):
    return read_netlist(TOY, osu018, "toy")


@pytest.fixture(scope="module")
def timing(netlist, osu018):
    return analyse(netlist, osu018)


@pytest.fixture
def run(tmp_path, netlist, timing, osu018):
    def replayed(inputs, outputs, *, delays=True, state=STATE, period_ps=PERIOD_PS, text=TOY):
        write_files(tmp_path, {
            "toy.v": text, "toy.sdf": write_sdf(netlist, timing, osu018),
            "cells.v": cell_models(osu018, {*netlist.kinds, "NAND2X1"}, delays=delays)})
        return replay(tmp_path, top="toy", sources=[tmp_path / "toy.v", tmp_path / "cells.v"],
                      scopes=["s"], inputs=inputs, outputs=outputs, period_ps=period_ps,
                      dump_from=1, input_delay_ps=300, state=state,
                      sdf=tmp_path / "toy.sdf" if delays else None)
    return replayed


@pytest.mark.parametrize("delays", [True, False])
def test_a_netlist_that_does_what_is_expected(run, delays):
    assert run(*_ports(), delays=delays).mismatches == 0


@pytest.mark.parametrize("cycle", [0, 1, CYCLES // 2 + 1, CYCLES - 1])
@pytest.mark.parametrize("port", ["q", "copy"])
def test_every_cycle_of_every_port_counts(run, port, cycle):
    inputs, outputs = _ports()
    outputs = {name: bits.copy() for name, bits in outputs.items()}
    outputs[port][cycle, -1] ^= 1
    assert run(inputs, outputs).mismatches == 1


def test_mismatches_are_cycles(run):
    inputs, outputs = _ports()
    outputs |= {"q": outputs["q"] ^ [[1, 1]] * np.array([[cycle in (3, 9)] for cycle in
                                                         range(CYCLES)], np.uint8)}
    assert run(inputs, outputs).mismatches == 2


def test_a_wrong_cell_is_seen(run):
    assert run(*_ports(), text=TOY.replace("NOR2X1 hold", "NAND2X1 hold")).mismatches > 10


def test_the_state_to_begin_with(run):
    inputs, outputs = _ports()
    without_reset = inputs | {"rst": np.zeros_like(inputs["rst"]), "a": inputs["a"] * [[0, 1]]}
    expected = {"q": np.array([[1, 0]] + [[1, 1]] * (CYCLES - 1), np.uint8),
                "x": outputs["x"], "copy": outputs["copy"]}
    assert run(without_reset, expected).mismatches == 0
    assert run(without_reset, expected, state=()).mismatches == CYCLES
    assert run(without_reset, expected, state=[("r0.state", 1), ("s.r.state", 1)]).mismatches == 1


def test_a_cycle_lasts_from_edge_to_edge(run, netlist):
    """Windows of one period: cycle n has what the registers took at the end of cycle n - 1."""
    inputs, outputs = _ports()
    done = run(inputs, outputs)
    toggles = read_vcd(done.waves, done.scope, netlist.nets, start_s=done.start_s,
                       end_s=done.end_s, window_s=PERIOD_PS * 1e-12)
    assert len(toggles.toggles) == CYCLES - 1
    assert toggles.missing == 0
    for name, values in {"q": outputs["q"], **inputs}.items():
        nets = netlist.ports[name][1]
        np.testing.assert_array_equal(toggles.toggles[:, nets],
                                      np.abs(np.diff(values.astype(int), axis=0)))
    np.testing.assert_array_equal(toggles.toggles[:, netlist.ports["clk"][1]], 2)


@pytest.mark.parametrize("delays", [True, False])
def test_delays_make_glitches(run, netlist, delays):
    inputs, outputs = _ports()
    done = run(inputs, outputs, delays=delays)
    toggles = read_vcd(done.waves, done.scope, netlist.nets, start_s=done.start_s,
                       end_s=done.end_s, window_s=PERIOD_PS * 1e-12)
    rises = np.diff(inputs["b"][:, 0].astype(int)) == 1
    [x] = netlist.ports["x"][1]
    np.testing.assert_array_equal(toggles.toggles[:, x], 2 * rises * delays)
    # A net of a register and of an input, which both change at the edge.
    net = netlist.aliases["same"]
    xnor = np.diff((inputs["a"][:, 0] ^ outputs["q"][:, 0]).astype(int)) != 0
    assert np.array_equal(toggles.toggles[:, net], xnor) != delays


@pytest.mark.parametrize("cycles", [1, 2, 3])
def test_short_replays(run, netlist, cycles):
    done = run(*_ports(cycles=cycles))
    assert done.mismatches == 0
    assert done.end_s - done.start_s == pytest.approx((cycles - 1) * PERIOD_PS * 1e-12)


def test_windows_of_an_odd_period_do_not_drift(run, netlist):
    inputs, outputs = _ports(cycles=900)
    period = 2_501
    done = run(inputs, outputs, period_ps=period)
    assert done.mismatches == 0
    toggles = read_vcd(done.waves, done.scope, netlist.nets, start_s=done.start_s,
                       end_s=done.end_s, window_s=period * 1e-12)
    np.testing.assert_array_equal(toggles.toggles[:, netlist.ports["q"][1]],
                                  np.abs(np.diff(outputs["q"].astype(int), axis=0)))


def test_a_failure_names_its_log(run, tmp_path):
    with pytest.raises(SimulatorFailed, match=r"^icarus failed; see .*replay\.log$"):
        run(*_ports(), text=TOY.replace("BUFX2", "NOSUCHX2"))
    assert "NOSUCHX2" in (tmp_path / "replay.log").read_text()
    assert (tmp_path / TESTBENCH).exists()
