"""A hosted core as Verilog."""

from ergon.catalog import core_file
from generators.config import load_config
from generators.derive import derive
from generators.verilog import convert
from hw.board.top import HostedCore


def test_verilog():
    top = HostedCore(derive(load_config(core_file("systolic_ws_4x4_int8"))), 4)
    text, tree = convert(top, name=top.module_name, header="")
    assert "module systolic_ws_4x4_int8_board (" in text
    assert {entry["path"]: entry["kind"] for entry in tree if "." not in entry["path"]} == {
        "core": "core", "receiver": "uart", "transmitter": "uart", "bridge": "bridge"}
