"""Dot-product engines in configurations: every contradiction in a sentence with a remedy."""

import pytest

from generators.errors import UserError
from tests.regression.harness import Core


def parameters(rows=16, columns=8, inputs="int8", overflow="error", **engine):
    return Core.of({
        "name": "core",
        "engine": {"kind": "dot_product", "rows": rows, "columns": columns, **engine},
        "precision": {"inputs": inputs, "weights": "int4", "accumulator": "int32",
                      "overflow": overflow},
        "memories": {"activation_words": 256, "weight_words": 16, "accumulator_words": 64,
                     "parameter_words": 16, "program_words": 128},
        "post_processing": {"lanes": columns}}).parameters


def test_a_row_of_weights_per_cycle_unless_more_are_asked_for():
    assert parameters().weight_lanes == 8
    assert parameters(weight_rows=4).weight_lanes == 32


@pytest.mark.parametrize("inputs", ["uint1", "int1", "uint16"])
def test_any_format(inputs):
    assert str(parameters(inputs=inputs).engine.inputs) == inputs


@pytest.mark.parametrize(("engine", "message"), [
    ({"weight_rows": 3}, "engine.weight_rows: 3 does not divide the 16 rows; use 2"),
    ({"rows": 1, "weight_rows": 2}, "engine.weight_rows: 2 does not divide the 1 rows; use 1"),
    ({"rows": 4, "columns": 8, "weight_rows": 256},
     "engine.weight_rows: 256 does not divide the 4 rows; use 4"),
    ({"rows": 256, "columns": 256, "weight_rows": 8},
     "engine.weight_rows: 8 rows of 256 weights are more than the 1024 of a beat; use 4"),
])
def test_weights_per_cycle(engine, message):
    with pytest.raises(UserError) as error:
        parameters(**engine)
    assert message in error.value.messages


def test_windows_do_not_saturate():
    assert parameters(depthwise=True, overflow="wrap").engine.depthwise
    assert not parameters(overflow="saturate").engine.depthwise
    with pytest.raises(UserError) as error:
        parameters(depthwise=True, overflow="saturate")
    assert error.value.messages == [
        "engine.depthwise: windows would saturate elsewhere than single products do; use "
        "precision.overflow: error or wrap, or depthwise: false"]


def test_the_memory_holds_a_tile():
    """In as many words as there are beats."""
    core = {"rows": 32, "columns": 8}
    with pytest.raises(UserError, match="weight_words: 16 is too small for 32 words, one tile"):
        parameters(**core)
    assert parameters(**core, weight_rows=2).weight_words == 16
