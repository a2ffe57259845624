"""Cells are traced back to the instances that they come from."""

import pytest

from generators.fpga.hierarchy import Hierarchy

INSTANCES = ["hosted", "hosted.core", "hosted.core.post", "hosted.core.post.lane_1",
             "hosted.core.post.lane_10", "hosted.core.parameters"]


@pytest.mark.parametrize(("cell", "owner"), [
    ("hosted.core.post.lane_1.x_SB_DFF_Q", "hosted.core.post.lane_1"),
    ("hosted.core.post.lane_10.x", "hosted.core.post.lane_10"),
    # The net of a port lies outside, and is called after the instance.
    ("hosted.core.post.lane_10_o_SB_LUT4_O_1", "hosted.core.post.lane_10"),
    ("hosted.core.post_write_data_SB_LUT4_O", "hosted.core.post"),
    ("hosted.core.poster_SB_LUT4_O", "hosted.core"),
    ("$flatten\\hosted.\\core.$auto$memory_map", "hosted.core"),
    ("$abc$123$auto$blifparse", ""), ("pll.pll", "")])
def test_owner(cell, owner):
    assert Hierarchy(INSTANCES).owner(cell) == owner


def test_around():
    assert list(Hierarchy(INSTANCES).around("hosted.core.post.lane_1.x")) == [
        "hosted.core.post.lane_1", "hosted.core.post", "hosted.core", "hosted", ""]
