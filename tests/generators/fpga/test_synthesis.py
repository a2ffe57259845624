"""What synthesis counts."""

from generators.fpga.synthesis import lone_flip_flops


def test_flip_flops_share_a_cell_with_a_lut_of_their_own():
    def cell(kind, inputs, output, name):
        directions = dict.fromkeys(inputs, "input") | {output[0]: "output"}
        connections = {port: [bit] for port, bit in inputs.items()} | {output[0]: [output[1]]}
        return {name: {"type": kind, "port_directions": directions, "connections": connections}}

    netlist = {
        "ports": {"i": {"bits": [2]}, "o": {"bits": [9]}},
        "cells": cell("SB_LUT4", {"I0": 2}, ("O", 3), "own")
        | cell("SB_DFFE", {"D": 3}, ("Q", 4), "packed")
        | cell("SB_LUT4", {"I0": 4}, ("O", 5), "shared")
        | cell("SB_DFF", {"D": 5}, ("Q", 6), "alone_as_the_lut_has_another_reader")
        | cell("SB_DFF", {"D": 6}, ("Q", 7), "alone_behind_a_flip_flop")
        | cell("SB_LUT4", {"I0": 5, "I1": 7}, ("O", 9), "reader"),
    }
    assert lone_flip_flops(netlist) == {"alone_as_the_lut_has_another_reader",
                                        "alone_behind_a_flip_flop"}
