"""Whole workloads, with every tensor between the layers kept."""

from dataclasses import dataclass

import numpy as np

from .layers import LayerResult, run_layer

__all__ = ["WorkloadResult", "run_workload"]


@dataclass(frozen=True, eq=False)
class WorkloadResult:
    """What each layer computes for each image.

    Parameters
    ----------
    layers: tuple of LayerResult
        In the order of the workload's layers; arrays are [images, height, width, channels].
    """

    layers: tuple[LayerResult, ...]

    @property
    def outputs(self):
        """The last layer's outputs."""
        return self.layers[-1].outputs

    @property
    def predictions(self):
        """The class of each image: the first of its largest outputs."""
        return self.outputs.reshape(len(self.outputs), -1).argmax(axis=1)

    def accuracy(self, labels):
        """The part of the images, 0 to 1, whose prediction is their label."""
        return np.count_nonzero(self.predictions == labels) / len(labels)


def run_workload(workload, accumulation):
    """Run every layer on what the one before it wrote.

    Parameters
    ----------
    workload: compiler.workload.Workload
        Layers and images.
    accumulation: Accumulation
        The core's accumulator.

    Returns
    -------
    WorkloadResult
    """
    tensors, results = workload.inputs, []
    for layer in workload.layers:
        results.append(run_layer(layer, tensors, accumulation))
        tensors = results[-1].outputs
    return WorkloadResult(tuple(results))
