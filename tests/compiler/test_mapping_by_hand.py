"""Mappings that are set by hand, and sentences about those that cannot be."""

import json

import pytest

from compiler.predict import predict
from compiler.row_stationary.by_hand import with_mappings
from compiler.workload import load_chains
from ergon.cli import main
from generators.errors import UserError
from tests.regression.harness import Core

LARGE, SMALL = "row_stationary_12x14_int8", "row_stationary_4x4_int8"


def mapped(folder, text, core=LARGE, workload="alexnet"):
    """The chains of a workload with the mappings that a file has behind ``layers:``."""
    path = folder / "mapping.yaml"
    path.write_text(f"version: 1\nlayers:\n{text}\n")
    chosen = Core.published(core)
    return with_mappings(load_chains(workload, None, chosen.formats), chosen.parameters, path)


def test_what_is_set_is_kept_and_the_rest_is_chosen(tmp_path):
    core = Core.published(LARGE)
    chains = mapped(tmp_path, "  conv5_0: {filter_groups: 2, kernel_columns: 2}\n"
                              "  conv5_1: {kernel_rows: 2}")
    found = {}
    for chain in chains:
        [segment, *_] = predict(core.parameters, core.encoding, chain)
        found[chain.name] = segment.jobs[0].mapping.choices
    assert (found["conv5_0"]["filter_groups"], found["conv5_0"]["kernel_columns"]) == (2, 2)
    assert found["conv5_0"]["kernel_rows"] * found["conv5_0"]["channel_groups"] <= 6
    assert found["conv5_1"]["kernel_rows"] == 2
    assert found["conv4_0"]["kernel_rows"] == found["conv4_0"]["kernel_columns"] == 3


def test_small_parts_of_a_layer_keep_what_they_can(tmp_path):
    """The layer has three rows for a group of four; its tiles have fewer."""
    core = Core.published(SMALL)
    path = tmp_path / "tall.yaml"
    path.write_text("{version: 1, name: tall, input: {height: 64, width: 16, channels: 8},"
                    " layers: [{name: conv, kind: conv2d, kernel: [1, 1], channels: 8}]}")
    [chain] = mapped(tmp_path, "  conv: {row_groups: 4, kernel_rows: 1}", SMALL, path)
    counts = predict(core.parameters, core.encoding, chain)
    assert sum(counts.values()) > 1
    groups = {job.mapping.choices["row_groups"] for segment in counts for job in segment.jobs}
    assert groups <= {1, 2, 3, 4}
    assert max(groups) == 4


@pytest.mark.parametrize(("mapping", "sentence"), [
    ("conv9: {filters: 2}", "layers.conv9: is no layer of this workload; use conv1, conv2_0"),
    ("conv1: {kernel_rows: 12}", "layers.conv1.kernel_rows: 12 are more than the kernel's 11; use"),
    ("conv1: {kernel_columns: 11, filters: 14, channels: 4}",
     "layers.conv1.filters: 616 weights per element are more than its filter scratchpad's 512; "
     "use fewer filters, channels or kernel columns"),
    ("conv3: {filters: 17}",
     "layers.conv3.filters: 17 are more than the 16 places of the sum scratchpad; use fewer"),
    ("conv3: {filters: 10, filter_groups: 1}",
     "layers.conv3.filters: 10 in each of 1 filter groups are no multiple of 14, as many as there "
     "are columns; use one"),
    ("conv3: {column_groups: 3}",
     "layers.conv3.column_groups: 3 does not divide 14 columns; use a divisor"),
    ("conv3: {kernel_rows: 3, channel_groups: 5}",
     "layers.conv3.filter_groups: 1 x 15 rows of all groups are more than the array's 12; use "
     "fewer groups or kernel rows"),
    ("conv3: {row_groups: 2, column_groups: 1}",
     "layers.conv3.row_groups: 13 output rows are too few for 2 groups of 14; use fewer"),
    ("conv3: {channels: 5}", "layers.conv3.channels: 5 are more than the 4 of a beat; use fewer"),
    ("conv3: {channels: 3}",
     "layers.conv3.channels: 3 are not in whole words of 2; use a multiple"),
    ("conv3: {filters: 0}", "layers.conv3.filters: 0 is not positive; use 1 or more (line 3)"),
    ("conv3: {filter: 1}", "layers.conv3.filter: unknown key; remove it (line 3)"),
])
def test_impossible_mappings(mapping, sentence, tmp_path):
    with pytest.raises(UserError) as caught:
        mapped(tmp_path, f"  {mapping}")
    assert any(message.startswith(sentence) for message in caught.value.messages), (
        caught.value.messages)


def test_a_kernel_row_longer_than_the_scratchpad(tmp_path):
    """Left to itself, the compiler takes it in parts."""
    core = Core.published(SMALL)
    with pytest.raises(UserError, match="11 are more than the 8 pixels of the input scratchpad"):
        mapped(tmp_path, "  conv1: {kernel_columns: 11}", SMALL)
    chain = load_chains("alexnet@8", None, core.formats)[0]
    [segment, *_] = predict(core.parameters, core.encoding, chain)
    assert segment.jobs[0].mapping.choices["kernel_columns"] <= 8


def test_other_engines_have_no_mapping(tmp_path):
    with pytest.raises(UserError, match="systolic_ws_4x4_int8 has no mappings to choose; leave"):
        mapped(tmp_path, "  conv1: {filters: 1}", "systolic_ws_4x4_int8")


def test_command_line(tmp_path, capsys):
    path = tmp_path / "mapping.yaml"
    path.write_text("version: 1\nlayers: {gemm: {channel_groups: 2}}\n")
    arguments = ["predict", LARGE, "--workload", "gemm:64x64x64", "--mapping", str(path)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert not ended.value.code
    [layer] = json.loads(capsys.readouterr().out)["layers"]
    assert layer["mapping"]["channel_groups"] == 2
    assert layer["mapping"]["active_elements"] > 0
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
    assert "mapping of" in capsys.readouterr().out
    path.write_text("version: 1\nlayers: {gemm: {channel_groups: 13}}\n")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "rows of all groups are more than the array's 12" in capsys.readouterr().err
