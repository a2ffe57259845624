"""Booth partial products add up to the product, for all operands of small formats."""

import numpy as np
import pytest

from energy.partial_products import PartialProducts


def _bits(numbers, width):
    return ((numbers[:, None] >> np.arange(width)) & 1).astype(np.uint8)


def _numbers(width, signed):
    low = -(1 << width >> 1) if signed else 0
    return np.arange(low, low + (1 << width))


def _all_pairs(product):
    plain, recoded = np.meshgrid(_numbers(product.plain_bits, product.plain_signed),
                                 _numbers(product.recoded_bits, product.recoded_signed))
    return plain.ravel(), recoded.ravel()


def _rows(product, plain, recoded):
    """Each row as a number in two's complement, and whether it is a complement."""
    bits = product.values(_bits(plain, product.plain_bits), _bits(recoded, product.recoded_bits))
    assert bits.dtype == np.uint8
    assert bits.shape == (len(plain), product.bits)
    rows = bits.reshape(len(plain), product.digits, product.row_bits).astype(int)
    weights = 1 << np.arange(product.row_bits)
    weights[-1] *= -1
    return rows @ weights, recoded[:, None] >> (2 * np.arange(product.digits) + 1) & 1


@pytest.mark.parametrize("plain_signed", [False, True])
@pytest.mark.parametrize("recoded_signed", [False, True])
@pytest.mark.parametrize(("plain_bits", "recoded_bits"),
                         [(1, 1), (1, 4), (2, 3), (3, 2), (4, 1), (4, 4), (5, 3), (3, 7), (8, 8)])
def test_rows_add_up_to_the_product(plain_bits, recoded_bits, plain_signed, recoded_signed):
    product = PartialProducts("a", "b", plain_bits, recoded_bits, plain_signed, recoded_signed)
    plain, recoded = _all_pairs(product)
    rows, complements = _rows(product, plain, recoded)
    weights = 4 ** np.arange(product.digits)
    np.testing.assert_array_equal((rows + complements) @ weights, plain * recoded)


def test_rows_are_multiples_or_complements_of_them():
    product = PartialProducts("a", "b", 3, 5, plain_signed=True, recoded_signed=False)
    plain, recoded = _all_pairs(product)
    rows, complements = _rows(product, plain, recoded)
    multiples = np.where(complements == 1, ~rows, rows)
    assert np.all((multiples == 0) | (multiples == plain[:, None])
                  | (multiples == 2 * plain[:, None]))


@pytest.mark.parametrize(("recoded_bits", "recoded_signed", "digits"), [
    (1, True, 1), (2, True, 1), (3, True, 2), (8, True, 4),
    (1, False, 1), (2, False, 2), (3, False, 2), (8, False, 5)])
def test_a_row_for_every_two_bits(recoded_bits, recoded_signed, digits):
    product = PartialProducts("a", "b", 4, recoded_bits, True, recoded_signed)
    assert (product.digits, product.row_bits, product.bits) == (digits, 5, 5 * digits)


def test_a_zero_that_comes_from_a_complement_is_all_ones():
    product = PartialProducts("a", "b", 2, 2, plain_signed=True, recoded_signed=True)
    values = product.values(_bits(np.array([1, 0, 0]), 2), _bits(np.array([-1, -1, 0]), 2))
    # -1 times one: the complement of 1; of 0; and 0 itself, lowest bit first.
    np.testing.assert_array_equal(values, [[0, 1, 1], [1, 1, 1], [0, 0, 0]])


def test_name_says_which_operand_is_recoded():
    product = PartialProducts("moving_i", "current", 8, 4, True, True)
    assert product.name == "booth_current_x_moving_i"
