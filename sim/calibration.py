"""Calibration: how the converters of an analog engine are set for each layer, from data."""

from math import ceil

import numpy as np

from compiler.converters import Converter
from sim.golden.analog import column_sums, input_digits, stored_slices, weight_slices
from sim.golden.analog_layers import stationary_tiles, whole_layer
from sim.golden.layers import Accumulation, run_layer

__all__ = ["best_converter", "calibrate", "sum_histogram"]

# At most so many values of each setting are tried at a time: over all of its range, then closer.
TRIALS = 48


def calibrate(workload, engine):
    """A `Converter` for each layer, by name: the best one for the workload's images.

    The images go through the exact network; what the columns of each layer add up to decides.
    The same arguments always give the same settings.

    Parameters
    ----------
    workload: Workload
        Give it other images than those whose accuracy is measured.
    engine: AnalogCimParameters
    """
    accumulation = Accumulation(engine.accumulator.bits, engine.overflow.value, engine.rows)
    tensors, converters = workload.inputs, {}
    for layer in workload.layers:
        tensors = tensors.reshape(len(tensors), *layer.input_shape)
        histogram = sum_histogram(layer, tensors, engine)
        converters[layer.name] = best_converter(histogram, engine.adc_bits)
        tensors = run_layer(layer, tensors, accumulation).outputs
    return converters


def sum_histogram(layer, inputs, engine):
    """How much each column sum, 0, 1, 2, ... counts in a layer.

    A sum counts as often as it is converted, times the square of what an error of 1 adds to the
    layer's result: the place of its digit and its slice.
    """
    [job] = whole_layer(layer, engine)
    weights = np.array([abs(weight) for _, _, weight in weight_slices(engine.weights,
                                                                      engine.cell_bits)])
    counts = np.zeros(engine.highest_sum + 1)
    for _, x, w in stationary_tiles(job, inputs, engine):
        cells = stored_slices(w, engine)
        significance = np.tile(weights, w.shape[1])
        for place, lines in enumerate(input_digits(x.reshape(-1, len(w)), engine, job.digits)):
            scale = 1 << (engine.dac_bits * (job.digits - 1 - place))
            for start in range(0, len(w), engine.rows_active):
                group = slice(start, start + engine.rows_active)
                sums = column_sums(lines[:, group], cells[group])
                counts += _counted(sums, significance * scale, len(counts))
    return counts


def _counted(sums, significance, size):
    """Counts of each sum, weighted by the squared significance of its column."""
    counts = np.zeros(size)
    for factor in np.unique(significance):
        found = np.bincount(sums[:, significance == factor].reshape(-1), minlength=size)
        counts += found * float(factor) ** 2
    return counts


def best_converter(histogram, adc_bits):
    """The `Converter` whose numbers differ least from the sums, in the mean square.

    Parameters
    ----------
    histogram: numpy.ndarray
        How much each sum, from 0 to the highest possible one, counts.
    adc_bits: int
    """
    [sums] = np.nonzero(histogram)
    if not len(sums):
        return Converter(0, 1)
    counts, top = histogram[sums], (1 << adc_bits) - 1
    lows = _spread(np.linspace, 0, int(sums[-1]))
    steps = _spread(np.geomspace, 1, max(1, ceil((len(histogram) - 1) / top)))
    for _ in range(2):
        _, step, low = min((_error(sums, counts, low, step, top), step, low)
                           for step in steps for low in lows)
        lows, steps = _around(lows, low), _around(steps, step)
    return Converter(low, step)


def _error(sums, counts, low, step, top):
    """Weighted squared error of converted sums."""
    codes = np.clip((2 * (sums - low) + step) // (2 * step), 0, top)
    return float(counts @ (sums - low - codes * step) ** 2)


def _spread(spacing, first, last):
    """Whole numbers from ``first`` to ``last``, both included: all of them, or `TRIALS`."""
    if last - first < TRIALS:
        return list(range(first, last + 1))
    return sorted({round(number) for number in spacing(first, last, TRIALS)})


def _around(numbers, chosen):
    """Whole numbers between the neighbours of the chosen one."""
    place = numbers.index(chosen)
    return _spread(np.linspace, numbers[max(0, place - 1)],
                   numbers[min(len(numbers) - 1, place + 1)])
