"""Descriptors bit by bit, transfers, and the deltas that hardware adds."""

from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest

from compiler.compile import compile_workload
from compiler.layer import Workload
from compiler.nest import Loop, Nest
from compiler.program import Job, Transfer, pack_descriptors
from compiler.segment import job_starts

from .layers import conv, core, gemm

ENCODING = {"descriptor_words": 2, "prefetch": True, "fields": [
    {"name": "last", "offset": 0, "width": 1}, {"name": "base", "offset": 1, "width": 7},
    {"name": "delta", "offset": 28, "width": 9}, {"name": "pad", "offset": 37, "width": 4}]}


def job(**fields):
    return Job(layer="l", dataflow="weight_stationary", fields=fields, cycles=1, accesses={},
               macs=0, mapping=None)


def unpacked(words, encoding):
    """Fields of one descriptor, read bit by bit; unsigned."""
    bits = [int(word) >> bit & 1 for word in words[:, 0] for bit in range(32)]
    return {field["name"]: sum(bits[field["offset"] + bit] << bit
                               for bit in range(field["width"])) for field in encoding["fields"]}


def test_fields_lie_where_the_manifest_says():
    [low, high] = pack_descriptors([job(base=5, delta=0x1F0, pad=9)], ENCODING)
    assert low == [1 | 5 << 1 | 0x0 << 28]
    assert high == [0x1F | 9 << 5]


def test_numbers_are_taken_modulo_their_width():
    words = pack_descriptors([job(base=-1, delta=-3)], ENCODING)
    assert unpacked(words, ENCODING) == {"last": 1, "base": 127, "delta": 512 - 3, "pad": 0}


def test_the_last_job_ends_the_program():
    words = pack_descriptors([job(), job(), job()], ENCODING)
    assert words.shape == (6, 1)
    assert (words[::2, 0] & 1).tolist() == [0, 0, 1]


def test_fields_that_a_core_lacks_are_not_dropped():
    with pytest.raises(ValueError, match=r"^the core has no descriptor fields \['speed'\]$"):
        pack_descriptors([job(speed=1)], ENCODING)


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary",
                                      "input_stationary", "switchable"])
def test_a_core_s_descriptor_holds_every_field_of_its_jobs(dataflow):
    """Layout and compiler agree on names, and every number fits its width."""
    chosen = core(dataflow)
    layers = conv((6, 6, 5), 7, padding=(1, 1, 1, 1)), gemm(4, 6, 9)
    for layer in layers:
        inputs = np.zeros((1, *layer.input_shape), dtype=np.int64)
        program = compile_workload(chosen.parameters, chosen.encoding,
                                   Workload("one", "", (layer,), inputs, None))
        [segment] = program.segments
        words = next(load.data for load in segment.loads if load.memory == "program")
        fields, widths = unpacked(words, chosen.encoding), {
            field["name"]: field["width"] for field in chosen.encoding["fields"]}
        assert len(words) == chosen.encoding["descriptor_words"]
        for name, number in segment.jobs[0].fields.items():
            assert fields[name] == number % (1 << widths[name]), name
        assert fields["last"] == 1


@pytest.mark.parametrize(("prefetch", "starts"), [(True, [0, 30, 40]), (False, [0, 40, 54])])
def test_jobs_wait_for_their_descriptors(prefetch, starts):
    """Those of 8 words are there 10 cycles after the job before has begun, or has ended."""
    jobs = [replace(job(), cycles=cycles) for cycles in (30, 4, 50)]
    assert job_starts(jobs, {"descriptor_words": 8, "prefetch": prefetch}) == starts


def test_gather_and_scatter_are_inverse():
    places = np.array([[0, 2, -1], [5, -1, 4]])
    transfer = Transfer("activations", 3, places, "x")
    tensor = np.array([10, 11, 12, 13, 14, 15])
    words = transfer.gather({"x": tensor})
    assert words.tolist() == [[10, 12, 0], [15, 0, 14]]
    tensors = {"x": np.zeros((2, 3), dtype=np.int64)}
    transfer.scatter(words, tensors)
    assert tensors["x"].tolist() == [[10, 0, 12], [0, 14, 15]]


def test_constants_need_no_tensor():
    data = np.array([[1, 2]])
    assert Transfer("weights", 0, data).gather({}) is data


@pytest.mark.parametrize("seed", range(20))
def test_deltas_walk_the_strides(seed):
    """Adding the delta of the dimension that steps is the same as multiplying out."""
    random = Random(seed)
    nest = Nest(tuple(Loop(str(n), random.randint(1, 4), {"address": random.randint(-9, 9)})
                      for n in range(random.randint(1, 4))), {"address": random.randint(0, 99)})
    dims = len(nest.loops) + random.randint(0, 2)
    bounds = [bound + 1 for bound in nest.bounds(dims)]
    deltas, address, walked = nest.deltas("address", dims), nest.bases["address"], []
    for index in product(*map(range, bounds)):
        walked.append(address)
        steps = [dim for dim in range(dims) if index[dim] < bounds[dim] - 1]
        address += deltas[max(steps)] if steps else 0
    assert walked == [nest.bases["address"] + sum(
        place * loop.strides["address"] for place, loop in zip(index, nest.loops, strict=True))
        for index in product(*(range(loop.bound) for loop in nest.loops))]


def test_masks_name_dimensions():
    nest = Nest((Loop("channels", 2), Loop("y", 3), Loop("x", 4)), {})
    assert nest.mask(("y", "x"), 3) == 0b110
    assert nest.mask(("channels",), 5) == 0b00100
    assert nest.bounds(5) == [0, 0, 1, 2, 3]
    assert nest.elements == 24
