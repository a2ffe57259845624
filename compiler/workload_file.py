"""The schema of a workload file: what a user may write, checked before anything is built."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from .layer import KINDS, POOLING

__all__ = ["EXTENT_LIMIT", "INDEPENDENT", "InputEntry", "LayerEntry", "WorkloadFile"]

EXTENT_LIMIT = 65536
COPIES_LIMIT = 1024

# What independent layers have of their own; what a kind must be given and may be given besides.
INDEPENDENT = ("input", "copies")
MULTIPLYING = {"activation", "raw", "input_bits"}
SLIDING = {"strides", "padding"}
REQUIRED = {
    "linear": {"channels"}, "gemm": {"channels"}, "conv2d": {"channels", "kernel"},
    "depthwise_conv2d": {"kernel"}, "average_pool2d": {"kernel"}, "max_pool2d": {"kernel"},
}
OPTIONAL = {
    "linear": MULTIPLYING, "gemm": MULTIPLYING, "conv2d": MULTIPLYING | SLIDING | {"dilation"},
    "depthwise_conv2d": MULTIPLYING | SLIDING | {"dilation", "depth_multiplier"},
    "average_pool2d": SLIDING | {"input_bits"}, "max_pool2d": SLIDING | {"input_bits"},
}


def _is_list_of(value, length, low):
    return (isinstance(value, list) and len(value) == length
            and all(type(item) is int and low <= item <= EXTENT_LIMIT for item in value))


def _pair(value):
    if not _is_list_of(value, 2, 1):
        raise ValueError(f"{value!r} is not a pair; write [vertical, horizontal], each 1 or more")
    return tuple(value)


def _padding(value):
    if value in ("same", "valid"):
        return value
    if not _is_list_of(value, 4, 0):
        raise ValueError(f"{value!r} is not a padding; "
                         "write same, valid or [top, left, bottom, right]")
    return tuple(value)


def _version(value):
    if value != 1:
        raise ValueError(f"{value} is not a known version; use 1")
    return value


Whole = Annotated[int, Field(strict=True)]
Extent = Annotated[Whole, Field(ge=1, le=EXTENT_LIMIT)]
Pair = Annotated[Any, AfterValidator(_pair)]
Text = Annotated[str, Field(strict=True)]
Name = Annotated[Text, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class InputEntry(_Section):
    """Shape of an input; the rows of a gemm are pixels: height 1, width M."""

    height: Extent
    """Rows of pixels."""
    width: Extent
    """Pixels in a row."""
    channels: Extent
    """Numbers per pixel."""


class LayerEntry(_Section):
    """One layer; which keys apply depends on its kind."""

    name: Name
    """A name of its own, for reports and for the network's arrays."""
    kind: Literal[KINDS]
    """What the layer computes."""
    input: InputEntry | None = None
    """What the layer reads (independent layers only)."""
    copies: Annotated[Whole, Field(ge=1, le=COPIES_LIMIT)] = 1
    """So many layers, as groups of a convolution or heads of attention (independent ones only)."""
    channels: Extent | None = None
    """Output channels (linear, gemm, conv2d)."""
    depth_multiplier: Extent = 1
    """Output channels per input channel (depthwise_conv2d)."""
    kernel: Pair | None = None
    """Height and width of the window (convolutions and pooling)."""
    strides: Pair = (1, 1)
    """Vertical and horizontal step of the window."""
    dilation: Pair = (1, 1)
    """Vertical and horizontal distance of the window's taps (convolutions)."""
    padding: Annotated[Any, AfterValidator(_padding)] = "valid"
    """``valid`` (none), ``same`` (as TensorFlow), or [top, left, bottom, right] pixels."""
    activation: Literal["none", "relu"] = "none"
    """Narrows the range of random layers' outputs; a network's arrays hold its ranges."""
    raw: Annotated[bool, Field(strict=True)] = False
    """The results are the accumulators, without bias (last layer only)."""
    input_bits: Annotated[Whole, Field(ge=1, le=16)] | None = None
    """Its random inputs have only so many bits: fewer cycles on engines that are bit-serial."""

    @model_validator(mode="after")
    def _keys_apply(self):
        given = self.model_fields_set - {"name", "kind", *INDEPENDENT}
        required, optional = REQUIRED[self.kind], OPTIONAL[self.kind]
        if missing := sorted(required - given):
            raise ValueError(f"{self.kind} without {missing[0]}; add it")
        if unknown := sorted(given - required - optional):
            raise ValueError(f"{self.kind} has no {unknown[0]}; remove it")
        return self

    @property
    def names(self):
        """A name for each copy."""
        if self.copies == 1:
            return [self.name]
        return [f"{self.name}_{number}" for number in range(self.copies)]

    def window(self, shape, scale):
        """Kernel, strides, dilation and explicit padding on an input of ``shape``.

        Inputs that a scale has made smaller shrink the windows of pooling that exceed them.
        """
        kernel = self.kernel or {"linear": (shape.height, shape.width), "gemm": (1, 1)}[self.kind]
        if scale > 1 and self.kind in POOLING:
            kernel = min(kernel[0], shape.height), min(kernel[1], shape.width)
        return {"kernel": kernel, "strides": self.strides, "dilation": self.dilation,
                "padding": self._explicit_padding(shape, kernel)}

    def _explicit_padding(self, shape, window):
        """(top, left, bottom, right); ``same`` pads as TensorFlow does, an odd pixel last."""
        if self.padding == "valid":
            return 0, 0, 0, 0
        if self.padding != "same":
            return self.padding
        before, after = [], []
        for extent, kernel, stride, dilation in zip(
                (shape.height, shape.width), window, self.strides, self.dilation, strict=True):
            outputs = -(-extent // stride)
            reach = (outputs - 1) * stride + (kernel - 1) * dilation + 1
            total = max(reach - extent, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return *before, *after


class WorkloadFile(_Section):
    """A file of ``configs/workloads``: layers on random data, or a network."""

    version: Annotated[Whole, AfterValidator(_version)]
    """Version of this file format: 1."""
    name: Name
    """The workload's name in reports."""
    description: Text = ""
    """One line for people."""
    input: InputEntry | None = None
    """What the first layer reads; required unless layers are independent."""
    independent: Annotated[bool, Field(strict=True)] = False
    """Nothing flows between the layers: each reads an ``input`` of its own."""
    scale: Extent = 1
    """Divides all channels and the extents of all inputs, rounded up."""
    images: Extent = 1
    """How many images a run takes, unless it is told otherwise."""
    network: Annotated[Text, Field(pattern=r"^[\w.-]+\.npz$")] | None = None
    """An .npz beside this file with images and parameters; without it they are random."""
    layers: Annotated[list[LayerEntry], Field(min_length=1)]
    """In the order of execution, each reading what the one before it wrote, or independent."""
