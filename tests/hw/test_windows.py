# amaranth: UnusedElaboratable=no
"""Where memories and their numbers lie in the address space."""

import re

import pytest
from amaranth import Shape, signed, unsigned
from amaranth.lib import data

from hw.host_port import HostPort
from hw.windows import Slot, Window, lay_out_windows

PARAMETERS = data.StructLayout({"bias": signed(32), "multiplier": unsigned(16),
                                "shift": signed(6)})


@pytest.mark.parametrize(("lanes", "lane_shape", "container_bits", "stride"), [
    (1, signed(2), 8, 4), (3, unsigned(8), 8, 4), (12, signed(4), 8, 16), (16, signed(8), 8, 16),
    (2, signed(9), 16, 4), (5, unsigned(16), 16, 16), (1, signed(17), 32, 4),
    (12, signed(32), 32, 64), (1, PARAMETERS, 32, 16), (6, PARAMETERS, 32, 128),
])
def test_containers(lanes, lane_shape, container_bits, stride):
    window = Window("memory", 0, 8, lanes, lane_shape)
    assert window.container_bits == container_bits
    assert window.word_stride_bytes == stride
    assert window.bytes == 8 * stride


def test_slots_of_struct_lanes():
    window = Window("parameters", 0, 4, 2, PARAMETERS)
    assert window.slots == (
        Slot(0, 0, 0, 0, signed(32)), Slot(1, 0, 1, 32, unsigned(16)), Slot(2, 0, 2, 48, signed(6)),
        Slot(4, 0, 3, 54, signed(32)), Slot(5, 0, 4, 86, unsigned(16)),
        Slot(6, 0, 5, 102, signed(6)))
    assert window.containers == (signed(32), unsigned(16), signed(6), Shape(0)) * 2


def test_slots_of_numbers():
    window = Window("weights", 0, 4, 5, signed(4))
    assert window.slots == tuple(Slot(lane // 4, lane % 4 * 8, lane, 4 * lane, signed(4))
                                 for lane in range(5))


def test_layout():
    windows = lay_out_windows([
        ("a", 4, 4, signed(8)), ("b", 16, 16, signed(8)), ("c", 2, 1, signed(8)),
        ("d", 64, 1, unsigned(32))])
    assert [(window.base, window.bytes) for window in windows] == [
        (0x000, 0x010), (0x100, 0x100), (0x200, 0x008), (0x300, 0x100)]


def test_manifest():
    assert Window("parameters", 0x100, 4, 2, PARAMETERS).as_manifest() == {
        "memory": "parameters", "base": 0x100, "bytes": 0x80, "word_stride_bytes": 32, "words": 4,
        "lanes": 8, "lane_bits": 32, "lane_container_bits": 32,
        "fields": [{"bits": 32, "signed": True}, {"bits": 16, "signed": False},
                   {"bits": 6, "signed": True}, {"bits": 0, "signed": False}]}


def test_host_port():
    port = HostPort(4, 2, PARAMETERS)
    assert port.grain_widths == (32, 16, 6, 32, 16, 6)
    assert port.granularity == 2
    assert Shape.cast(port.members["write_en"].shape).width == 6
    assert Shape.cast(port.members["write_data"].shape).width == 108
    assert HostPort(4, 3, signed(4)).granularity == 4


@pytest.mark.parametrize(("arguments", "message"), [
    ((0, 6, 1, signed(8)), "weights: 6 words is not a power of two"),
    ((0, 4, 0, signed(8)), "weights: 0 lanes is not positive"),
    ((0, 4, 1, signed(33)), "weights: 33 bits do not fit a container of 32 bits"),
    ((0x10, 8, 1, signed(8)), "weights: base 0x10 is not a multiple of the window's 0x20 bytes"),
])
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Window("weights", *arguments)
