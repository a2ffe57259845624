"""Full adders of sums, counted by hand."""

import pytest

from energy.adders import format_bits, tree_adders, weighing_adders


def test_formats():
    assert [format_bits(name) for name in ("int8", "uint1", "int12")] == [8, 1, 12]


@pytest.mark.parametrize(("terms", "operand", "expected"), [
    (1, "uint1", 0),
    (2, "uint1", 0.5),               # one half adder
    (3, "uint1", 0.5 + 1),           # 2 bits + 1 bit: two half adders
    (4, "uint1", 2 * 0.5 + 1.5),
    (64, "uint1", 57 + 63 / 2),      # a full adder per bit that goes, a half adder per addition
    (2, "int8", 7.5),
    (4, "int8", 2 * 7.5 + 8.5),
])
def test_ripple(terms, operand, expected):
    assert tree_adders(terms, operand, "ripple") == expected


@pytest.mark.parametrize(("terms", "operand", "expected"), [
    (1, "uint1", 0), (3, "uint1", 1), (7, "uint1", 4), (64, "uint1", 57), (4, "int8", 32 - 10),
])
def test_carry_save(terms, operand, expected):
    assert tree_adders(terms, operand, "carry_save") == expected


@pytest.mark.parametrize(("count_bits", "weight_bits", "expected"), [
    (3, 1, 0),
    (1, 2, 0),                       # no two bits are of the same weight
    (3, 2, 1 + 1),                   # 2 bits + 3 bits, the lowest one passing by
    (7, 8, 4 * 6 + 2 * 7.5 + 9.5),   # 6 + 7, then 7 + 9, then 8 + 12 bits
])
def test_weighing(count_bits, weight_bits, expected):
    assert weighing_adders(count_bits, weight_bits) == expected
