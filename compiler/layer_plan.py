"""Shapes of a chain of layers, checked before there is any data."""

import math
from dataclasses import dataclass

from generators.errors import UserError

from .layer import POOLING, TensorShape, output_extent
from .tile import ceil_div
from .workload_file import INDEPENDENT

__all__ = ["Window", "plan"]

TENSOR_LIMIT = 1 << 26  # numbers in one tensor: what a desktop computer's memory holds easily


@dataclass(frozen=True)
class Window:
    """How a layer's window slides, as in `Layer`, and what its tensors are like.

    ``weights_shape`` is None for pooling; ``input_bits`` is None where inputs have all bits of
    their format.
    """

    input_shape: TensorShape
    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[int, int, int, int]
    channels: int
    weights_shape: tuple[int, ...] | None
    input_bits: int | None

    @property
    def extents(self):
        return self.input_shape.height, self.input_shape.width

    @property
    def reach(self):
        """Pixels from the first tap to the last, both counted."""
        return tuple((kernel - 1) * dilation + 1
                     for kernel, dilation in zip(self.kernel, self.dilation, strict=True))

    @property
    def output_extents(self):
        top, left, bottom, right = self.padding
        return tuple(output_extent(*axis) for axis in zip(
            self.extents, self.kernel, self.strides, self.dilation, (top + bottom, left + right),
            strict=True))

    @property
    def all_inside(self):
        """Whether no window takes in any padding."""
        return all(before == 0 and (outputs - 1) * stride + reach <= extent
                   for before, outputs, stride, reach, extent in zip(
                       self.padding[:2], self.output_extents, self.strides, self.reach,
                       self.extents, strict=True))


def plan(document, formats):
    """The `Window` of each layer of a `WorkloadFile`, in the `Formats` of a core.

    Raises
    ------
    UserError
        With every problem up to the first layer that has no output.
    """
    if problems := list(_input_problems(document)):
        raise UserError(problems)
    shape = _shape(document.input, document.scale)
    windows, names = [], set()
    for index, (entry, bits) in enumerate(zip(
            document.layers, _input_bits(document), strict=True)):
        window = _window(entry, _shape(entry.input, document.scale) or shape, bits, document.scale)
        last = document.independent or index == len(document.layers) - 1
        problems += [f"layers[{index}].{problem}" for problem in (
            *_window_problems(entry, window), *_place_problems(entry, names, last),
            *_format_problems(entry, formats), *_network_problems(entry, document.network))]
        windows.append(window)
        names.update(entry.names)
        if min(window.output_extents) >= 1:
            shape = TensorShape(*window.output_extents, window.channels)
        elif not document.independent:
            break
    if problems:
        raise UserError(problems)
    return windows


def _shape(entry, scale):
    """The scaled shape of an input, or None where there is none."""
    return entry and TensorShape(*(ceil_div(size, scale) for size in (
        entry.height, entry.width, entry.channels)))


def _input_bits(document):
    """The bits that each layer's inputs may have, or None: pooling passes on what it reads."""
    result, after = [], None
    for entry in reversed(document.layers):
        passes = entry.kind in POOLING and not document.independent
        limits = [entry.input_bits, after if passes else None]
        after = min((bits for bits in limits if bits), default=None)
        result.append(after)
    return result[::-1]


def _window(entry, shape, input_bits, scale):
    geometry = entry.window(shape, scale)
    channels = ceil_div(entry.channels or 1, scale)
    if entry.kind in ("linear", "gemm"):
        weights_shape = (math.prod(geometry["kernel"]) * shape.channels, channels)
    elif entry.kind == "conv2d":
        weights_shape = (*entry.kernel, shape.channels, channels)
    elif entry.kind == "depthwise_conv2d":
        channels = shape.channels * entry.depth_multiplier
        weights_shape = (*entry.kernel, shape.channels, entry.depth_multiplier)
    else:
        channels, weights_shape = shape.channels, None
    return Window(input_shape=shape, channels=channels, weights_shape=weights_shape,
                  input_bits=input_bits, **geometry)


def _input_problems(document):
    if not document.independent:
        if document.input is None:
            yield "input: is missing; add the shape that the first layer reads"
        for index, entry in enumerate(document.layers):
            for key in (key for key in INDEPENDENT if key in entry.model_fields_set):
                yield (f"layers[{index}].{key}: has no meaning in a chain; remove it, or make all "
                       "layers independent")
    else:
        for key in (key for key in ("input", "network") if key in document.model_fields_set):
            yield f"{key}: has no meaning where layers are independent; remove it"
        for index, entry in enumerate(document.layers):
            if entry.input is None:
                yield f"layers[{index}].input: is missing; add it, as layers are independent"
    if document.network and document.scale > 1:
        yield "scale: has no meaning with a network, whose arrays decide the shapes; remove it"


def _window_problems(entry, window):
    reach = "x".join(map(str, window.reach))
    if min(window.output_extents) < 1:
        yield (f"kernel: reaches over {reach} pixels, the padded input of {window.input_shape} "
               "is smaller; use a smaller kernel or more padding")
        return
    if any(pixels >= window.reach[side % 2] for side, pixels in enumerate(window.padding)):
        yield (f"padding: {list(window.padding)} leaves windows with nothing but padding, since "
               f"the kernel reaches over {reach} pixels; use less padding")
    if entry.kind == "average_pool2d" and not window.all_inside:
        yield (f"padding: {list(window.padding)} makes averages of different numbers of pixels; "
               "use valid padding, or a kernel and strides that fill the input")
    sizes = {"input": window.input_shape.size, "weights": math.prod(window.weights_shape or ()),
             "output": math.prod(window.output_extents) * window.channels}
    for name, size in sizes.items():
        if size > TENSOR_LIMIT:
            yield (f"channels: {size} numbers of {name} are too many; use layers of at most "
                   f"{TENSOR_LIMIT}")


def _place_problems(entry, names, last):
    for name in entry.names:
        if name in names:
            yield f"name: {name!r} is the name of an earlier layer; choose another"
    if entry.raw and not last:
        yield "raw: no layer can read raw accumulators; remove it, or make this layer the last"


def _format_problems(entry, formats):
    inputs, weights = formats.inputs, formats.weights
    if entry.input_bits and entry.input_bits > inputs.bits:
        yield (f"input_bits: {entry.input_bits} is more than the bits of {inputs} inputs; "
               f"use 1 to {inputs.bits}")
    if entry.kind in POOLING and weights.max < 1:
        yield (f"kind: {entry.kind} multiplies by 1, which {weights} weights cannot be; use a core "
               f"with u{weights} or wider weights")


def _network_problems(entry, network):
    if network:
        for key in sorted({"activation", "raw", "input_bits"} & entry.model_fields_set):
            yield f"{key}: has no meaning with a network, whose arrays decide it; remove it"
