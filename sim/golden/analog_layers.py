"""Layers on an analog engine: tile by tile, since what is lost depends on what is added up at once.

A job's tiles follow each other in the order of the weight-stationary dataflow: tiles of output
channels, kernel rows, kernel columns, blocks of input channels; past each of them go all pixels.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from compiler.converters import Converter, converter_fields
from compiler.tile import Tile, per_channel, used_rows, whole_tile

from .analog import analog_product, input_digits
from .layers import Accumulation, finish, taps
from .network import WorkloadResult

__all__ = ["AnalogJob", "driven_ones", "jobs_of", "run_analog_layer", "run_analog_workload",
           "stationary_tiles", "whole_layer"]


@dataclass(frozen=True, eq=False)
class AnalogJob:
    """What a descriptor tells the engine, and which part of the layer it is about."""

    tile: Tile
    word_lines: int
    digits: int
    converter: Converter
    noise_seed: int

    @classmethod
    def of(cls, tile, fields):
        """From a tile and its job's descriptor fields."""
        return cls(tile, fields["engine.word_lines"] + 1, fields["engine.digits"] + 1,
                   Converter(fields["engine.adc_low"], fields["engine.adc_step"]),
                   fields.get("engine.noise_seed", 0))


def jobs_of(program, layer):
    """The `AnalogJob` list of a layer for one image; all images have the same."""
    return [AnalogJob.of(job.mapping.tile, job.fields) for segment in program.segments
            if segment.image == 0 for job in segment.jobs if job.layer == layer.name]


def whole_layer(layer, engine):
    """The `AnalogJob` list of a layer on a core whose memories hold all of it."""
    tile = whole_tile(layer, engine.rows)
    used, tail = used_rows(tile, engine.geometry(engine.dataflows[0]))
    choices = engine.choices(used, tail, layer.input_bits(engine.inputs))
    fields = {f"engine.{name}": value for name, value in choices.items()}
    return [AnalogJob.of(tile, fields | converter_fields(tile, engine))]


def run_analog_layer(layer, inputs, accumulation, engine, jobs):
    """The `LayerResult` of a layer on ``inputs`` [images, height, width, channels].

    Every image sees the same noise: it belongs to the conversions of a job.

    Parameters
    ----------
    layer: Layer
    inputs: numpy.ndarray
    accumulation: Accumulation
    engine: AnalogCimParameters
    jobs: sequence of AnalogJob
        In the order of their execution.
    """
    maximum = layer.kind == "max_pool2d"
    start = np.iinfo(np.int64).min if maximum else 0
    totals = np.full((len(inputs), *layer.output_shape), start, dtype=np.int64)
    for job in jobs:
        tile = job.tile
        area = totals[:, tile.y:tile.y + tile.height, tile.x:tile.x + tile.width]
        conversions = (job.digits * ceil(job.word_lines / engine.rows_active)
                       * engine.columns_per_adc * tile.pixels)
        for number, (channels, x, w) in enumerate(stationary_tiles(job, inputs, engine)):
            products = analog_product(
                x, w, engine, job.converter, digits=job.digits, noise_seed=job.noise_seed,
                bank=number % engine.banks, first=number * conversions)
            sums = area[..., channels]
            products = products.reshape(sums.shape)
            if maximum:
                sums[...] = accumulation.cut(np.maximum(sums, products))
            elif accumulation.overflow == "saturate":
                sums[...] = accumulation.cut(sums + products)
            else:
                sums += products
    return finish(layer, accumulation.cut(totals))


def run_analog_workload(workload, engine):
    """`WorkloadResult` of a core that is large enough for each layer as a whole.

    Layers carry their settings, see `compiler.converters.with_converters`.
    """
    accumulation = Accumulation(engine.accumulator.bits, engine.overflow.value)
    tensors, results = workload.inputs, []
    for layer in workload.layers:
        results.append(run_analog_layer(layer, tensors, accumulation, engine,
                                        whole_layer(layer, engine)))
        tensors = results[-1].outputs
    return WorkloadResult(tuple(results))


def driven_ones(layer, inputs, engine, program):
    """Bits that are 1 on the word lines in all of a layer's steps, for inputs of all images.

    Rows without an input channel count with inputs of zero.
    """
    ones = np.array([number.bit_count() for number in range(1 << engine.dac_bits)])
    return sum(int(ones[input_digits(x.reshape(-1, len(w)), engine, job.digits)].sum())
               for job in jobs_of(program, layer)
               for _, x, w in stationary_tiles(job, inputs, engine))


def stationary_tiles(job, inputs, engine):
    """Of each stationary tile of a job: output channels, vectors and weights.

    Vectors are [images, pixels, word lines], weights [word lines, channels].
    """
    tile, layer = job.tile, job.tile.layer
    pad = engine.inputs.min if layer.kind == "max_pool2d" else layer.input_zero_point
    windows = {(ky, kx): tap for ky, kx, tap in taps(layer, inputs, pad)}
    for channels, block, ky, kx, weights in _tiles(tile, engine):
        window = windows[ky, kx][:, tile.y:tile.y + tile.height, tile.x:tile.x + tile.width, block]
        # Rows without an input channel have weights of 0, whatever they are given.
        x = np.zeros((*window.shape[:3], job.word_lines), dtype=np.int64)
        x[..., :window.shape[3]] = window
        w = np.zeros((job.word_lines, weights.shape[1]), dtype=np.int64)
        w[:len(weights)] = weights
        yield channels, x.reshape(len(x), tile.pixels, -1), w


def _tiles(tile, engine):
    """Of each stationary tile: output and input channels, place in the kernel, weights."""
    layer = tile.layer
    for start in range(tile.channel, tile.channel + tile.channels, engine.columns):
        channels = slice(start, min(start + engine.columns, tile.channel + tile.channels))
        inputs = ([channels] if per_channel(layer) else
                  [slice(block * engine.rows, (block + 1) * engine.rows) for block in tile.blocks])
        for ky in tile.kernel_y:
            for kx in tile.kernel_x:
                weights = _tap_weights(layer, ky, kx)
                for block in inputs:
                    yield channels, block, ky, kx, weights[block, channels]


def _tap_weights(layer, ky, kx):
    """[input channels, output channels] of one place in the kernel."""
    if layer.pools:
        return np.eye(layer.input_shape.channels, dtype=np.int64)
    weights = layer.kernel_weights[ky, kx]
    if layer.kind != "depthwise_conv2d":
        return weights
    channels, multiplier = weights.shape
    dense = np.zeros((channels, channels, multiplier), dtype=np.int64)
    dense[np.arange(channels), np.arange(channels)] = weights
    return dense.reshape(channels, -1)
