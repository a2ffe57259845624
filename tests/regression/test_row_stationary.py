"""What row-stationary cores must reach: every window, the published elements, their use."""

import re
from dataclasses import asdict, replace

import pytest

from compiler.row_stationary.choice import plan_of
from compiler.tile import whole_tile
from compiler.workload import load_chains
from energy.reading import read_activity
from sim.runner import simulate

from .harness import Core, assert_right, compiled, joined, problems, workload

LARGE, SMALL = "row_stationary_12x14_int8", "row_stationary_4x4_int8"
WINDOWS = [      # kernel, strides, dilation, input channels, output channels
    ((1, 1), (1, 1), (1, 1), 9, 5), ((1, 1), (3, 2), (1, 1), 4, 8), ((3, 3), (1, 1), (1, 1), 3, 7),
    ((3, 3), (2, 2), (1, 1), 6, 4), ((5, 5), (1, 1), (1, 1), 2, 3), ((5, 3), (1, 4), (1, 1), 5, 4),
    ((7, 7), (2, 2), (1, 1), 3, 4), ((11, 11), (4, 4), (1, 1), 3, 4),
    ((3, 3), (1, 2), (2, 2), 4, 4)]
FAULTS = {"takes every pixel": (r"pixel_tag == row_tag", "1'h1"),
          "chains are one": (r"control\[\d+\] \? 32'h0 : chain_i", "chain_i"),
          "sums go on": (r"control\[\d+\] \? 32'h0 : sums_read_data", "sums_read_data"),
          "one bank of weights": (r"\{ write_beat, write_bank \}", "{ write_beat, 1'h0 }")}


def other_core():
    """More multipliers in an element, odd columns, and as little memory as there may be."""
    return Core.of({
        "name": "row_stationary_small",
        "engine": {"kind": "row_stationary", "rows": 7, "columns": 5, "channels_per_beat": 4,
                   "weights_per_beat": 2, "macs_per_pe": 2, "filter_scratchpad": 20,
                   "input_scratchpad": 3, "sum_scratchpad": 5, "zero_gating": True},
        "precision": {"inputs": "uint8", "weights": "int6", "accumulator": "int20",
                      "overflow": "wrap"},
        "memories": {"activation_words": 4096, "weight_words": 1024, "accumulator_words": 64,
                     "parameter_words": 8, "program_words": 1024},
        "post_processing": {"lanes": 5, "multiplier_bits": 20}, "word_lanes": 1})


def windows(core, folder):
    """A task for each of `WINDOWS`."""
    for number, (kernel, strides, dilation, inputs, outputs) in enumerate(WINDOWS):
        extent = max(kernel) + 4
        document = {"name": f"window_{number}",
                    "input": {"height": extent, "width": extent + 1, "channels": inputs},
                    "layers": [{"name": "conv", "kind": "conv2d", "kernel": list(kernel),
                                "strides": list(strides), "dilation": list(dilation),
                                "padding": "same", "channels": outputs}]}
        yield compiled(core, workload(core, document, seed=number, folder=folder))


@pytest.mark.rtl
@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
@pytest.mark.parametrize("core", [lambda: Core.published(SMALL), other_core],
                         ids=["published", "other"])
def test_windows(core, simulator, tmp_path):
    core = core()
    assert_right(core, list(windows(core, tmp_path)), simulator=simulator)


def alexnet(core, name, seed=None):
    """One of AlexNet's layers alone; without a seed, without numbers."""
    [chain] = [chain for chain in load_chains("alexnet", seed, core.formats) if chain.name == name]
    return chain


@pytest.mark.rtl
@pytest.mark.parametrize("name", ["conv3", "conv4_0", "conv5_0"])
def test_alexnet_keeps_its_elements_busy(name, monkeypatch):
    """With everything that it costs to cut what the memories do not hold."""
    monkeypatch.setenv("OPT_FAST", "-O1")  # a long run
    core = Core.published(LARGE)
    task = compiled(core, alexnet(core, name, seed=1))
    result = assert_right(core, [task], simulator="verilator")
    elements = max(job.mapping.choices["active_elements"]
                   for segment in task.program.segments for job in segment.jobs)
    assert elements == 156
    assert sum(run.cycles for run in result.runs) <= task.workload.macs / (0.85 * elements)


ELEMENTS = {"conv1": 154, "conv2_0": 168, "conv3": 156, "conv4_0": 156, "conv5_0": 156}


@pytest.mark.rtl
def test_alexnet_s_elements_in_the_rtl(tmp_path):
    """Its layers with the mapping of all their channels, but with those of one pass only.

    The paper has 135 elements for conv2, see tests/compiler/test_row_stationary.py.
    """
    core = Core.published(LARGE)
    for name, elements in ELEMENTS.items():
        task = in_one_pass(core, name, tmp_path)
        result = assert_right(core, [task], simulator="verilator", activity="saif",
                              folder=tmp_path / name)
        files = sorted({run.activity for run in result.runs})
        activity = read_activity(files, core.manifest["top"])
        computing = [entry["path"] for entry in core.manifest["components"] if entry["kind"] == "pe"
                     and activity.net(f"{entry['path']}.window.read_en").total_toggles]
        assert len(computing) == elements, name


def in_one_pass(core, name, folder):
    """A task with a layer's window and mapping, and no more channels than one pass takes."""
    [layer] = alexnet(core, name).layers
    chosen = plan_of(whole_tile(layer, core.parameters.input_lanes), core.parameters).mapping
    shape = layer.input_shape
    document = {
        "name": name,
        "input": {"height": shape.height, "width": shape.width,
                  "channels": min(shape.channels, chosen.channel_groups * chosen.channels)},
        "layers": [{"name": name, "kind": "conv2d", "kernel": list(layer.kernel),
                    "strides": list(layer.strides), "padding": list(layer.padding),
                    "channels": chosen.filter_groups * chosen.filters}]}
    small = workload(core, document, seed=1, folder=folder)
    return compiled(core, replace(small, layers=(
        replace(small.layers[0], mapping=asdict(chosen)),)))


@pytest.mark.rtl
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_seen(fault, tmp_path):
    core = Core.published(SMALL)
    text, found = re.subn(*FAULTS[fault], core.manifest_path.with_suffix(".v").read_text())
    assert found, "the fault is nowhere in the Verilog"
    manifest = tmp_path / core.manifest_path.name
    manifest.write_text(core.manifest_path.read_text())
    manifest.with_suffix(".v").write_text(text)
    document = {"name": "fault", "input": {"height": 6, "width": 6, "channels": 8},
                "layers": [{"name": "conv", "kind": "conv2d", "kernel": [2, 2], "channels": 4}]}
    small = workload(core, document, seed=1, folder=tmp_path)
    tasks = [compiled(core, replace(small, layers=(
        replace(small.layers[0], mapping={"kernel_rows": 2, "row_groups": 2}),)))]
    result = simulate(manifest, *joined(tasks), simulator="icarus")
    assert any("wrong" in problem for problem in problems(core, tasks, result))
