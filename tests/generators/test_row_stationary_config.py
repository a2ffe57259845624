"""Row-stationary engines in configurations: every contradiction in a sentence with a remedy."""

import pytest

from generators.errors import UserError
from tests.regression.harness import Core


def parameters(columns=4, inputs="int8", overflow="error", lanes=None, word_lanes=None,
               memories=None, cycles=1, **engine):
    return Core.of({
        "name": "core",
        "engine": {"kind": "row_stationary", "rows": 6, "columns": columns,
                   "filter_scratchpad": 64, "input_scratchpad": 8, "sum_scratchpad": 16, **engine},
        "precision": {"inputs": inputs, "weights": "int4", "accumulator": "int32",
                      "overflow": overflow},
        "memories": {"activation_words": 2048, "weight_words": 256, "accumulator_words": 64,
                     "parameter_words": 16, "program_words": 256, **(memories or {})},
        "post_processing": {"lanes": columns if lanes is None else lanes, "cycles": cycles},
        **({"word_lanes": word_lanes} if word_lanes else {})}).parameters


def test_lanes_are_channels_of_a_pixel_weights_and_rows_of_the_output():
    core = parameters(columns=6, channels_per_beat=8, weights_per_beat=2)
    assert (core.input_lanes, core.weight_lanes, core.output_lanes) == (8, 2, 6)
    assert core.word_lanes == 2
    assert core.pixels_are_lanes
    assert core.post_coordinate_bits


@pytest.mark.parametrize("inputs", ["uint1", "int1", "uint16"])
def test_any_format(inputs):
    assert str(parameters(inputs=inputs).engine.inputs) == inputs


@pytest.mark.parametrize(("options", "message"), [
    ({"macs_per_pe": 4, "channels_per_beat": 2},
     "engine.channels_per_beat: 2 is less than the 4 of macs_per_pe; use 4"),
    ({"macs_per_pe": 2, "weights_per_beat": 1},
     "engine.weights_per_beat: 1 is less than the 2 of macs_per_pe; use 2"),
    ({"sum_scratchpad": 3},
     "engine.sum_scratchpad: 3 is less than the 4 columns; use 4 or more"),
    ({"filter_scratchpad": 16, "channels_per_beat": 8},
     "engine.filter_scratchpad: 16 is too small for 4 filters of the 8 channels of a beat; use 32 "
     "or more"),
    ({"filter_scratchpad": 8, "columns": 3, "weights_per_beat": 8},
     "engine.filter_scratchpad: 8 is too small for 3 filters of the 4 channels of a beat; use 16 "
     "or more"),
    ({"filter_scratchpad": 30},
     "engine.filter_scratchpad: 30 is not a multiple of the 4 weights of a beat; use 28"),
    ({"overflow": "saturate"},
     "precision.overflow: saturate would depend on the order of the sums between the elements; "
     "use error or wrap"),
    ({"lanes": 2},
     "post_processing.lanes: 2 are not enough for this engine, whose vectors follow each other in "
     "every cycle; use its 4 columns"),
    ({"cycles": 32},
     "post_processing.cycles: 32 are too many for this engine, whose vectors follow each other in "
     "every cycle; use 1"),
    ({"word_lanes": 4, "columns": 6, "channels_per_beat": 8},
     "word_lanes: 4 does not divide 8 channels per beat and 6 columns; use a divisor of 2"),
])
def test_contradictions(options, message):
    with pytest.raises(UserError) as error:
        parameters(**options)
    assert message in error.value.messages


@pytest.mark.parametrize(("memory", "words", "message"), [
    ("weight_words", 2, "memories.weight_words: 2 is too small for 4 words, one tile of weights; "
                        "use 4 or more"),
    ("accumulator_words", 2, "memories.accumulator_words: 2 is too small for 4 words, one tile of "
                             "results; use 4 or more"),
])
def test_memories_hold_a_tile(memory, words, message):
    with pytest.raises(UserError) as error:
        parameters(memories={memory: words})
    assert message in error.value.messages
