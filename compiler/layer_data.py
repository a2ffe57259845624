"""Where the numbers of a workload come from: a seed, the .npz of a network, or nowhere."""

import math
import zipfile
from dataclasses import replace

import numpy as np

from generators.errors import UserError

from .layer import Requantization
from .quantization import average_multiplier, quantize_multipliers

__all__ = ["NetworkData", "RandomData", "ShapeData"]

INT32 = np.iinfo(np.int32)


def weight_matrix(kind, weights):
    """Weights as [terms of a sum, output channels]."""
    if kind == "depthwise_conv2d":
        return weights.reshape(math.prod(weights.shape[:2]), -1)
    return weights.reshape(-1, weights.shape[-1])


class LayerData:
    """What both sources share: pooling has no numbers of its own.

    ``range`` has the least and the largest number that the next layer can read.
    """

    def __init__(self, formats):
        self.formats = formats
        self.range = self.range_of(None)

    def range_of(self, bits):
        """The least and the largest number of ``bits``, or None: of the input format."""
        inputs = self.formats.inputs
        numbers = replace(inputs, bits=bits or inputs.bits)
        return numbers.min, numbers.max

    def pooling(self, entry, window):
        """Division by the number of pixels (of a maximum: by one), without other changes."""
        inputs, bits = self.formats.inputs, self.formats.multiplier_bits
        count = math.prod(window.kernel) if entry.kind == "average_pool2d" else 1
        try:
            multiplier, shift = average_multiplier(count, bits, inputs)
        except UserError as error:
            raise UserError([f"{entry.name}: {message}" for message in error.messages]) from None
        return Requantization(
            multiplier=np.full(window.channels, multiplier, dtype=np.int64),
            shift=np.full(window.channels, shift, dtype=np.int64), multiplier_bits=bits,
            output_zero_point=0, clamp_min=self.range[0], clamp_max=self.range[1])


class ShapeData(LayerData):
    """Zeros that take no memory, where only shapes count; ranges are those of random data."""

    def images(self, count, window):
        """As many images as wanted, and no labels."""
        self.range = self.range_of(window.input_bits)
        return np.broadcast_to(np.int64(0), (count, *window.input_shape)), None

    def layer(self, entry, window, output_bits):
        """Weights, bias, requantization and input zero point of a layer."""
        zero_point, (low, high) = self.range[0], self.range_of(output_bits)
        weights = np.broadcast_to(np.int64(0), window.weights_shape)
        zeros = np.broadcast_to(np.int64(0), window.channels)
        self.range = low, high
        return weights, zeros, None if entry.raw else Requantization(
            multiplier=zeros, shift=zeros, multiplier_bits=self.formats.multiplier_bits,
            output_zero_point=low, clamp_min=low, clamp_max=high), zero_point


