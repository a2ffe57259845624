"""Analog compute-in-memory in configurations: what is accepted, and what it becomes."""

import pytest

from generators.config import load_config
from generators.derive import derive
from generators.errors import UserError
from hw.cim.analog.parameters import AnalogNoise

VALID = """\
version: 1
name: tiny
engine:
  kind: analog_cim
  rows: 16
  columns: 6
  dac_bits: 2
  cell_bits: 2
  rows_active: 8
  columns_per_adc: 4
  adc_bits: 5
  noise: {seed: 9, thermal: 0.5, gain: 0.01}
precision: {inputs: int8, weights: uint8, accumulator: int32, reduction: 64}
memories:
  activation_words: 256
  weight_words: 64
  accumulator_words: 64
  parameter_words: 16
  program_words: 256
post_processing: {lanes: 2}
"""


def derived(path, *replacements):
    text = VALID
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path = path / "core.yaml"
    path.write_text(text)
    return derive(load_config(path)).engine


def test_what_follows(tmp_path):
    engine = derived(tmp_path)
    assert engine.noise == AnalogNoise(seed=9, thermal=1 << 15, offset=0, gain=655, cell=0)
    assert (engine.physical_columns, engine.adcs, engine.row_groups, engine.digits) == (24, 6, 2, 4)
    # 8 rows, inputs and cells of up to 3: sums up to 72, in 31 steps
    assert (engine.highest_sum, engine.highest_step) == (72, 3)
    assert engine.vector_cycles(input_bits=8, word_lines=16) == 4 * 2 * 4
    assert engine.vector_cycles(input_bits=3, word_lines=8) == 2 * 1 * 4
    assert engine.geometry(engine.dataflows[0]).macs_per_cycle == 3


def test_slices(tmp_path):
    signed = derived(tmp_path, ("weights: uint8", "weights: int6"), ("adc: 4", "adc: 2"))
    assert [(piece.low, piece.bits, piece.weight) for piece in signed.slices] == [
        (0, 2, 1), (2, 2, 4), (4, 1, 16), (5, 1, -32)]


def test_quiet_unless_asked(tmp_path):
    engine = derived(tmp_path, ("  noise: {seed: 9, thermal: 0.5, gain: 0.01}\n", ""))
    assert not engine.noise.any


@pytest.mark.parametrize(("replacements", "message"), [
    ([("active: 8", "active: 17")],
     "engine.rows_active: 17 is more than the 16 rows; use as many or fewer"),
    ([("inputs: int8", "inputs: int2"), ("dac_bits: 2", "dac_bits: 3")],
     "engine.dac_bits: 3 is more than the 2 bits of int2 inputs; use fewer"),
    ([("weights: uint8", "weights: int3"), ("cell_bits: 2", "cell_bits: 4")],
     "engine.cell_bits: 4 is more than the 2 bits of int3 weights without their sign; use fewer"),
    ([("adc: 4", "adc: 3")], "engine.columns_per_adc: 3 does not share out 6 columns of 4 slices; "
                             "use 1, 2, 4, 8, 12 or 24"),
    ([("adc: 4", "adc: 16")], "engine.columns_per_adc: 16 does not share out 6 columns of 4 "
                              "slices; use 1, 2, 4, 8, 12 or 24"),
    ([("int32", "int22"), ("reduction: 64", "reduction: 16")],
     "precision.accumulator: int22 does not hold all that the converters "
     "can yield; use int23 or wider"),
    ([("inputs: int8", "inputs: int9")],
     "precision.inputs: int9 has 9 bits; this engine takes 1 to 8"),
    ([("dac_bits: 2", "dac_bits: 5")], "engine.dac_bits: 5 is too large; use 4 or less (line 7)"),
    ([("adc_bits: 5", "adc_bits: 13")],
     "engine.adc_bits: 13 is too large; use 12 or less (line 11)"),
    ([("thermal: 0.5", "thermal: -1")],
     "engine.noise.thermal: -1 is too small; use 0.0 or more (line 12)"),
    ([("gain: 0.01", "gain: 1e-2")],
     "engine.noise.gain: '1e-2' is not a number; write it as in 0.01 (line 12)"),
    ([("gain: 0.01", "gain: .nan")],
     "engine.noise.gain: nan is not a number; write it as in 0.01 (line 12)"),
    ([("gain: 0.01", "gian: 0.01")],
     "engine.noise.gian: unknown key; did you mean gain? (line 12)"),
])
def test_problems(tmp_path, replacements, message):
    with pytest.raises(UserError) as error:
        derived(tmp_path, *replacements)
    assert error.value.messages == [message]


def test_several_problems_at_once(tmp_path):
    with pytest.raises(UserError) as error:
        derived(tmp_path, ("active: 8", "active: 32"), ("adc: 4", "adc: 5"))
    assert len(error.value.messages) == 2
