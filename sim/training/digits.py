"""Trains the ``digits`` workload and writes its .npz: ``python -m sim.training.digits``.

The data are scikit-learn's 1,797 handwritten digits of 8x8 pixels, a quarter of which is held
out. The network is quantized after training as LiteRT does it: int8 activations with a zero
point and one scale per tensor, symmetric int8 weights with one scale per output channel, biases
of int32, and a 32-bit multiplier with a shift in place of the quotient of scales.
"""

import os
import tempfile

import numpy as np
from sklearn.datasets import load_digits

from compiler.quantization import quantize_multipliers
from compiler.workload import WORKLOADS, Formats, load_workload
from hw.formats import NumberFormat
from sim.golden import Accumulation, run_workload

from .network import Adam, Convolution, forward, train_step

__all__ = ["main"]

SEED = 20
EPOCHS = 60
BATCH = 32
RATE = 3e-3


def load_split():
    """Images [n, 8, 8, 1] from 0 to 1, and labels: training, then held out."""
    pixels, labels = load_digits(return_X_y=True)
    images = pixels.reshape(-1, 8, 8, 1) / 16
    order = np.random.default_rng(SEED).permutation(len(images))
    held_out = len(images) // 4
    train, test = order[held_out:], order[:held_out]
    return (images[train], labels[train]), (images[test], labels[test])


def train(images, labels):
    """The trained layers by name."""
    random = np.random.default_rng(SEED)
    layers = {
        "conv1": Convolution(random, extent=8, inputs=1, outputs=8, kernel=3, stride=1,
                             padded=True, relu=True),
        "conv2": Convolution(random, extent=8, inputs=8, outputs=16, kernel=3, stride=2,
                             padded=True, relu=True),
        "classes": Convolution(random, extent=4, inputs=16, outputs=10, kernel=4, stride=1,
                               padded=False, relu=False),
    }
    chain = list(layers.values())
    optimizer = Adam([array for layer in chain for array in (layer.weights, layer.bias)])
    for epoch in range(EPOCHS):
        rate = RATE * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2
        order = random.permutation(len(images))
        for start in range(0, len(order), BATCH):
            batch = order[start:start + BATCH]
            train_step(chain, optimizer, images[batch], labels[batch], rate)
    return layers


def activation_scale(tensor):
    """Scale and zero point of int8 that span the tensor's range and represent zero exactly."""
    low, high = min(tensor.min(), 0), max(tensor.max(), 0)
    scale = (high - low) / 255
    return scale, int(np.clip(np.rint(-128 - low / scale), -128, 127))


def quantize(layers, calibration):
    """The arrays of the network's .npz (see `compiler.layer_data.NetworkData`), and the scale
    and zero point of its images.
    """
    tensor, arrays = calibration, {}
    image_scale = scale, zero_point = activation_scale(calibration)
    for name, layer in layers.items():
        tensor = layer.forward(tensor)
        output_scale, output_zero_point = activation_scale(tensor)
        weight_scale = np.abs(layer.weights).max(axis=(0, 1, 2)) / 127
        weights = np.rint(layer.weights / weight_scale)
        multiplier, shift = quantize_multipliers(scale * weight_scale / output_scale, 32)
        if name == "classes":
            weights = weights.reshape(-1, weights.shape[-1])
        arrays |= {
            f"{name}.weights": weights.astype(np.int8),
            f"{name}.bias": np.rint(layer.bias / (scale * weight_scale)).astype(np.int32),
            f"{name}.multiplier": multiplier.astype(np.int32),
            f"{name}.shift": shift.astype(np.int8),
            f"{name}.zero_points": np.array([zero_point, output_zero_point], dtype=np.int8),
            f"{name}.clamp": np.array([output_zero_point if layer.relu else -128, 127],
                                      dtype=np.int8),
        }
        scale, zero_point = output_scale, output_zero_point
    return arrays, image_scale


def write(path, arrays):
    """Write an .npz in one move."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez_compressed(file, **arrays)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def main():
    """Train, quantize, write, and print the accuracy on the held-out digits."""
    (images, labels), (test_images, test_labels) = load_split()
    layers = train(images, labels)
    arrays, (scale, zero_point) = quantize(layers, images)
    pixels = np.clip(np.rint(test_images / scale) + zero_point, -128, 127)
    arrays |= {"inputs": pixels.astype(np.int8), "labels": test_labels.astype(np.int8)}
    write(WORKLOADS / "digits.npz", arrays)

    outputs = forward(layers.values(), test_images).reshape(len(test_labels), -1)
    int8 = NumberFormat.parse("int8")
    workload = load_workload("digits", 0, Formats(int8, int8, 32), images=len(test_labels))
    result = run_workload(workload, Accumulation())
    print(f"held-out digits: {len(test_labels)}")
    print(f"float accuracy:  {np.mean(outputs.argmax(axis=1) == test_labels):.2%}")
    print(f"int8 accuracy:   {result.accuracy(workload.labels):.2%}")


if __name__ == "__main__":
    main()
