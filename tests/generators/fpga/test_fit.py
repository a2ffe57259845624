"""What does not fit: which resource, by how much, and the array that would."""

from types import SimpleNamespace

import pytest

from generators.fpga.devices import DEVICES, RESOURCES
from generators.fpga.fit import memories_in_logic, misfit


def resources(**used):
    return dict.fromkeys(RESOURCES, 0) | {name.replace("_", " "): number
                                          for name, number in used.items()}


def check(device, whole, engine, *, rows=4, columns=4, ways=1):
    design = SimpleNamespace(
        board=SimpleNamespace(device=DEVICES[device]),
        parameters=SimpleNamespace(name="my_core", engine=SimpleNamespace(
            rows=rows, columns=columns, ways=ways)))
    synthesis = SimpleNamespace(resources=whole, modules={"hosted.core.engine": engine})
    return misfit(design, synthesis)


def test_it_fits():
    assert check("iCE40UP5K", resources(logic_cells=5280, LUTs=4000, FFs=3000, DSPs=8),
                 resources(logic_cells=1000, DSPs=8)) is None


def test_too_many_dsps():
    assert check("iCE40UP5K", resources(logic_cells=5000, DSPs=16),
                 resources(logic_cells=1000, DSPs=16)) == (
        "my_core: takes 16 DSPs, 8 more than the 8 of an iCE40UP5K; an array of about 2x2 would "
        "fit (engine.rows, engine.columns), or use fewer post_processing.lanes or more "
        "post_processing.cycles")


def test_pairs_of_columns_stay_pairs():
    problem = check("LFE5U-85F", resources(LUTs=100_000, DSPs=200),
                    resources(LUTs=90_000, DSPs=200), rows=20, columns=20, ways=2)
    assert problem.startswith("my_core: takes 100,000 LUTs, 16,360 more than the 83,640 and 200 "
                              "DSPs, 44 more than the 156 of an LFE5U-85F; an array of about 17x16")


def test_nothing_would():
    assert check("iCE40UP5K", resources(logic_cells=7000), resources(logic_cells=1000)).endswith(
        "; the rest of the core leaves no room for an array; use smaller memories")


@pytest.mark.parametrize(("used", "found"), [
    (resources(block_RAMs=2, LUTs=9), []), (resources(SPRAMs=2), []),
    (resources(LUTs=48, FFs=32), [{"path": "parameters.bias", "bits": 512, "LUTs": 48,
                                   "FFs": 32}])])
def test_memories_in_logic(used, found):
    path = "hosted.core.parameters.bias"
    design = SimpleNamespace(memories=[{"path": path, "parameters": {"depth": 16, "width": 32}}])
    assert memories_in_logic(design, SimpleNamespace(modules={path: used})) == found
