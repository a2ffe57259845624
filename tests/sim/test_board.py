"""The digits over the serial line of a hosted core, in both simulators."""

import pytest

from compiler.chains import input_tensors
from ergon.run import compare, compile_for
from generators.verilog import convert
from hw.board.protocol import HEADER_BYTES
from hw.board.top import HostedCore
from sim.board_runner import simulate_board
from sim.runner import SimulationFailed
from sim.simulators import SIMULATORS
from tests.sim.cores import generated

CORE = "systolic_ws_4x4_int8"
DIVISOR = 4
IMAGES = 2


def _hosted(core, folder):
    top = HostedCore(core.parameters, DIVISOR)
    path = folder / f"{top.module_name}.v"
    path.write_text(convert(top, name=top.module_name, header=__doc__)[0])
    return path, top.module_name


@pytest.mark.rtl
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_digits(simulator, tmp_path):
    core = generated(CORE)
    chains, program = compile_for(core.parameters, core.manifest, "digits", 0, images=IMAGES)
    path, top = _hosted(core, tmp_path)
    # A bit changes in the payload of the first long write, and a byte of a later one is lost.
    faults = {100: 0x10, 700 + HEADER_BYTES: None}
    result = simulate_board([path], top, core.manifest, program, input_tensors(chains),
                            simulator=simulator, divisor=DIVISOR, folder=tmp_path, faults=faults)
    compared, mismatches = compare(core.parameters, chains, program, result)
    assert (compared > 0, mismatches) == (True, 0)
    assert result.repeats == len(faults)
    assert (result.starts, result.busy) == (len(program.segments), 0)
    for run, segment in zip(result.runs, program.segments, strict=True):
        assert (run["cycles"], run["jobs"]) == (segment.cycles, len(segment.jobs))


@pytest.mark.rtl
def test_a_line_that_loses_everything_ends_with_a_sentence(tmp_path):
    core = generated(CORE)
    _, program, tensors = core.compile("gemm:4x4x4")
    path, top = _hosted(core, tmp_path)
    with pytest.raises(SimulationFailed, match=rf"^{top} in icarus: no answer to 5 requests; "
                                               r"see .*simulation\.log$"):
        simulate_board([path], top, core.manifest, program, tensors, simulator="icarus",
                       divisor=DIVISOR, folder=tmp_path, faults=dict.fromkeys(range(100)))
