"""Components of a generated core: their nets, registers and multipliers."""

import pytest

from ergon.gate_level.component import generated_core
from generators.errors import UserError
from tests.ergon.gate_level.small_arrays import one_row

ELEMENT = "engine.mesh.column_1.pe_0"
NETS = ["moving_i", "moving_o", "stationary_i", "stationary_o", "load_i", "load_o", "swap_i",
        "swap_o", "sum_i", "sum_o", "current", "product"]


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    folder = tmp_path_factory.mktemp("core")
    return generated_core(str(one_row(folder, 2)), folder)


def test_files(core):
    assert core.manifest["name"] == "ws_1x2_int4"
    assert core.path.is_file()
    assert core.parameters.engine.columns == 2
    assert core.verilog == core.path.with_suffix(".v").read_text()
    assert core.models is None or core.models.is_file()


def test_modules(core):
    assert core.module(ELEMENT) == "pe_ws_int4xint4_first_int8"
    assert core.module("") == core.manifest["top"]
    with pytest.raises(UserError, match=r"^component: engine\.tree is not in ws_1x2_int4; use an "
                                        r"instance path such as accumulate, "):
        core.module("engine.tree")


def test_components(core):
    elements = core.components("pe")
    assert [found["path"] for found in elements] == ["engine.mesh.column_0.pe_0", ELEMENT]
    assert core.components("pe", "engine.mesh.column_1") == elements[1:]
    assert core.components("pe", ELEMENT) == elements[1:]
    with pytest.raises(UserError, match=r"^component: ws_1x2_int4 has no pe in sequencer; use one "
                                        r"of .*\bmesh, .*\bpe, "):
        core.components("pe", "sequencer")
    with pytest.raises(UserError, match=r"^component: ws_1x2_int4 has no macro in the core; use "):
        core.components("macro")


def test_a_scope_is_an_instance_and_not_the_beginning_of_a_name(core):
    with pytest.raises(UserError, match=r"has no pe in engine\.mesh\.column;"):
        core.components("pe", "engine.mesh.column")


def test_nets_that_energy_may_depend_on(core):
    assert sorted(core.nets(ELEMENT)) == sorted(NETS)
    registers = [f"{ELEMENT}.{net}" for net in
                 ("current", "load_o", "moving_o", "stationary_o", "sum_o", "swap_o")]
    assert sorted(core.registers(ELEMENT)) == registers


def test_nets_of_a_component_with_components_inside(core):
    nets = core.nets("engine.mesh")
    assert "column_0.pe_0.current" in nets
    assert "moving_i" in nets
    assert not {"clk", "rst"} & {net.rpartition(".")[2] for net in nets}
    assert len(set(nets)) == len(nets)


def test_multipliers_with_either_factor_recoded(core):
    [[one], [other], none] = core.multipliers(ELEMENT)
    assert (one.plain, one.recoded) == (other.recoded, other.plain)
    assert {one.plain, one.recoded} == {"moving_i", "current"}
    assert {one.plain_bits, one.recoded_bits, one.plain_signed, one.recoded_signed} == {4, True}
    assert none == ()
    assert core.multipliers("sequencer") == [()]
