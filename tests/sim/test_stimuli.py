"""Data of calibrations: repeatable, in range, and of other kinds where errors are measured."""

import numpy as np
import pytest

from compiler.workload import Formats, load_workload
from hw.formats import NumberFormat
from sim.golden.layers import Accumulation, run_layer
from sim.stimuli import HELD_OUT, TRAINING, data_set

ALL = TRAINING | HELD_OUT
WITHOUT_WEIGHTS = ["no_weights"]
VECTORS, CHANNELS, OUTPUTS = 24, 12, 5


def _formats(inputs, weights):
    return Formats(NumberFormat.parse(inputs), NumberFormat.parse(weights), 32)


def _draw(name, formats=None, seed=1, shape=(VECTORS, CHANNELS, OUTPUTS)):
    """Inputs as rows of vectors, and weights."""
    vectors, channels, outputs = shape
    workload = data_set(ALL[name], formats or _formats("int8", "int8"), seed, vectors=vectors,
                        channels=channels, outputs=outputs)
    [layer] = workload.layers
    return (np.asarray(workload.inputs).reshape(vectors, channels),
            np.asarray(layer.weights).reshape(channels, outputs), workload)


def _toggles(inputs):
    """Share of bits that change from one vector to the next."""
    changes = (inputs[1:] ^ inputs[:-1]) & 0xFF
    return np.bitwise_count(changes).mean() / 8


@pytest.mark.parametrize("name", ALL)
def test_a_seed_says_all(name):
    inputs, weights, workload = _draw(name)
    again = _draw(name)
    np.testing.assert_array_equal(inputs, again[0])
    np.testing.assert_array_equal(weights, again[1])
    other = _draw(name, seed=2)
    assert np.any(weights != other[1]) or name in WITHOUT_WEIGHTS
    assert np.any(inputs != other[0])
    assert workload.name == ALL[name].name == name
    assert inputs.dtype == weights.dtype == np.int64


@pytest.mark.parametrize("formats", [("int8", "int8"), ("int4", "int4"), ("uint4", "int4"),
                                     ("int8", "int4"), ("uint8", "uint8"), ("int2", "int2")],
                         ids="x".join)
def test_all_numbers_are_in_their_formats(formats):
    for name in ALL:
        inputs, weights, _ = _draw(name, _formats(*formats))
        for values, text in zip((inputs, weights), formats, strict=True):
            number = NumberFormat.parse(text)
            assert values.min() >= number.min
            assert values.max() <= number.max
            empty = values is weights and name in WITHOUT_WEIGHTS
            assert number.bits == 2 or np.any(values) or empty, name


@pytest.mark.parametrize("shape", [(1, 1, 1), (16, 7, 1), (1, 1, 4), (18, 1, 3), (16, 448, 2)])
def test_odd_shapes(shape):
    for name in ALL:
        _, _, workload = _draw(name, shape=shape)
        [layer] = workload.layers
        assert layer.weights.size == shape[1] * shape[2]
        assert np.size(workload.inputs) == shape[0] * shape[1]


def test_what_is_held_out_was_not_trained_with():
    assert not TRAINING.keys() & HELD_OUT.keys()
    assert all(name == data.name for name, data in ALL.items())
    assert len({data.description for data in ALL.values()}) == len(ALL)
    assert len(HELD_OUT) >= 8


@pytest.mark.parametrize("held", HELD_OUT)
def test_no_pair_of_distributions_is_in_both(held):
    def draws(data):
        return [draw(np.random.default_rng(3), VECTORS, CHANNELS)
                for draw in (data.inputs, data.weights)]
    unseen = draws(HELD_OUT[held])
    for data in TRAINING.values():
        assert any(np.any(one != other) for one, other in zip(draws(data), unseen, strict=True))


