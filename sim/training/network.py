"""A small convolutional network in plain numpy: forward, backward, and Adam.

Tensors are [images, height, width, channels], weights [kernel_h, kernel_w, in, out].
"""

import numpy as np

__all__ = ["Adam", "Convolution", "cross_entropy_gradient", "forward", "train_step"]


class Convolution:
    """A convolution with ``same`` padding, bias, and ReLU if wanted.

    Parameters
    ----------
    random: numpy.random.Generator
        Draws the weights, as He et al. (2015) propose for ReLU.
    extent: int
        Height and width of the input.
    inputs, outputs: int
        Channels.
    kernel, stride: int
        Of both directions. A kernel of the input's extent without padding is a linear layer.
    padded, relu: bool
        Whether to pad, and whether to cut negative results off.
    """

    def __init__(self, random, *, extent, inputs, outputs, kernel, stride, padded, relu):
        self.kernel, self.stride, self.relu = kernel, stride, relu
        self.extent = -(-extent // stride) if padded else (extent - kernel) // stride + 1
        total = max((self.extent - 1) * stride + kernel - extent, 0)
        self.border = (total // 2, total - total // 2)
        fan_in = kernel * kernel * inputs
        self.weights = random.normal(0, np.sqrt(2 / fan_in), (kernel, kernel, inputs, outputs))
        self.bias = np.zeros(outputs)

    def _slices(self, ky, kx):
        """The pixels of the padded input under one tap of all windows."""
        span = (self.extent - 1) * self.stride + 1
        return np.s_[:, ky:ky + span:self.stride, kx:kx + span:self.stride, :]

    def _taps(self):
        return [(ky, kx) for ky in range(self.kernel) for kx in range(self.kernel)]

    def forward(self, inputs):
        """Outputs; what the backward pass needs is kept."""
        padded = np.pad(inputs, [(0, 0), self.border, self.border, (0, 0)])
        self.padded_shape = padded.shape
        self.windows = np.concatenate([padded[self._slices(*tap)] for tap in self._taps()], axis=3)
        outputs = self.windows @ self.weights.reshape(-1, len(self.bias)) + self.bias
        self.outputs = np.maximum(outputs, 0) if self.relu else outputs
        return self.outputs

    def backward(self, gradient):
        """Gradients of weights, bias and inputs from the gradient of the outputs."""
        if self.relu:
            gradient = gradient * (self.outputs > 0)
        rows = gradient.reshape(-1, len(self.bias))
        weights = self.windows.reshape(len(rows), -1).T @ rows
        windows = gradient @ self.weights.reshape(-1, len(self.bias)).T
        inputs = np.zeros(self.padded_shape)
        for tap, part in zip(self._taps(), np.split(windows, len(self._taps()), axis=3),
                             strict=True):
            inputs[self._slices(*tap)] += part
        before, after = self.border
        inside = slice(before, inputs.shape[1] - after)
        return weights.reshape(self.weights.shape), rows.sum(axis=0), inputs[:, inside, inside]


def forward(layers, tensors):
    """The last layer's outputs."""
    for layer in layers:
        tensors = layer.forward(tensors)
    return tensors


def cross_entropy_gradient(outputs, labels):
    """Gradient of the mean cross entropy of softmax, for ``outputs`` [images, 1, 1, classes]."""
    exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    gradient = exponentials / exponentials.sum(axis=-1, keepdims=True)
    gradient[np.arange(len(labels)), 0, 0, labels] -= 1
    return gradient / len(labels)


class Adam:
    """Adam (Kingma and Ba, 2015) with its published constants, over a list of arrays."""

    def __init__(self, arrays):
        self.arrays = arrays
        self.mean = [np.zeros_like(array) for array in arrays]
        self.square = [np.zeros_like(array) for array in arrays]
        self.steps = 0

    def step(self, gradients, rate):
        """Move the arrays in place."""
        self.steps += 1
        for array, mean, square, gradient in zip(self.arrays, self.mean, self.square, gradients,
                                                 strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient ** 2 - square)
            array -= (rate * mean / (1 - 0.9 ** self.steps)
                      / (np.sqrt(square / (1 - 0.999 ** self.steps)) + 1e-8))


def train_step(layers, optimizer, images, labels, rate):
    """One step on a batch."""
    gradient = cross_entropy_gradient(forward(layers, images), labels)
    gradients = []
    for layer in reversed(layers):
        weights, bias, gradient = layer.backward(gradient)
        gradients = [weights, bias, *gradients]
    optimizer.step(gradients, rate)
