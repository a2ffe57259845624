"""Depthwise jobs of a dot-product engine, and what it has to answer."""

import numpy as np

from tests.hw.dot_product.jobs import parameters_of
from tests.hw.systolic.jobs import WS, Job

__all__ = ["window_job", "window_parameters"]


def window_parameters(rows, columns, weight_rows=1, *formats, **options):
    return parameters_of(rows, columns, weight_rows, *formats, depthwise=True, **options)


def window_job(rng, parameters, kernel, stride, shape, tiles=3, *, interval=0, final=True,
               extremes=False):
    """A `Job` of tiles of one window each, which slides along the rows of an image.

    Parameters
    ----------
    kernel: tuple of int
        Rows and columns; together no more than the array has rows.
    stride: int
        Along a row, less than the kernel's columns or equal; one from row to row.
    shape: tuple of int
        Rows and columns of the output.
    extremes: bool
        Operands are the largest and smallest of their formats.
    """
    height, width = shape
    image = (height + kernel[0] - 1, (width - 1) * stride + kernel[1])
    lanes = min(parameters.rows, parameters.columns)

    def numbers(number, size):
        if extremes:
            return rng.choice([number.min, number.max], size)
        return rng.integers(number.min, number.max + 1, size)

    inputs, weights, expected = [], [], []
    for number in range(tiles):
        pixels = numbers(parameters.inputs, (*image, parameters.rows))
        taps = numbers(parameters.weights, (*kernel, lanes))
        inputs += _beats(pixels, kernel, height, final=number % 2 if final is None else final)
        weights += _weight_beats(parameters, taps)
        for y in range(height):
            for x in range(width):
                window = pixels[y:y + kernel[0], x * stride:x * stride + kernel[1], :lanes]
                sums = np.sum(window * taps, axis=(0, 1))
                expected.append([int(total) for total in sums]
                                + [0] * (parameters.columns - lanes))
    config = {"interval": interval, "window": 1, "window_fill": kernel[0] * kernel[1] - 1,
              "window_step": stride * kernel[0] - 1}
    return Job(flow=WS, active_rows=parameters.rows, config=config, inputs=inputs,
               weights=weights, expected=expected)


def _beats(pixels, kernel, height, final):
    """Row by row of the output: columns of the image, and in each as many pixels as kernel rows."""
    beats = [{"lanes": [int(x) for x in pixels[y + tap, x]], "first": int(x == tap == 0),
              "last": 0, "final": int(final)}
             for y in range(height) for x in range(pixels.shape[1]) for tap in range(kernel[0])]
    beats[-1]["last"] = 1
    return beats


def _weight_beats(parameters, taps):
    """Row n holds what multiplies the n-th last pixel of a window; the last rows come first."""
    height, width, lanes = taps.shape
    rows = np.zeros((parameters.rows, parameters.columns), dtype=np.int64)
    rows[:height * width, :lanes] = taps.transpose(1, 0, 2).reshape(-1, lanes)[::-1]
    beats = rows.reshape(parameters.weight_beats, -1)[::-1]
    return [{"lanes": [int(w) for w in beat], "first": 0, "last": 0, "final": 0}
            for beat in beats]
