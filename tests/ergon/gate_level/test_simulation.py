"""One processing element of a 1x1 array at gate level, driven with a recording of the RTL."""

import shutil
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from ergon.gate_level.component import generated_core
from ergon.gate_level.recording import record
from ergon.gate_level.simulation import GateLevel
from sim.build import SimulatorFailed
from tests.ergon.gate_level.small_arrays import one_row, products
from tests.sim.cores import BUILD

pytestmark = [pytest.mark.rtl, pytest.mark.skipif(shutil.which("iverilog") is None,
                                                  reason="Icarus Verilog is not installed")]

ELEMENT = "engine.mesh.column_0.pe_0"
WIRE_F = 6e-15


@pytest.fixture(scope="module")
def core():
    return generated_core("systolic_ws_1x1_int8", BUILD)


@pytest.fixture(scope="module")
def recording(core, tmp_path_factory):
    return record(core, products(core, (6, 3, 2)), tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def gate(core, osu018, tmp_path_factory):
    return GateLevel(core, ELEMENT, osu018, tmp_path_factory.mktemp("gate"),
                     wire_f_per_fanout=WIRE_F)


@pytest.fixture(scope="module")
def end(recording):
    return recording.runs[-1][2]


@pytest.fixture(scope="module")
def run(gate, recording, end, tmp_path_factory):
    return gate.run(recording, 1, end, tmp_path_factory.mktemp("replay"))


def _register_toggles(gate, recording, start, end):
    """Toggles of all registers at RTL in cycles from ``start`` on, and their nets."""
    paths = gate.core.registers(gate.path)
    values = recording.values(paths, start - 1, end)
    found, nets = [], []
    for path in paths:
        name, bits = path.removeprefix(f"{gate.path}."), values[path].shape[1]
        found.append(np.diff(values[path].astype(int), axis=0))
        nets += [gate.netlist.aliases[f"{name}[{bit}]" if bits > 1 else name]
                 for bit in range(bits)]
    return np.abs(np.concatenate(found, axis=1)), nets


def test_every_cycle_has_energy(run, end):
    assert run.energy_pj.shape == (end - 1, 1)
    assert np.all(run.energy_pj > 0)
    assert run.leakage_w.shape == (1,)
    assert run.leakage_w[0] > 0
    assert run.toggles.missing == 0


def test_windows_are_the_cycles_of_the_rtl(gate, recording, run, end):
    """Registers have no glitches: each toggles in the window of the cycle that it does at RTL."""
    expected, nets = _register_toggles(gate, recording, 1, end)
    assert expected.sum() > 200
    np.testing.assert_array_equal(run.toggles.toggles[:, nets], expected)


def test_a_run_may_begin_anywhere(gate, recording, run, end, tmp_path):
    start = end // 2
    part = gate.run(recording, start, end - 3, tmp_path)
    # Delays of the inputs before the first cycle do not matter: it begins settled.
    np.testing.assert_array_equal(part.toggles.toggles, run.toggles.toggles[start - 1:end - 4])
    np.testing.assert_allclose(part.energy_pj, run.energy_pj[start - 1:end - 4], rtol=0.05)


def test_idle_cycles_cost_the_clock_alone(gate, recording, run, end):
    nets = [f"{ELEMENT}.{name}" for name in gate.core.nets(ELEMENT)]
    values = np.concatenate(list(recording.values(nets, 0, end).values()), axis=1)
    idle = ~np.any(values[1:] != values[:-1], axis=1)
    assert 1 < idle.sum() < end / 2
    clock = run.energy_pj[idle, 0]
    np.testing.assert_allclose(clock, clock[0], rtol=1e-12)
    assert run.energy_pj[~idle].min() > clock[0]


def test_the_clock_times_cycles_is_the_energy_of_cycles_in_which_nothing_moves(gate, run):
    moving = run.toggles.toggles.copy()
    moving[:, gate.netlist.ports["clk"][1]] = 0
    idle = ~np.any(moving, axis=1)
    assert 1 < idle.sum() < len(idle) / 2
    assert run.clock_pj.shape == (1,)
    assert run.clock_pj * idle.sum() == pytest.approx(run.energy_pj[idle].sum(axis=0), rel=1e-12)
    assert run.energy_pj[~idle].min() > run.clock_pj[0]


def test_energy_is_power_times_time(gate, run):
    power = gate.power(run.toggles)
    dynamic_w = power.internal_w.sum() + power.switching_w.sum()
    assert run.energy_pj.sum() * 1e-12 == pytest.approx(dynamic_w * run.toggles.duration_s,
                                                        rel=1e-9)
    assert run.leakage_w[0] == pytest.approx(power.leakage_w.sum(), rel=1e-9)


def test_power_with_other_wires(gate, run):
    """Toggles stay; each pin on a net adds half of C V^2 per toggle."""
    more_f = 2e-15
    power, longer = gate.power(run.toggles), gate.power(run.toggles, WIRE_F + more_f)
    fanout = np.zeros(len(gate.netlist.nets))
    for kind, pins in zip(gate.netlist.kinds, gate.netlist.pins, strict=True):
        for pin, net in pins.items():
            fanout[net] += gate.library.cells[kind].pins[pin].direction == "input"
    ports = gate.netlist.ports
    outside = {name: np.mean(fanout[ports[f"{name.removesuffix('_o')}_i"][1]]) or 1
               for name, (way, _) in ports.items() if way == "output"}
    for name, (way, nets) in ports.items():
        # No cell in here drives an input; an output drives an input like its own.
        fanout[nets] = 0 if way == "input" else fanout[nets] + outside[name]
    added_w = (run.toggles.totals @ fanout) * more_f * gate.library.voltage_v**2 / 2
    assert longer.switching_w.sum() - power.switching_w.sum() == pytest.approx(
        added_w / run.toggles.duration_s)


def test_longer_windows(gate, recording, run, end, tmp_path):
    length = 5
    wide = gate.run(recording, 1, end, tmp_path, window_cycles=length)
    starts = np.arange(0, end - 1, length)
    np.testing.assert_allclose(wide.energy_pj, np.add.reduceat(run.energy_pj, starts), rtol=1e-12)
    # Of a cycle, however long a window is.
    np.testing.assert_allclose(wide.clock_pj, run.clock_pj, rtol=1e-12)


def test_glitches_cost_energy(gate, recording, run, end, tmp_path):
    still = gate.without_delays().run(recording, 1, end, tmp_path)
    _, nets = _register_toggles(gate, recording, 1, end)
    np.testing.assert_array_equal(still.toggles.toggles[:, nets], run.toggles.toggles[:, nets])
    assert np.all(still.toggles.toggles <= run.toggles.toggles)
    assert still.energy_pj.sum() < run.energy_pj.sum()


def test_a_wrong_netlist_is_refused(gate, recording, end, tmp_path):
    text = gate.mapped.netlist.read_text()
    assert "NAND2X1" in text
    assert "NOR2X1" in text
    broken = copy(gate)
    broken.mapped = replace(gate.mapped, netlist=tmp_path / "broken.v")
    broken.mapped.netlist.write_text(text.replace("  NAND2X1 ", "  NOR2X1 ", 1))
    with pytest.raises(SimulatorFailed, match=rf"^pe_ws_int8xint8_first_int16: the netlist differs "
                                              rf"from the RTL in [1-9]\d* of {end} cycles; see "):
        broken.run(recording, 1, end, tmp_path)


def test_outputs_drive_inputs_like_their_own(gate, osu018):
    loads = gate.timing.loads_f[[gate.netlist.ports[name][1][0] for name in (
        "swap_o", "moving_o", "stationary_o", "sum_o")]]
    # A pulse drives a multiplexer for each bit of an operand, an operand bits of the multiplier.
    assert list(loads) == sorted(loads, reverse=True)
    # The first row's `sum_i` drives nothing: its `sum_o` goes to a register as any other output.
    register = osu018.cells["DFFPOSX1"].pins["D"].capacitance_f
    assert loads[-1] == pytest.approx(register + WIRE_F)


@pytest.fixture(scope="module")
def row(osu018, tmp_path_factory):
    """The mesh of a 1x3 array, and a recording of two products."""
    folder = tmp_path_factory.mktemp("row")
    core = generated_core(str(one_row(folder, 3)), folder)
    (folder / "recording").mkdir()
    recording = record(core, products(core, (5, 2, 3), (4, 1, 2)), folder / "recording")
    return recording, GateLevel(core, "engine.mesh", osu018, folder, wire_f_per_fanout=WIRE_F)


def test_groups_add_up_to_the_whole(row, tmp_path):
    recording, gate = row
    elements = [component["path"].removeprefix("engine.mesh.")
                for component in gate.core.components("pe")]
    assert len(elements) == 3
    run = gate.run(recording, 1, recording.runs[-1][2], tmp_path, groups=["", *elements])
    np.testing.assert_allclose(run.energy_pj[:, 0], run.energy_pj[:, 1:].sum(axis=1), rtol=1e-9)
    assert run.leakage_w[0] == pytest.approx(run.leakage_w[1:].sum(), rel=1e-9)
    assert run.clock_pj[0] == pytest.approx(run.clock_pj[1:].sum(), rel=1e-9)
    assert np.all(run.energy_pj > 0)


def test_one_netlist_in_other_places(row, osu018, tmp_path):
    recording, whole = row
    end = recording.runs[-1][2]
    elements = [component["path"] for component in whole.core.components("pe")]
    first = GateLevel(whole.core, elements[0], osu018, tmp_path / "element",
                      wire_f_per_fanout=WIRE_F)
    for number, path in enumerate(elements):
        element = first.at(path)
        folder = tmp_path / str(number)
        folder.mkdir()
        run = element.run(recording, 1, end, folder)
        expected, nets = _register_toggles(element, recording, 1, end)
        np.testing.assert_array_equal(run.toggles.toggles[:, nets], expected)
    assert first.path == elements[0]


def test_windows_of_a_row_are_the_cycles_of_the_rtl(row, tmp_path):
    recording, gate = row
    end = recording.runs[-1][2]
    run = gate.run(recording, 2, end, tmp_path)
    expected, nets = _register_toggles(gate, recording, 2, end)
    np.testing.assert_array_equal(run.toggles.toggles[:, nets], expected)
