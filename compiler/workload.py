"""Workloads by name: layers and networks of ``configs/workloads``, other files, a single GEMM."""

import re
from pathlib import Path

import numpy as np

from generators.documents import load_document
from generators.errors import UserError

from .layer import KINDS, POOLING, Formats, Layer, Requantization, TensorShape, Workload
from .layer_data import NetworkData, RandomData
from .layer_plan import plan
from .workload_file import EXTENT_LIMIT, InputEntry, LayerEntry, WorkloadFile

__all__ = ["KINDS", "POOLING", "WORKLOADS", "Formats", "Layer", "Requantization", "TensorShape",
           "Workload", "WorkloadFile", "load_workload", "workload_names", "workload_title"]

WORKLOADS = Path(__file__).resolve().parents[1] / "configs" / "workloads"


def workload_names():
    """The published workloads, by the name of their file."""
    return sorted(path.stem for path in WORKLOADS.glob("*.yaml"))


def workload_title(name_or_path):
    """The name of a workload, without its data."""
    return _document(str(name_or_path))[0].name


def load_workload(name_or_path, seed, formats, images=None):
    """A workload with all its numbers, in the formats of a core.

    Parameters
    ----------
    name_or_path: str or Path
        A name of `workload_names`, the path of a YAML file, or ``gemm:MxKxN``, whose results are
        raw accumulators.
    seed: int
        Of the random data; a network has data of its own.
    formats: Formats
        The core's formats and its multiplier width.
    images: int or None
        How many images; None leaves it to the file.

    Returns
    -------
    Workload

    Raises
    ------
    UserError
        With every problem of the file, or the first of a network's arrays.
    """
    if images is not None and images < 1:
        raise UserError([f"images: {images} is not positive; use 1 or more"])
    document, folder = _document(str(name_or_path))
    windows = plan(document, formats)
    data = (RandomData(seed, formats) if document.network is None
            else NetworkData(folder / document.network, formats))
    inputs, labels = data.images(images or document.images, windows[0])
    output_bits = [*(window.input_bits for window in windows[1:]), None]
    layers = tuple(_layer(entry, window, bits, data) for entry, window, bits in zip(
        document.layers, windows, output_bits, strict=True))
    return Workload(name=document.name, description=document.description, layers=layers,
                    inputs=inputs, labels=labels)


def _layer(entry, window, output_bits, data):
    """A layer with its numbers."""
    input_range = data.range
    geometry = {name: getattr(window, name) for name in (
        "input_shape", "kernel", "strides", "dilation", "padding")}
    if entry.kind in POOLING:
        weights, bias, zero_point = None, np.zeros(window.channels, dtype=np.int64), 0
        requantization = data.pooling(entry, window.channels)
    else:
        weights, bias, requantization, zero_point = data.layer(entry, window, output_bits)
    if any(window.padding):
        pad = data.formats.inputs.min if entry.kind == "max_pool2d" else zero_point
        input_range = min(pad, input_range[0]), max(pad, input_range[1])
    return Layer(name=entry.name, kind=entry.kind, weights=weights, bias=bias,
                 requantization=requantization, input_zero_point=zero_point,
                 input_range=input_range, **geometry)


def _document(text):
    """The workload's file, and the folder that its data lie in."""
    if text.startswith("gemm:"):
        return _gemm(text), None
    path = _find(text)
    return load_document(path, WorkloadFile), path.parent


def _find(text):
    path = Path(text)
    if path.suffix in (".yaml", ".yml"):
        return path
    if text not in workload_names():
        raise UserError([f"{text}: no such workload; use {', '.join(workload_names())}, "
                         "gemm:MxKxN or the path of a .yaml file"])
    return WORKLOADS / f"{text}.yaml"


def _gemm(text):
    match = re.fullmatch(r"gemm:(\d{1,6})x(\d{1,6})x(\d{1,6})", text)
    if match is None or not all(1 <= int(size) <= EXTENT_LIMIT for size in match.groups()):
        raise UserError([f"{text}: is not a GEMM; write gemm:MxKxN with three sizes from 1 "
                         f"to {EXTENT_LIMIT}, as in gemm:64x64x64"])
    m, k, n = map(int, match.groups())
    layer = LayerEntry(name="gemm", kind="gemm", channels=n, raw=True)
    return WorkloadFile(version=1, name=f"gemm_{m}x{k}x{n}", layers=[layer],
                        description=f"Y[{m},{n}] = X[{m},{k}] W[{k},{n}], raw accumulators",
                        input=InputEntry(height=1, width=m, channels=k))
