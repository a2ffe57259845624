"""Monitors of generated Verilog count what a waveform of the same program shows."""

import dataclasses
from collections import defaultdict
from itertools import permutations, product

import numpy as np
import pytest

from energy.cycle_values import read_cycles
from energy.netlist import module_nets
from energy.partial_products import PartialProducts
from generators.monitors import Features, MonitorGroup, Monitors
from sim.runner import simulate
from tests.sim.cores import generated

pytestmark = pytest.mark.rtl

WINDOW = 10
PERIOD_NS = 10


def _groups(core):
    """All nets of all elements and partial products of the widest, with random weights."""
    random = np.random.default_rng(1)
    verilog = core.manifest_path.with_suffix(".v").read_text()

    instances = defaultdict(list)
    for component in core.manifest["components"]:
        if component["kind"] == "pe":
            instances[component["module"]].append(component["path"])
    for module, paths in instances.items():
        bits = {net: bits for net, (_, bits) in module_nets(verilog, module).items()
                if net not in ("clk", "rst")}
        widest = sorted(bits, key=lambda net: -bits[net])[:4]
        # Of operands of all kinds, whatever the element multiplies.
        pairs = list(permutations(widest, 2))[:4]
        multipliers = tuple(PartialProducts(plain, recoded, bits[plain], bits[recoded], *signed)
                            for (plain, recoded), signed in zip(
                                pairs, product([True, False], repeat=2), strict=True))
        bits |= {one.name: one.bits for one in multipliers}
        yield MonitorGroup(module, Features(
            {net: random.integers(-2 ** 15, 2 ** 15, width).tolist()
             for net, width in bits.items()}, multipliers), tuple(paths))


def _counts(group, values):
    """What a group counts in each cycle, from the bits of all nets before and after each edge."""
    counts = 0
    for instance in group.instances:
        nets = {net: values[f"{instance}.{net}"] for net, _ in group.features.read}
        nets |= {one.name: one.values(nets[one.plain], nets[one.recoded])
                 for one in group.features.multipliers}
        for net, weights in group.features.toggles.items():
            counts += np.abs(np.diff(nets[net].astype(int), axis=0)) @ np.array(weights)
    return counts


def _expected(result, groups, top):
    """The lines that the monitors should write, from a waveform."""
    nets = {f"{instance}.{net}" for group in groups for instance in group.instances
            for net, _ in group.features.read}
    for number, run in enumerate(result.runs):
        # The values just before an edge are those after the edge before it.
        edges = PERIOD_NS * np.arange(1, run.cycles + 2) + run.start_ps / 1000
        values = read_cycles(run.activity, top, nets, edges)
        counts = [_counts(group, values) for group in groups]
        for start in range(0, run.cycles, WINDOW):
            yield [number, min(WINDOW, run.cycles - start),
                   *(int(count[start:start + WINDOW].sum()) for count in counts)]


@pytest.mark.parametrize(("name", "simulators"), [
    ("systolic_ws_4x4_int8", ["icarus", "verilator"]), ("systolic_os_4x4_int8", ["icarus"])])
def test_sums_are_those_of_the_waveform(tmp_path, name, simulators):
    core = generated(name)
    _, program, tensors = core.compile("gemm:7x13x5")
    program = dataclasses.replace(program, segments=program.segments * 2)
    groups = tuple(_groups(core))
    for simulator in simulators:
        result = simulate(core.manifest_path, program, tensors, simulator=simulator,
                          activity="fst" if simulator == "icarus" else None,
                          monitors=Monitors(groups, WINDOW), folder=tmp_path / simulator)
        if simulator == "icarus":
            expected = list(_expected(result, groups, name))
        head, *lines = result.monitors.read_text().splitlines()
        assert head.split() == ["run", "cycles", *(group.name for group in groups)]
        assert [list(map(int, line.split())) for line in lines] == expected
    assert len(expected) > 10