def test_kinds_of_data():
    sets = {name: _draw(name, shape=(64, 64, 16)) for name in ALL}
    inputs = {name: found[0] for name, found in sets.items()}
    weights = {name: found[1] for name, found in sets.items()}
    assert np.all(inputs["idle"] == inputs["idle"][0])
    assert len(np.unique(inputs["idle"])) > 32
    assert set(np.unique(inputs["signs"])) == set(np.unique(weights["signs"])) == {-127, 0, 127}
    assert np.mean(inputs["sparse_50"] == 0) == pytest.approx(0.5, abs=0.05)
    assert np.mean(inputs["sparse_70"] == 0) == pytest.approx(0.7, abs=0.05)
    assert np.mean(inputs["rectified_70"] == 0) > 0.65
    for name in ("rectified", "rectified_70", "rectified_walk"):
        assert inputs[name].min() == 0
    assert np.std(inputs["gaussian"]) == pytest.approx(127 / 4, rel=0.1)
    assert np.std(weights["narrow"]) == pytest.approx(127 / 8, rel=0.1)
    assert np.all(inputs["bursts"][0] == inputs["bursts"][5])
    assert np.any(inputs["bursts"][6] != inputs["bursts"][7])
    walks = ["idle", "slow_walk", "walk", "fast_walk", "uniform"]
    toggles = [_toggles(inputs[name]) for name in walks]
    assert toggles == sorted(toggles)


def test_kinds_of_data_that_leave_much_unused():
    sets = {name: _draw(name, shape=(64, 256, 16)) for name in ALL}
    channels = {name: np.mean(~np.any(found[0], axis=0)) for name, found in sets.items()}
    rows = {name: np.mean(~np.any(found[1], axis=1)) for name, found in sets.items()}
    assert channels.pop("few_channels") == pytest.approx(0.8, abs=0.08)
    assert channels.pop("one_channel") == pytest.approx(0.95, abs=0.04)
    # Some drift below zero and stay there.
    assert 0 < channels.pop("rectified_walk") < 0.3
    assert set(channels.values()) == {0}
    assert rows.pop("half_rows") == pytest.approx(0.5, abs=0.1)
    assert rows.pop("unused_rows") == pytest.approx(0.8, abs=0.08)
    assert [rows.pop(name) for name in WITHOUT_WEIGHTS] == [1]
    # 0.9^16 of the rows happen to have no weight.
    assert rows.pop("few_weights") == pytest.approx(0.185, abs=0.08)
    assert set(rows.values()) == {0}
    few = sets["few_weights"][1]
    assert np.mean(few == 0) == pytest.approx(0.9, abs=0.02)
    assert sets["half_rows"][0].min() == 0
    assert _toggles(sets["no_weights"][0]) > 0.2


@pytest.mark.parametrize("name", ["conv1", "conv2"])
def test_data_of_a_network(name):
    network = load_workload("digits", 0, _formats("int8", "int8"), 4)
    inputs, weights, _ = _draw(f"digits_{name}")
    [layer] = [layer for layer in network.layers if layer.name == name]
    assert set(np.unique(weights)) <= _scaled(layer.weights)
    if layer is network.layers[0]:
        assert set(np.unique(inputs)) <= _scaled(network.inputs)
    assert len(np.unique(weights)) > 16
    assert len(np.unique(inputs)) > 4


def _scaled(numbers):
    """As data sets have them: parts of 128, in terms of 127."""
    return set(np.rint(np.asarray(numbers) / 128 * 127).astype(int).ravel())


def test_unsigned_formats_take_sizes():
    inputs, _, _ = _draw("gaussian", _formats("uint4", "int4"))
    signed, _, _ = _draw("gaussian", _formats("int4", "int4"))
    assert inputs.min() >= 0
    # Of the same reals, in terms of 15 and of 7.
    assert np.all(np.abs(2 * np.abs(signed) - inputs) <= 2)


def test_results_may_be_requantized():
    raw = _draw("uniform")[2].layers[0]
    workload = data_set(ALL["uniform"], _formats("int8", "int8"), 1, vectors=VECTORS,
                        channels=CHANNELS, outputs=OUTPUTS, requantized=True)
    [layer] = workload.layers
    np.testing.assert_array_equal(layer.weights, raw.weights)
    assert layer.requantization != raw.requantization
    results = run_layer(layer, workload.inputs, Accumulation(32, "error", 1)).outputs
    assert -128 <= results.min() < -64
    assert 64 < results.max() <= 127
    assert np.mean(np.abs(results) > 120) < 0.1