class RandomData(LayerData):
    """Random numbers from one seed, drawn in the order of the layers.

    Weights and images take every value of their formats, or of fewer bits where the next layer's
    inputs have fewer. Biases and multipliers are calibrated so that the outputs spread over that
    range: a sample of pixels goes through the layers, each window being filled with pixels picked
    at random.
    """

    SAMPLES = 64

    def __init__(self, seed, formats):
        super().__init__(formats)
        self.random = np.random.default_rng(seed)
        self.zero_point = None
        self.sample = None  # [samples, channels] of the next layer's input

    def _begin_tensor(self, bits):
        """Range and zero point of a tensor whose numbers have ``bits``, or all of the format's."""
        self.range = low, high = self.range_of(bits)
        # From the middle half: on either side of zero is something to represent. Of two numbers,
        # the smaller one.
        quarter = max(1, (high - low) // 4)
        first = min(low + quarter, high - quarter)
        self.zero_point = int(self.random.integers(first, high - quarter, endpoint=True))

    def _draw(self, low, high, shape):
        return self.random.integers(low, high, size=shape, dtype=np.int64, endpoint=True)

    def _windows(self, pixels):
        """Sampled windows [samples, pixels, channels]."""
        return self.sample[self.random.integers(self.SAMPLES, size=(self.SAMPLES, pixels))]

    def images(self, count, window):
        """Images [count, height, width, channels] for the first layer, and no labels."""
        shape = window.input_shape
        self._begin_tensor(window.input_bits)
        self.sample = self._draw(*self.range, (self.SAMPLES, shape.channels)).astype(float)
        return self._draw(*self.range, (count, *shape)), None

    def pooling(self, entry, window):
        pool = np.mean if entry.kind == "average_pool2d" else np.max
        self.sample = np.rint(pool(self._windows(math.prod(window.kernel)), axis=1))
        return super().pooling(entry, window)

    def layer(self, entry, window, output_bits):
        """Weights, bias, requantization and input zero point of a layer."""
        values, zero_point = self.formats.weights, self.zero_point
        weights = self._draw(values.min, values.max, window.weights_shape)
        terms = weight_matrix(entry.kind, weights)
        channels = terms.shape[1]
        if entry.raw:
            return weights, np.zeros(channels, dtype=np.int64), None, zero_point

        windows = self._windows(math.prod(window.kernel))
        if entry.kind == "depthwise_conv2d":
            sums = np.repeat(windows, entry.depth_multiplier, axis=2)
            sums = (sums * terms).sum(axis=1)
        else:
            sums = windows.reshape(self.SAMPLES, -1) @ terms.astype(float)
        # The extent of the next tensor's range; where it has two numbers, both must occur.
        extent = max((1 << (output_bits or self.formats.inputs.bits)) - 1, 3)
        factor = (self.random.uniform(0.15, 0.35, channels) * extent
                  / np.maximum(sums.std(axis=0), 1))
        offset = self.random.normal(0, 0.1, channels) * sums.std(axis=0) - sums.mean(axis=0)
        bias = np.rint(offset + zero_point * terms.sum(axis=0))
        multiplier, shift = quantize_multipliers(factor, self.formats.multiplier_bits)
        self._begin_tensor(output_bits)
        if entry.activation == "relu":
            self.range = self.zero_point, self.range[1]
        self.sample = np.clip(np.rint((sums + offset) * factor + self.zero_point), *self.range)
        return weights, np.clip(bias, INT32.min, INT32.max).astype(np.int64), Requantization(
            multiplier=multiplier, shift=shift, multiplier_bits=self.formats.multiplier_bits,
            output_zero_point=self.zero_point, clamp_min=self.range[0],
            clamp_max=self.range[1]), zero_point


class NetworkData(LayerData):
    """Images and parameters of a quantized network.

    The .npz holds ``inputs`` [images, height, width, channels] and ``labels`` [images], and for
    each layer with weights ``<layer>.weights``, ``.bias`` (int32), ``.multiplier`` (32 bits) and
    ``.shift`` per output channel, ``.zero_points`` (of input, output) and ``.clamp`` (min, max).
    """

    def __init__(self, path, formats):
        super().__init__(formats)
        self.path = path
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                self.arrays = {name: arrays[name].astype(np.int64, casting="safe")
                               for name in arrays.files}
        except (OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise UserError([f"{path}: is not an .npz of integers ({error}); "
                             "write it again with its training script"]) from error

    def array(self, name, shape, low, high, what):
        """The array ``name``, which must have ``shape`` and fit ``what``, low to high."""
        if name not in self.arrays:
            raise UserError([f"{self.path}: {name} is missing; add this array"])
        array = self.arrays[name]
        if array.shape != tuple(shape):
            raise UserError([f"{self.path}: {name} has shape {array.shape}, the workload "
                             f"needs {tuple(shape)}; mend one of the two"])
        if array.size and not (low <= array.min() and array.max() <= high):
            raise UserError([f"{self.path}: {name} has values from {array.min()} to {array.max()}, "
                             f"which do not fit {what}; use a core with a wider format"])
        return array

    def activations(self, name, shape):
        inputs = self.formats.inputs
        return self.array(name, shape, inputs.min, inputs.max, f"{inputs} inputs")

    def images(self, count, window):
        """The first ``count`` images and their labels."""
        held = len(self.arrays.get("inputs", ()))
        if count > held:
            raise UserError([f"{self.path}: {count} images wanted, {held} are there; ask for less"])
        images = self.activations("inputs", (held, *window.input_shape))
        self.range = int(images.min()), int(images.max())
        labels = self.array("labels", (held,), 0, INT32.max, "int32 labels")
        return images[:count], labels[:count]

    def layer(self, entry, window, _output_bits):
        """Weights, bias, requantization and input zero point of a layer."""
        name, bits = entry.name, self.formats.multiplier_bits
        weight_format = self.formats.weights
        weights = self.array(f"{name}.weights", window.weights_shape, weight_format.min,
                             weight_format.max, f"{weight_format} weights")
        channels = (weight_matrix(entry.kind, weights).shape[1],)
        bias = self.array(f"{name}.bias", channels, INT32.min, INT32.max, "int32")
        multiplier = self.array(f"{name}.multiplier", channels, 0, INT32.max, "int32")
        shift = self.array(f"{name}.shift", channels, -31, 30, "-31 to 30")
        input_zero_point, output_zero_point = self.activations(f"{name}.zero_points", (2,))
        clamp_min, clamp_max = self.range = tuple(map(
            int, self.activations(f"{name}.clamp", (2,))))
        # Exact for 32 bits: a double holds the whole multiplier.
        multiplier, shift = quantize_multipliers(np.ldexp(multiplier, shift - 31), bits)
        return weights, bias, Requantization(
            multiplier=multiplier, shift=shift, multiplier_bits=bits,
            output_zero_point=int(output_zero_point), clamp_min=clamp_min,
            clamp_max=clamp_max), int(input_zero_point)
