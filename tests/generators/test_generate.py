"""What is generated is clean for three readers of Verilog, and complete for later tools."""

import json
import os
import re
import subprocess

import pytest

from ergon.catalog import available
from generators.config import load_config
from generators.generate import generate, generate_engine
from generators.verilog import tool_versions
from sim.simulators import find_simulator

CORES = ["systolic_ws_1x1_int8", "systolic_is_4x4_int8", "systolic_os_4x4_int8",
         "systolic_ws_12x8_int8xint4", "systolic_switch_8x8_int8"]


@pytest.fixture(scope="module", params=CORES)
def manifest(request, tmp_path_factory):
    """Path of a core's manifest."""
    config = load_config(available("cores")[request.param])
    return generate(config, tmp_path_factory.mktemp(request.param))


@pytest.mark.rtl
def test_verilator_has_nothing_to_say(manifest):
    simulator = find_simulator("verilator")
    lint = subprocess.run(
        ["verilator", "--lint-only", "-Wall", manifest.with_suffix(".vlt"),
         manifest.with_suffix(".v")],
        env=os.environ | dict(simulator.environment), capture_output=True, text=True)
    assert "%" not in lint.stderr, lint.stderr
    assert lint.returncode == 0


@pytest.mark.rtl
@pytest.mark.parametrize("language", ["-g2005", "-g2012"])
def test_icarus_has_nothing_to_say(manifest, language, tmp_path):
    find_simulator("icarus")
    lint = subprocess.run(["iverilog", language, "-Wall", "-Wno-timescale", "-o", tmp_path / "out",
                           manifest.with_suffix(".v")], capture_output=True, text=True)
    assert "warning" not in lint.stderr, lint.stderr
    assert lint.returncode == 0, lint.stderr


def test_manifest_agrees_with_the_verilog(manifest):
    described = json.loads(manifest.read_text())
    text = manifest.with_suffix(".v").read_text()
    modules = {match[1]: match[2] for match in re.finditer(
        r"^module (\w+) \((.*?)^endmodule", text, re.MULTILINE | re.DOTALL)}
    header = re.search(r"^(.*?)\);", modules[described["top"]], re.DOTALL)[1]
    assert re.findall(r"(\w+),?\n", header) == [port["name"] for port in described["ports"]]
    placed = {"": described["top"]}
    for component in described["components"]:
        parent, _, instance = component["path"].rpartition(".")
        assert f"  {component['module']} {instance} (" in modules[placed[parent]]
        placed[component["path"]] = component["module"]
    for memory in described["memories"]:
        ports = modules[placed[memory["path"]]]
        for enable in (memory["read_enable"], memory["write_enable"]):
            assert re.search(rf"\b{enable.removeprefix(memory['path'] + '.')}\b", ports)
        assert f"[{memory['width'] - 1}:0] array [{memory['depth'] - 1}:0];" in ports
    assert {memory["name"] for memory in described["memories"]} >= {
        window["memory"] for window in described["windows"]}


def test_manifest_says_how_it_was_made(manifest):
    described = json.loads(manifest.read_text())
    assert described["format"] == 1
    assert described["tools"] == tool_versions()
    assert described["config"]["name"] == described["name"] == described["top"]
    assert described["name"] in manifest.with_suffix(".core").read_text()


def test_two_runs_give_identical_bytes(tmp_path):
    config = load_config(available("cores")["systolic_ws_4x4_int8"])
    first, second = (generate(config, tmp_path / name) for name in ("first", "second"))
    names = sorted(path.name for path in first.parent.iterdir())
    assert names == sorted(path.name for path in second.parent.iterdir())
    for name in names:
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes()


def test_engine_alone(tmp_path):
    config = load_config(available("cores")["systolic_ws_4x4_int8"])
    described = json.loads(generate_engine(config, tmp_path).read_text())
    assert described["top"] == "systolic_ws_4x4_int8_engine"
    assert {port["name"] for port in described["ports"]} >= {"clk", "rst", "inputs__valid",
                                                           "weights__ready", "outputs__valid"}
    assert "registers" not in described
