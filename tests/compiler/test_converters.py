"""Converter settings: what is possible, and how they reach the descriptors."""

import re

import pytest

from compiler.compile import compile_workload
from compiler.converters import Converter, never_clips
from compiler.workload import load_workload
from generators.errors import UserError
from tests.hw.cim.analog.test_core import core, workload
from tests.regression.harness import Core

LAYERS = {"name": "two", "input": {"height": 3, "width": 3, "channels": 5}, "layers": [
    {"name": "first", "kind": "conv2d", "channels": 4, "kernel": [2, 2]},
    {"name": "pool", "kind": "average_pool2d", "kernel": [2, 2]}]}


def fields(target, layers, **options):
    """Descriptor fields of each layer's only job."""
    program = compile_workload(target.parameters, target.encoding, layers, **options)
    return {job.layer: {name.removeprefix("engine."): value for name, value in job.fields.items()
                        if name.startswith("engine.")}
            for segment in program.segments for job in segment.jobs}


def test_settings_reach_the_descriptors(tmp_path):
    target = core(adc_bits=2, rows_active=8)
    layers = workload(target, LAYERS, seed=1, folder=tmp_path)
    chosen = fields(target, layers, converters={"first": Converter(3, 2)})
    first, pool = chosen["first"], chosen["pool"]
    assert (first["adc_low"], first["adc_step"], first["adc_gain"]) == (3, 2, 1 << 23)
    assert (first["word_lines"], first["digits"], first["row_groups"]) == (4, 7, 0)
    # A pooled channel is alone in its column: its sums are 0 or 1.
    assert (pool["adc_low"], pool["adc_step"]) == (0, 1)
    # 5 rows of ones in 3 steps
    assert fields(target, layers)["first"]["adc_step"] == 2


def test_each_job_has_noise_of_its_own(tmp_path):
    target = core(noise={"thermal": 0.5})
    seeds = fields(target, workload(target, LAYERS, seed=1, folder=tmp_path))
    assert seeds["first"]["noise_seed"] != seeds["pool"]["noise_seed"]


def test_settings_that_no_engine_has():
    with pytest.raises(UserError) as error:
        Converter(-1, 0)
    assert error.value.messages == [
        "converter.low: -1 is negative, column sums are not; use 0 or more",
        "converter.step: 0 is less than column sums differ by; use 1 or more"]


def test_settings_that_this_engine_has_not(tmp_path):
    target = core(adc_bits=2)
    layers = workload(target, LAYERS, seed=1, folder=tmp_path)
    with pytest.raises(UserError) as error:
        fields(target, layers, converters={"first": Converter(9, 4), "pol": Converter(0, 1)})
    assert error.value.messages == [
        "converters.first.low: 9 is above every column sum; use at most 8",
        "converters.first.step: 4 is more than the widest range needs; use at most 3",
        "converters.pol: no such layer; use first, pool"]


def test_engines_without_converters():
    target = Core.published("systolic_ws_4x4_int8")
    with pytest.raises(UserError) as error:
        fields(target, load_workload("gemm:2x2x2", 1, target.formats), converters={})
    assert error.value.messages == ["converters: this core's engine has none; leave them out, or "
                                    "use an analog engine"]


@pytest.mark.parametrize("rows", [None, 1, 3, 8, 50])
def test_the_default_never_clips(rows):
    for bits in (2, 3, 5):
        engine = core(adc_bits=bits, dac_bits=2, cell_bits=3).parameters.engine
        highest = min(rows or 8, 8) * 3 * 7
        converter = never_clips(engine, rows)
        assert converter.step * ((1 << bits) - 1) >= highest
        assert converter.step == 1 or (converter.step - 1) * ((1 << bits) - 1) < highest


def test_settings_for_a_range():
    assert Converter.spanning(10, 73, 6) == Converter(10, 1)
    assert Converter.spanning(10, 74, 6) == Converter(10, 2)
    with pytest.raises(UserError, match=re.escape(
            "converter: the range from 5 to 5 is less than one step; column sums differ by 1, use "
            "a wider one")):
        Converter.spanning(5, 5, 6)
