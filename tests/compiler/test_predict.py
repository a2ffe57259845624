"""Predictions without data equal what the compiler says of the program with data."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from compiler.chains import compile_chains, input_tensors
from compiler.compile import compile_workload
from compiler.layer import Workload
from compiler.predict import predict
from compiler.workload import load_chains
from generators.derive import Overflow
from generators.errors import UserError

from .layers import conv, core, gemm, random_layer

pytestmark = pytest.mark.exhaustive

FLOWS = ("weight_stationary", "output_stationary", "input_stationary")
TINY = {"activation_words": 64, "weight_words": 32, "accumulator_words": 16, "parameter_words": 4,
        "program_words": 128}
NAMES = ("alexnet@12", "vgg16@14", "resnet8@4", "ds_cnn@4", "mobilenet@6", "autoencoder@8",
         "transformer_prefill@24", "transformer_decode@12", "tinyconv", "pooling")


def totals(segments):
    """Runs, jobs, cycles, useful products and accesses of each layer's jobs."""
    total = Counter()
    for segment, number in segments:
        total["runs"] += number
        total["cycles"] += number * segment.cycles
        for memory, counts in segment.accesses.items():
            for way, count in zip(("reads", "writes"), counts, strict=True):
                total[memory, way] += number * count
        for job in segment.jobs:
            total[job.layer, job.dataflow, "jobs"] += number
            total[job.layer, "cycles"] += number * job.cycles
            total[job.layer, "macs"] += number * job.macs
    return total


def assert_predicted(chosen, workload):
    program = compile_workload(chosen.parameters, chosen.encoding, workload)
    assert totals(predict(chosen.parameters, chosen.encoding, workload).items()) == totals(
        (segment, 1) for segment in program.segments)
    return program


def one(layer, images=1):
    inputs = np.zeros((images, *layer.input_shape), dtype=np.int64)
    return Workload(layer.name, "", (layer,), inputs, None)


@pytest.mark.parametrize("flow", FLOWS)
def test_random_layers_in_memories_that_hold_parts_of_them(flow):
    chosen, draw, cut = core(flow, rows=3, columns=2, **TINY), random.Random(1), 0
    for _ in range(40):
        try:
            program = assert_predicted(chosen, one(random_layer(draw), draw.randint(1, 2)))
        except UserError:
            continue
        cut += len(program.segments) > 2
    assert cut > 10


@pytest.mark.parametrize("layer", [
    conv((9, 7, 5), 6, (3, 3), padding=(2, 1, 2, 1), strides=(2, 1)),
    conv((8, 8, 6), 6, (3, 3), padding=(1, 1, 1, 1), dilation=(2, 2)),
    conv((7, 7, 6), None, (3, 3), padding=(1, 1, 1, 1), depth_multiplier=3),
    # Blocks of input channels are cut as well as taps, the last ones being smaller.
    conv((3, 3, 37), 5, (2, 2)), conv((1, 2, 90), None, (1, 2), depth_multiplier=2),
    gemm(37, 41, 23), gemm(9, 50, 7, raw=True)], ids=lambda layer: layer.name)
@pytest.mark.parametrize("flow", FLOWS)
def test_tiles_at_every_edge(flow, layer):
    program = assert_predicted(core(flow, rows=4, columns=4, **TINY), one(layer))
    assert len(program.segments) > 4


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("name", NAMES)
def test_published_networks_in_small(name, flow):
    chosen = core(flow, rows=4, columns=4, activation_words=512, weight_words=512)
    program = compile_chains(chosen.parameters, chosen.encoding,
                             load_chains(name, 1, chosen.formats))
    predicted = [item for chain in load_chains(name, None, chosen.formats)
                 for item in predict(chosen.parameters, chosen.encoding, chain).items()]
    assert totals(predicted) == totals((segment, 1) for segment in program.segments)


def test_full_size_networks_are_predicted_by_their_shapes():
    chosen = core(rows=16, columns=16, activation_words=8192, weight_words=4096,
                  accumulator_words=4096)
    for name, most in (("vgg16", 16e9), ("alexnet", 0.7e9)):
        found = totals(item for chain in load_chains(name, None, chosen.formats)
                       for item in predict(chosen.parameters, chosen.encoding, chain).items())
        macs = sum(count for key, count in found.items() if key[-1] == "macs")
        assert macs / 256 < found["cycles"] < most / 128


def test_a_layer_that_fits_no_memory():
    chosen = core("output_stationary", weight_words=8)
    saturating = replace(chosen.parameters, engine=replace(
        chosen.parameters.engine, overflow=Overflow.SATURATE))
    with pytest.raises(UserError, match=r"^gemm: does not fit memories.weight_words: 8, the "
                       r"smallest tiles lack 12 words \(48 bytes\); use a deeper memory$"):
        predict(saturating, chosen.encoding, one(gemm(2, 20, 4)))


def test_chains_become_one_program():
    chosen = core()
    chains = load_chains("alexnet@16", 1, chosen.formats)
    program = compile_chains(chosen.parameters, chosen.encoding, chains)
    given = input_tensors(chains)
    assert set(given) == {f"{chain.name}.input@0" for chain in chains}
    assert given.keys() <= program.tensors.keys()
    for name, values in given.items():
        assert program.tensors[name] == values.shape
    read = {load.tensor for segment in program.segments for load in segment.loads if load.tensor}
    stored = {store.tensor for segment in program.segments for store in segment.stores}
    assert read - stored == set(given)
    assert stored == {f"{layer.name}@0" for chain in chains for layer in chain.layers}
