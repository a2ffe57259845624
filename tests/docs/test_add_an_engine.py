"""The tutorial's code is run as it stands: its engine is registered, its own tests are tests here.

Everything is undone afterwards, so that no other test sees the tutorial's engine.
"""

import importlib.util
import sys

import pytest
import yaml

import generators.engines
import hw.families
from ergon import flow
from ergon.console import View
from generators.config import AcceleratorConfig, accelerator_model, load_config
from generators.engines import ENGINE_KINDS
from generators.errors import UserError
from generators.generate import generate_engine
from hw.systolic.parameters import SystolicParameters
from tests.docs.pages import DOCS, code_files
from tests.regression import harness
from tests.regression.harness import Core, assert_right, compiled, workload

PAGE = DOCS / "add-an-engine.md"
FILES = code_files(PAGE)
CONFIG = "configs/cores/broadcast_4x4_int8.yaml"
MODULE = "hw.broadcast"


def run(file, namespace):
    """Execute a file of the page; messages name the page and its lines."""
    exec(compile(FILES[file], PAGE, "exec"), namespace)


# What the page calls tests/hw/test_broadcast.py is collected from here.
run("tests/hw/test_broadcast.py", globals())


@pytest.fixture(scope="module", autouse=True)
def registered(tmp_path_factory):
    """The page's engine in both tables, and its configuration among the cores."""
    folder = tmp_path_factory.mktemp("page")
    source, config = folder / "broadcast.py", folder / "broadcast_4x4_int8.yaml"
    source.write_text(FILES["hw/broadcast.py"])
    config.write_text(FILES[CONFIG])
    tables = hw.families.FAMILIES, generators.engines.ENGINE_KINDS
    before = [dict(table) for table in tables]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(harness, "CORES", folder)
        patch.setattr(harness, "BUILD", folder / "build")
        spec = importlib.util.spec_from_file_location(MODULE, source)
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, MODULE, module)
        patch.setattr(hw, "broadcast", module, raising=False)
        spec.loader.exec_module(module)
        try:
            run("hw/families.py", dict(vars(hw.families)))
            run("generators/engines.py", dict(vars(generators.engines)))
            yield config
        finally:
            for table, entries in zip(tables, before, strict=True):
                table.clear()
                table.update(entries)


@pytest.fixture(params=[
    {"post_processing": {"lanes": 2}},
    {"engine": {"kind": "broadcast", "rows": 3, "columns": 6}, "post_processing": {"lanes": 1}},
    {"engine": {"kind": "broadcast", "rows": 1, "columns": 1}, "post_processing": {"lanes": 1}},
    {"precision": {"inputs": "uint5", "weights": "int4", "accumulator": "int10",
                   "overflow": "saturate"}},
], ids=["two lanes", "rectangular", "one multiplier", "saturating"])
def variant(registered, request):
    """The page's core, with some sections exchanged."""
    content = yaml.safe_load(registered.read_text()) | request.param
    return Core(accelerator_model().model_validate(content))


@pytest.mark.rtl
def test_variants_equal_the_golden_model(variant, tmp_path):
    conv = {"kind": "conv2d", "channels": 7, "kernel": [2, 3], "padding": "same"}
    document = {"name": "layers", "input": {"height": 4, "width": 5, "channels": 5}, "layers": [
        {"name": "conv", **conv}, {"name": "deep", "kind": "depthwise_conv2d", "kernel": [2, 2]},
        {"name": "largest", "kind": "max_pool2d", "kernel": [2, 2]},
        {"name": "classes", "kind": "linear", "channels": 9}]}
    layers = compiled(variant, workload(variant, document, seed=3, folder=tmp_path))
    gemm = compiled(variant, load_workload("gemm:7x13x5", 1, variant.formats))  # noqa: F821
    assert_right(variant, [layers, gemm], simulator="icarus")


@pytest.mark.rtl
def test_the_command_line_knows_it(registered, tmp_path):
    result = flow.simulate(str(registered), "tinyconv", out=tmp_path, view=View(as_json=True),
                           simulator="icarus", seed=1, waves=False)
    assert result["mismatches"] == 0 < result["compared"]
    assert result["cycles"] == result["predicted_cycles"]


def test_the_engine_alone(registered, tmp_path):
    manifest = generate_engine(load_config(registered), tmp_path)
    assert "module broadcast_4x4_int8_engine (" in manifest.with_suffix(".v").read_text()


@pytest.mark.parametrize(("old", "new", "message"), [
    ("rows: 4", "rows: 0", "engine.rows: 0 is not positive; use 1 or more (line 4)"),
    ("rows: 4", "row: 4", "engine.rows: is missing; add it (line 4)"),
    ("rows: 4", "row: 4", "engine.row: unknown key; did you mean rows? (line 4)"),
    ("kind: broadcast, ", "", "engine.kind: is missing; add it (line 4)"),
    ("kind: broadcast", "kind: broad", "engine.kind: 'broad' is not one of the choices; use "
                                       f"{', '.join(ENGINE_KINDS)} or broadcast (line 4)"),
])
def test_a_mistake_is_a_sentence(registered, tmp_path, old, new, message):
    path = tmp_path / "core.yaml"
    path.write_text(registered.read_text().replace(old, new))
    with pytest.raises(UserError) as caught:
        load_config(path)
    assert message in caught.value.messages


def test_other_engines_are_as_before(registered):
    assert hw.families.FAMILIES[SystolicParameters].component is hw.families.SystolicEngine
    assert issubclass(accelerator_model(), AcceleratorConfig)


def test_every_file_is_a_step_of_the_page():
    steps = PAGE.read_text().split("## 1.")[0]
    assert all(f"`{file}`" in steps for file in FILES)
