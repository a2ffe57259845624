"""Workloads by name: layers and networks of ``configs/workloads``, other files, a single GEMM."""

import re
from pathlib import Path

import numpy as np

from generators.documents import load_document
from generators.errors import UserError

from .layer import KINDS, POOLING, Formats, Layer, Requantization, TensorShape, Workload
from .layer_data import NetworkData, RandomData, ShapeData
from .layer_plan import plan
from .workload_file import EXTENT_LIMIT, InputEntry, LayerEntry, WorkloadFile

__all__ = ["KINDS", "POOLING", "WORKLOADS", "Formats", "Layer", "Requantization", "TensorShape",
           "Workload", "WorkloadFile", "load_chains", "load_workload", "workload_names",
           "workload_title"]

WORKLOADS = Path(__file__).resolve().parents[1] / "configs" / "workloads"


def workload_names():
    """The published workloads, by the name of their file."""
    return sorted(path.stem for path in WORKLOADS.glob("*.yaml"))


def workload_title(name_or_path):
    """The name of a workload, without its data."""
    return _document(str(name_or_path))[0].name


def load_workload(name_or_path, seed, formats, images=None):
    """A workload that is one chain, see `load_chains`."""
    [chain] = load_chains(name_or_path, seed, formats, images)
    return chain


def load_chains(name_or_path, seed, formats, images=None):
    """A workload with all its numbers, in the formats of a core, as chains of layers.

    Most workloads are one chain; each independent layer is a chain of its own, named as the layer.
    All layers have different names.

    Parameters
    ----------
    name_or_path: str or Path
        A name of `workload_names`, the path of a YAML file, or ``gemm:MxKxN``, whose results are
        raw accumulators; each may be followed by ``@n``, which sets its scale.
    seed: int or None
        Of the random data; a network has data of its own. None: shapes only, all numbers being
        zeros that take no memory.
    formats: Formats
        The core's formats and its multiplier width.
    images: int or None
        How many images; None leaves it to the file.

    Returns
    -------
    tuple of Workload

    Raises
    ------
    UserError
        With every problem of the file, or the first of a network's arrays.
    """
    if images is not None and images < 1:
        raise UserError([f"images: {images} is not positive; use 1 or more"])
    document, folder = _document(str(name_or_path))
    windows = plan(document, formats)
    data = _data(document, folder, seed, formats)
    count = images or document.images
    parts = list(zip(document.layers, windows, strict=True))
    if not document.independent:
        names = [entry.name for entry in document.layers]
        return (_chain(document.name, document.description, names, parts, data, count),)
    return tuple(_chain(name, document.description, [name], [part], data, count)
                 for part in parts for name in part[0].names)


def _data(document, folder, seed, formats):
    if document.network is not None:
        return NetworkData(folder / document.network, formats)
    return ShapeData(formats) if seed is None else RandomData(seed, formats)


def _chain(name, description, names, parts, data, images):
    """A chain of layers, given as entries and windows."""
    inputs, labels = data.images(images, parts[0][1])
    output_bits = [*(window.input_bits for _, window in parts[1:]), None]
    layers = tuple(_layer(name, entry, window, bits, data)
                   for name, (entry, window), bits in zip(names, parts, output_bits, strict=True))
    return Workload(name=name, description=description, layers=layers, inputs=inputs,
                    labels=labels)


def _layer(name, entry, window, output_bits, data):
    """A layer with its numbers."""
    input_range = data.range
    geometry = {name: getattr(window, name) for name in (
        "input_shape", "kernel", "strides", "dilation", "padding")}
    if entry.kind in POOLING:
        weights, bias, zero_point = None, np.zeros(window.channels, dtype=np.int64), 0
        requantization = data.pooling(entry, window)
    else:
        weights, bias, requantization, zero_point = data.layer(entry, window, output_bits)
    if any(window.padding):
        pad = data.formats.inputs.min if entry.kind == "max_pool2d" else zero_point
        input_range = min(pad, input_range[0]), max(pad, input_range[1])
    return Layer(name=name, kind=entry.kind, weights=weights, bias=bias,
                 requantization=requantization, input_zero_point=zero_point,
                 input_range=input_range, **geometry)


def _document(text):
    """The workload's file, and the folder that its data lie in."""
    if scaled := re.fullmatch(r"(.+)@([1-9][0-9]{0,4})", text):
        document, folder = _document(scaled[1])
        scale = int(scaled[2])
        return document.model_copy(update={
            "scale": scale, "name": f"{document.name}_scale{scale}"}), folder
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
