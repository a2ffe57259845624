"""Does the comparison see faults? One register of the generated processing elements is spoilt."""

import re

import pytest

from compiler.workload import load_workload
from hw.parameters import Dataflow
from sim.runner import SimulationFailed, simulate

from .harness import SYSTOLIC, Core, assert_right, compiled, joined, problems

GEMM = "gemm:9x7x10"        # several tiles in each dimension

NOT_DOUBLE_BUFFERED = (r"if \(swap_i\) current <= (\w+);", r"current <= \1;")
LOADS_EVERY_CYCLE = (r"if \(load_i\) (\w+_o) <= (\w+);", r"\1 <= \2;")
NEVER_STARTS_ANEW = (r"first_i \? \d+'h0 : running", "running")
STALE_RESULT = (r"if \(last_i\) held <= .*;", "held <= running;")
LOST_CARRY = (r"(<=|=) \$signed\((\w+)\) \+ \$signed\((\w+)\);", r"\1 \2 ^ \3;")
FAULTS = {
    Dataflow.WEIGHT_STATIONARY: {"not double-buffered": NOT_DOUBLE_BUFFERED,
                                 "loads every cycle": LOADS_EVERY_CYCLE,
                                 "lost carry": LOST_CARRY},
    Dataflow.INPUT_STATIONARY: {"not double-buffered": NOT_DOUBLE_BUFFERED,
                                "loads every cycle": LOADS_EVERY_CYCLE,
                                "lost carry": LOST_CARRY},
    Dataflow.OUTPUT_STATIONARY: {"never starts anew": NEVER_STARTS_ANEW,
                                 "stale result": STALE_RESULT,
                                 "lost carry": LOST_CARRY},
}
# A switchable array has the registers of both.
CASES = [(dataflow, flow, fault) for flow, faults in FAULTS.items() for fault in faults
         for dataflow in (flow, Dataflow.SWITCHABLE)
         if (dataflow, flow) != (Dataflow.SWITCHABLE, Dataflow.INPUT_STATIONARY)]


def array(dataflow):
    return Core.of({
        "name": f"fault_{dataflow.value}",
        "engine": {"kind": "systolic", "dataflow": dataflow.value, "rows": 3, "columns": 4},
        "precision": {"inputs": "int8", "weights": "int8", "accumulator": "int32"},
        "memories": {"activation_words": 256, "weight_words": 64, "accumulator_words": 128,
                     "parameter_words": 8, "program_words": 64},
        "post_processing": {"lanes": 4, "multiplier_bits": 32}})


def product(core, flow):
    return [compiled(core, load_workload(GEMM, 1, core.formats), dataflow=flow)]


def spoilt(core, pattern, replacement, folder):
    """Manifest of the same core with a fault in each of its processing elements."""
    count = 0

    def spoil(module):
        nonlocal count
        text, found = re.subn(pattern, replacement, module[0])
        count += found
        return text

    verilog = core.manifest_path.with_suffix(".v").read_text()
    text = re.sub(r"^module pe_.*?^endmodule", spoil, verilog, flags=re.MULTILINE | re.DOTALL)
    assert count, "the fault is nowhere in the Verilog"
    manifest = folder / core.manifest_path.name
    manifest.write_text(core.manifest_path.read_text())
    manifest.with_suffix(".v").write_text(text)
    return manifest


@pytest.mark.rtl
@pytest.mark.parametrize(("dataflow", "flow", "fault"), CASES)
def test_fault_is_seen(dataflow, flow, fault, tmp_path):
    core = array(dataflow)
    tasks = product(core, flow)
    manifest = spoilt(core, *FAULTS[flow][fault], tmp_path)
    try:
        result = simulate(manifest, *joined(tasks), simulator="icarus")
    except SimulationFailed:
        return
    assert any("wrong" in problem for problem in problems(core, tasks, result))


@pytest.mark.rtl
@pytest.mark.parametrize("dataflow", SYSTOLIC)
def test_sound_core_is_right(dataflow):
    """The same products, without a fault."""
    core = array(dataflow)
    assert_right(core, [task for flow in core.parameters.dataflows
                        for task in product(core, flow)], simulator="icarus")
