"""The layer descriptor: what the program memory holds for each job, bit by bit."""

from dataclasses import dataclass

from amaranth import Shape
from amaranth.lib import data

from .accumulate import accumulate_config
from .families import family_of
from .parameters import CoreParameters, Dataflow, address_bits
from .post_processing import post_processing_config
from .streamer import streamer_config

__all__ = ["NEST_DIMS", "PROGRAM_WORD_BITS", "NestDims", "descriptor_fields", "descriptor_layout",
           "descriptor_words", "nest_dims"]

PROGRAM_WORD_BITS = 32


@dataclass(frozen=True)
class NestDims:
    """Loops of each nest of a core."""

    inputs: int
    weights: int
    accumulate: int
    post: int


# The loops that each dataflow walks, outermost first:
#   inputs      channels, kernel y and x, reduction block, then pixels (y, x), or for tiles of
#               pixels: pixel blocks (y, x) outside and the pixels of a block inside
#   weights     in the order of use; re-read for each block of pixels
#   accumulate  channels, reduction, pixels (in each dataflow's own order)
#   post        channels and output pixels
# Row-stationary: inputs are filters, block of output rows, kernel rows and columns, channels, then
# columns of pixels and in each its column group, row and channel group.
# Depthwise windows: inputs are channels, groups of kernel columns, output rows, then columns and
# the kernel's part of each.
NEST_DIMS = {
    Dataflow.WEIGHT_STATIONARY: NestDims(inputs=6, weights=2, accumulate=3, post=3),
    Dataflow.INPUT_STATIONARY: NestDims(inputs=7, weights=3, accumulate=3, post=5),
    Dataflow.OUTPUT_STATIONARY: NestDims(inputs=8, weights=3, accumulate=4, post=5),
    Dataflow.ROW_STATIONARY: NestDims(inputs=9, weights=4, accumulate=5, post=7),
    Dataflow.DEPTHWISE_WINDOW: NestDims(inputs=6, weights=2, accumulate=3, post=3),
}


def nest_dims(core):
    """`NestDims` of a core: the most that any of its dataflows needs."""
    dims = [NEST_DIMS[flow] for flow in core.dataflows]
    return NestDims(*(max(getattr(d, name) for d in dims)
                      for name in ("inputs", "weights", "accumulate", "post")))


def descriptor_layout(core: CoreParameters):
    """Layout of a descriptor: the configs of the units that a job uses, and ``last``.

    ``last`` ends the program with this job.
    """
    dims, engine = nest_dims(core), core.engine
    return data.StructLayout({
        "last": 1,
        "engine": family_of(engine).config(engine, core.post_cycles),
        "inputs": streamer_config(dims.inputs, core.bound_bits, core.activation_address,
                                  engine.inputs.shape, core.coordinate_bits,
                                  core.geometry.marks_tail),
        "weights": streamer_config(dims.weights, core.bound_bits, address_bits(core.weight_words),
                                   engine.weights.shape, 0),
        "accumulate": accumulate_config(dims.accumulate, core.bound_bits,
                                        address_bits(core.accumulator_words)),
        "post": post_processing_config(
            dims=dims.post, bound_bits=core.bound_bits, address_bits=core.activation_address,
            parameter_address_bits=address_bits(core.parameter_words),
            coordinate_bits=core.post_coordinate_bits, output=engine.inputs,
            output_words=core.output_words),
    })


def descriptor_words(core):
    """Program words of one descriptor."""
    return -(-descriptor_layout(core).size // PROGRAM_WORD_BITS)


def descriptor_fields(core):
    """Every number in a descriptor as (name, bit offset, width, signed).

    Names join the members with dots, ``inputs.bounds.0``; bit 0 is bit 0 of the first word.
    """
    return tuple(_flatten(descriptor_layout(core), "", 0))


def _flatten(layout, prefix, base):
    for key, field in layout:
        name, offset = f"{prefix}{key}", base + field.offset
        if isinstance(field.shape, data.Layout):
            yield from _flatten(field.shape, f"{name}.", offset)
        else:
            shape = Shape.cast(field.shape)
            yield name, offset, shape.width, shape.signed
