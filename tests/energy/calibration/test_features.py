"""Columns of a linear model, and the model that coefficients become."""

import numpy as np
import pytest

from energy.calibration.features import FeatureSet
from energy.partial_products import PartialProducts

PRODUCT = PartialProducts("a", "b", 2, 3, plain_signed=True, recoded_signed=False)


def _values(rows, widths, seed=1):
    random = np.random.default_rng(seed)
    return {net: random.integers(0, 2, (rows, bits), dtype=np.uint8)
            for net, bits in widths.items()}


def test_columns_are_the_toggles_of_each_bit():
    features = FeatureSet({"b": 1, "a": 2})
    values = {"a": np.array([[0, 1], [1, 1], [1, 0]], np.uint8),
              "b": np.array([[1], [0], [0]], np.uint8), "other": np.ones((3, 5), np.uint8)}
    np.testing.assert_array_equal(features.matrix(values), [[1, 1, 0], [0, 0, 1]])


def test_partial_products_follow_from_their_operands():
    features = FeatureSet({"a": 2}, [PRODUCT])
    values = _values(20, {"a": 2, "b": 3})
    rows = PRODUCT.values(values["a"], values["b"]).astype(int)
    np.testing.assert_array_equal(features.matrix(values)[:, 2:], np.abs(np.diff(rows, axis=0)))
    assert features.widths == {"a": 2, PRODUCT.name: PRODUCT.bits}


@pytest.mark.parametrize("position", range(3))
def test_bits_of_a_wide_net_share_a_coefficient(position):
    nets = [("a", 2), ("b", 3)]
    nets.insert(position, ("wide", 161))
    nets = dict(nets)
    features, values = FeatureSet(nets), _values(9, nets)
    matrix = features.matrix(values)
    assert matrix.shape == (8, 2 + 3 + 1)
    column = sum(bits for net, bits in list(nets.items())[:position])
    np.testing.assert_array_equal(matrix[:, column],
                                  np.sum(values["wide"][1:] != values["wide"][:-1], axis=1))
    model = features.model(9, np.arange(6.0))
    assert model.toggles["wide"] == [float(column)] * 161
    assert [len(model.toggles[net]) for net in nets] == list(nets.values())


def test_the_widest_net_with_coefficients_of_its_bits():
    assert FeatureSet({"a": 160}).matrix(_values(2, {"a": 160})).shape == (1, 160)


def test_a_model_predicts_what_its_columns_do():
    nets = {"a": 2, "b": 3, "wide": 200}
    features, values = FeatureSet(nets, [PRODUCT]), _values(30, nets)
    matrix = features.matrix(values)
    coefficients = np.random.default_rng(2).random(matrix.shape[1])
    model = features.model(3.25, coefficients)
    assert list(model.toggles) == ["a", "b", "wide", PRODUCT.name]
    assert model.multipliers == [PRODUCT]
    # Six decimals are kept, of all of at most 250 bits.
    np.testing.assert_allclose(model.energy_pj(values), 3.25 + matrix @ coefficients,
                               atol=250 * 5e-7)


def test_energies_are_rounded_for_the_card():
    model = FeatureSet({"a": 1}).model(np.float64(1 / 3), np.array([2 / 3]))
    assert (model.clock_pj, model.toggles) == (0.333333, {"a": [0.666667]})
