"""What the compiler says to a user who asks for something that a core cannot do."""

from dataclasses import replace

import numpy as np
import pytest

from compiler.compile import compile_workload
from compiler.layer import Workload
from generators.errors import UserError
from hw.parameters import Dataflow, Overflow

from .layers import conv, core, gemm


def compile_layers(parameters, *layers, **options):
    inputs = np.zeros((1, *layers[0].input_shape), dtype=np.int64)
    return compile_workload(parameters, core().encoding,
                            Workload("some", "", layers, inputs, None), **options)


@pytest.mark.parametrize(("depths", "message"), [
    ({"weight_words": 2}, "gemm: does not fit memories.weight_words: 2, the smallest tiles lack "
                          "2 words (8 bytes); use a deeper memory"),
    ({"activation_words": 0}, "gemm: does not fit memories.activation_words: 0, the smallest tiles "
                              "lack 1 words (4 bytes); use a deeper memory"),
    ({"accumulator_words": 0}, "gemm: does not fit memories.accumulator_words: 0, the smallest "
                               "tiles lack 1 words (16 bytes); use a deeper memory"),
    ({"program_words": 8}, None),
])
def test_no_tile_is_small_enough(depths, message):
    """`derive` refuses such cores; the compiler still says which memory, and how much of it."""
    parameters = replace(core().parameters, **depths)
    if message is None:
        words = core().encoding["descriptor_words"]
        message = (f"gemm: does not fit memories.program_words: 8, the smallest tiles lack "
                   f"{words - 8} words ({4 * (words - 8)} bytes); use a deeper memory")
    with pytest.raises(UserError) as error:
        compile_layers(parameters, gemm(5, 9, 7, raw=True))
    assert error.value.messages == [message]


def test_parameters_of_a_vector_are_the_least():
    parameters = replace(core(lanes=1).parameters, parameter_words=2)
    with pytest.raises(UserError, match=r"^gemm: does not fit memories.parameter_words: 2, the "
                       r"smallest tiles lack 2 words \(18 bytes\); use a deeper memory$"):
        compile_workload(parameters, core(lanes=1).encoding, Workload(
            "one", "", (gemm(5, 9, 7),), np.zeros((1, 1, 5, 9), dtype=np.int64), None))


def test_saturating_sums_are_not_cut():
    """An output-stationary array starts every part of a sum at zero; others add to the sum."""
    depths = {"weight_words": 8}
    for dataflow in ("weight_stationary", "output_stationary"):
        chosen = core(dataflow, **depths)
        parameters = replace(chosen.parameters, engine=replace(
            chosen.parameters.engine, overflow=Overflow.SATURATE))
        workload = Workload("one", "", (gemm(2, 20, 4),), np.zeros((1, 1, 2, 20), dtype=int), None)
        if dataflow == "weight_stationary":
            assert len(compile_workload(parameters, chosen.encoding, workload).segments) > 1
            continue
        with pytest.raises(UserError, match=r"^gemm: does not fit memories.weight_words: 8, the "
                           r"smallest tiles lack 12 words \(48 bytes\); use a deeper memory$"):
            compile_workload(parameters, chosen.encoding, workload)


def test_dataflow_that_the_core_lacks():
    with pytest.raises(UserError, match=r"^dataflow: output_stationary is not one of this core's; "
                       r"use weight_stationary$"):
        compile_layers(core().parameters, gemm(1, 1, 1), dataflow=Dataflow.OUTPUT_STATIONARY)


def test_all_problems_at_once():
    layers = gemm(4, 3, 5, raw=True, name="first"), gemm(4, 5, 2, name="second")
    with pytest.raises(UserError) as error:
        compile_layers(core().parameters, *layers, dataflow=Dataflow.INPUT_STATIONARY)
    assert error.value.messages == [
        "dataflow: input_stationary is not one of this core's; use weight_stationary",
        "first: raw accumulators cannot be a next layer's input; give it a requantization"]


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary"])
def test_a_layer_far_too_large_is_cut_on_a_switchable_core(dataflow):
    """Also where its loops are longer than the core can count."""
    chosen = core("switchable", activation_words=16, weight_words=8, accumulator_words=8,
                  parameter_words=4, program_words=64)
    layer = conv((5, 5, 9), 17, (3, 3))
    workload = Workload("one", "", (layer,), np.zeros((1, 5, 5, 9), dtype=np.int64), None)
    for flow in (None, Dataflow(dataflow)):
        program = compile_workload(chosen.parameters, chosen.encoding, workload, dataflow=flow)
        assert program.macs == layer.macs
