"""Jobs that ask an engine for what it cannot do: flagged, never started, and without a trace."""

import json
from dataclasses import replace

import numpy as np
import pytest

from compiler.program import pack_descriptors
from compiler.workload import load_workload
from sim.build import build_testbench, run_testbench
from sim.program_files import save_arrays, save_program
from sim.run_files import PROGRAM, REQUEST
from sim.simulators import find_simulator

from .harness import Core, compiled, expected_tensors, joined
from .host_bench import EXPECTED
from .refused_bench import REFUSED

CIM = {"kind": "digital_cim", "rows": 9, "columns": 3, "bits_per_cycle": 1}
SYSTOLIC = {"kind": "systolic", "rows": 3, "columns": 4}
# No number of rows or digits is a power of two: their fields can hold more than there are.
ENGINES = {
    "digital_cim": (CIM, [{"word_lines": 9}, {"word_lines": 15}, {"digits": 5}, {"digits": 7}]),
    "digital_cim_skip": (CIM | {"skip_zero_planes": True},
                         [{"word_lines": 9}, {"digits": 5},
                          {"word_lines": 3, "tail_word_lines": 4}]),
    "output_stationary": (SYSTOLIC | {"dataflow": "output_stationary"}, [{"active_rows": 3}]),
    "switchable": (SYSTOLIC | {"dataflow": "switchable"}, [{"active_rows": 3}]),
}


def core_of(name):
    return Core.of({
        "name": f"refused_{name}", "engine": ENGINES[name][0],
        "precision": {"inputs": "int5", "weights": "int4", "accumulator": "int24"},
        "memories": {"activation_words": 256, "weight_words": 64, "accumulator_words": 64,
                     "parameter_words": 8, "program_words": 128},
        "post_processing": {"lanes": 1, "multiplier_bits": 8}})


@pytest.mark.rtl
@pytest.mark.parametrize("name", ENGINES)
def test_refused(name, tmp_path):
    core = core_of(name)
    task = compiled(core, load_workload("gemm:5x9x4", 1, core.formats),
                    dataflow=core.parameters.dataflows[-1])
    [segment] = task.program.segments
    [job] = segment.jobs
    assert job.fields.keys() >= {f"engine.{field}" for choice in ENGINES[name][1]
                                 for field in choice}
    programs = {}
    for number, choice in enumerate(ENGINES[name][1]):
        asked = replace(job, fields=job.fields | {f"engine.{field}": value
                                                  for field, value in choice.items()})
        for jobs in ([asked], [job, asked], [asked, job]):
            words = pack_descriptors(jobs, core.encoding).reshape(-1)
            programs[f"{number}_{len(programs)}"] = np.array([jobs.index(asked), *words])
    save_program(tmp_path / PROGRAM, *joined([task]))
    save_arrays(tmp_path / EXPECTED, None, {
        f"0.{layer}": values for layer, values in expected_tensors(core, task).items()})
    save_arrays(tmp_path / REFUSED, None, programs)
    (tmp_path / REQUEST).write_text(json.dumps({"manifest": str(core.manifest_path)}))
    build = build_testbench(core.manifest, core.manifest_path, find_simulator("icarus"))
    run_testbench(build, "tests.regression.refused_bench", tmp_path, seed=1)
