"""Layers as a core sees them best."""

from dataclasses import replace

from .layer import TensorShape

__all__ = ["fitted"]


def fitted(workload, core):
    """The workload with linear layers as one pixel that has all of their inputs as channels.

    Pixels follow each other without a gap where their channels fill whole words. The array then
    sees as many inputs at once as it has rows, and not only those of one pixel. Results are the
    same, but for what depends on how many products are added up at once.
    """
    return replace(workload, layers=tuple(_fitted(layer, core) for layer in workload.layers))


def _fitted(layer, core):
    shape = layer.input_shape
    if layer.kind != "linear" or shape.channels % core.word_lanes:
        return layer
    return replace(layer, input_shape=TensorShape(1, 1, shape.size), kernel=(1, 1))
