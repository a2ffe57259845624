"""What goes into DSP blocks and into SPRAM."""

import pytest

from ergon.catalog import core_file
from generators.config import load_config
from generators.derive import derive
from generators.fpga.devices import DEVICES
from generators.fpga.mapping import cells_for, mapped_to
from hw.fpga.ice40 import Spram
from hw.sram import SinglePortSram

ECP5, UP5K = DEVICES["LFE5U-85F"], DEVICES["iCE40UP5K"]


def rows_in_dsps(name, device, lanes=1, **engine):
    config = load_config(core_file(name))
    config = config.model_copy(update={
        "engine": config.engine.model_copy(update=engine),
        "post_processing": config.post_processing.model_copy(update={"lanes": lanes})})
    return mapped_to(derive(config), config, device).engine.dsp_rows


@pytest.mark.parametrize(("lanes", "engine", "rows"), [
    (4, {"arithmetic": "auto"}, (156 - 16) // 16),
    (16, {"arithmetic": "auto"}, (156 - 64) // 16),
    (4, {"arithmetic": "auto", "column_pairs": True}, (156 - 16) // 16),  # int8 does not share
    (4, {"arithmetic": "logic"}, 0), (4, {"arithmetic": "dsp"}, 16)])
def test_rows_of_an_ecp5(lanes, engine, rows):
    assert rows_in_dsps("systolic_ws_16x16_int8_logic", ECP5, lanes, **engine) == rows


def test_narrow_products_share():
    assert rows_in_dsps("systolic_ws_16x16_int4_dsp", ECP5, 4, arithmetic="auto") == 16


@pytest.mark.parametrize(("engine", "rows"), [
    ({}, 4), ({"column_pairs": False}, 2), ({"rows": 8}, 4)])
def test_rows_of_an_up5k(engine, rows):
    engine = {"arithmetic": "auto", **engine}
    assert rows_in_dsps("systolic_ws_4x4_int8_up5k", UP5K, **engine) == rows


def test_plain_products_are_left_to_synthesis():
    config = load_config(core_file("systolic_ws_16x16_int8"))
    parameters = derive(config)
    assert mapped_to(parameters, config, ECP5) is parameters


def sram(depth, width, granularity=None):
    component = SinglePortSram(depth, width, granularity)
    return {"path": "x", "module": component.module_name, "kind": "sram",
            "parameters": component.parameters()}


@pytest.mark.parametrize(("memories", "moved"), [
    ([sram(2048, 32, 8), sram(512, 32, 8)], [True, True]),
    ([sram(2048, 32, 8), sram(512, 32, 8), sram(512, 32, 8)], [True, False]),
    ([sram(2048, 32, 8), sram(2048, 32, 8), sram(512, 32, 8)], [True, False]),
    # Three copies would take six blocks.
    ([sram(2048, 32, 8)] * 3 + [sram(512, 32, 8)], [False, True]),
    ([sram(64, 32)], [False])])
def test_the_largest_memories_go_to_spram(memories, moved):
    replace = cells_for(UP5K, memories)[SinglePortSram]
    kinds = {entry["module"]: SinglePortSram(**{key: entry["parameters"][key] for key in (
        "depth", "width", "granularity")}) for entry in memories}
    assert [isinstance(replace(kind), Spram) for kind in kinds.values()] == moved
