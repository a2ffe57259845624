"""Predicted energies of analog compute-in-memory, worked out by hand."""

import pytest

from compiler.workload import load_workload
from energy.predicted import predicted_parts
from tests.energy.toy_cim import LINE, REGISTER
from tests.regression.harness import Core, compiled

ADD_8, MULTIPLY_8 = 0.03, 0.2
STEP, DAC = 0.0275, 0.0405
# 8 rows of 4 weights in two slices: 8 physical columns; one tile of 3 vectors.
PRODUCT, VECTORS, ROWS, COLUMNS = "gemm:3x8x4", 3, 8, 8
ONES = 40


def add(bits):
    """A line through 8 and 32 bits."""
    return ADD_8 * bits / 8 if bits < 8 else ADD_8 + 0.07 * (bits - 8) / 24


def parts(technology, **engine):
    core = Core.of({
        "name": "analog", "engine": {"kind": "analog_cim", "rows": ROWS, "columns": 4,
                                     "rows_active": ROWS, "dac_bits": 2, "banks": 1} | engine,
        "precision": {"inputs": "uint4", "weights": "uint2", "accumulator": "int32"},
        "memories": dict.fromkeys(("activation_words", "weight_words", "accumulator_words",
                                   "parameter_words", "program_words"), 64),
        "post_processing": {"lanes": 4, "multiplier_bits": 8}})
    program = compiled(core, load_workload(PRODUCT, 1, core.formats)).program
    return core, {(part.kind, part.part): part for part in predicted_parts(
        core.parameters, program, ONES, technology)}


def test_a_converter_for_two_columns(technology):
    core, found = parts(technology, columns_per_adc=2, adc_bits=5)
    # Two digits, one group, two slots; sums go to 8 * 3 and fit into a code.
    conversions = 4 * VECTORS * 2 * 2
    assert core.parameters.engine.highest_sum == 24
    number = add((24 + 31).bit_length())
    totals = core.parameters.engine.partial_sum.bits
    expected = {
        ("analog_columns", "word lines"): (4 * ONES / 2, 4 * ONES / 2 * 2 * LINE),
        ("analog_columns", "bit lines"): (conversions, conversions * ROWS * LINE),
        ("analog_columns", "writes"): (4 * ROWS, 4 * ROWS * 2 * REGISTER),
        ("word_lines", "converters"): (ONES, ONES * DAC),
        ("analog_adc", "conversions"): (conversions, conversions * STEP * 2**5),
        ("analog_adc", "scaling"): (conversions, conversions * number),
        ("shift_accumulate", "adders"): (conversions, conversions * add(totals)),
        ("weight_sum", "adders"): (4 * ROWS, 4 * ROWS * add(6)),     # int6 goes to 24
        ("accumulate_lane", "adder"): (4 * VECTORS, 4 * VECTORS * 0.1),
        ("requantize", "arithmetic"): (0, 0),
        ("sram", "program"): (0, 0),
        ("sram", "parameters"): (0, 0),
        # Two words of 16 bits for a vector, 16 of them in an SRAM; 64 words of 8 bits.
        ("sram", "activations"): (2 * VECTORS, 2 * VECTORS * 10 * (32 / 8192) ** 0.5 * 16 / 64),
        ("sram", "weights"): (ROWS, ROWS * 10 * (64 / 8192) ** 0.5 * 8 / 64),
    }
    for name, (actions, energy) in expected.items():
        assert found[name].actions == actions, name
        assert found[name].fixed_pj == pytest.approx(energy), name
    assert found.keys() - expected.keys() == {("sram", "accumulators")}


def test_two_converters_for_a_weight_add_up_first(technology):
    core, found = parts(technology, columns_per_adc=1, adc_bits=5)
    conversions, engine = 8 * VECTORS * 2, core.parameters.engine
    assert found["analog_adc", "conversions"].actions == conversions
    both = found["shift_accumulate", "adders"]
    assert both.actions == conversions / 2
    assert both.fixed_pj == pytest.approx(
        conversions / 2 * (add(engine.value_bits) + add(engine.partial_sum.bits)))


def test_steps_of_more_than_a_bit_are_multiplied(technology):
    _, found = parts(technology, columns_per_adc=2, adc_bits=2)
    # Steps go to 8 and have 4 bits, numbers to 24 + 3 * 8.
    multiply = MULTIPLY_8 * (2 * 4 / 64) ** technology.multiplier_exponent
    scaling = found["analog_adc", "scaling"]
    assert scaling.fixed_pj == pytest.approx(scaling.actions * (multiply + add(6)))


def test_lines_of_one_bit_need_no_converter(technology):
    _, found = parts(technology, columns_per_adc=2, adc_bits=5, dac_bits=1)
    assert found["word_lines", "converters"].actions == 0
    assert found["analog_columns", "word lines"].actions == 4 * ONES


def test_errors_are_those_of_the_constants(technology):
    _, found = parts(technology, columns_per_adc=2, adc_bits=5)
    factors = {name: part.error_factor for name, part in found.items()}
    assert factors["analog_adc", "conversions"] == 4
    assert factors["word_lines", "converters"] == 7
    assert factors["weight_sum", "adders"] == factors["sram", "weights"] == 2
