"""The compiler: a workload becomes a program for one generated core."""

from dataclasses import replace

from generators.derive import Overflow
from generators.errors import UserError

from .converters import with_converters
from .fit import fitted
from .mapping import tile_cycles
from .program import Full, Program, Transfer
from .schedules import SCHEDULES, Bases
from .segment import SegmentBuilder
from .tile import Placement, whole_tile
from .tiling import tiles_of

__all__ = ["check_workload", "choose_dataflow", "compile_workload", "needs_whole_sums",
           "resident_group", "run_tile"]


def compile_workload(core, encoding, workload, *, dataflow=None, keep=False, converters=None):
    """Compile every layer for every image.

    As many consecutive layers as the memories hold run from one start, each layer's output being
    the next one's input in place. A layer that does not fit is cut into tiles between which the
    host moves data.

    Parameters
    ----------
    core: CoreParameters
    encoding: dict
        The manifest's ``program`` entry: fields, nests and latencies.
    workload: Workload
    dataflow: Dataflow or None
        For cores with several: None takes the fastest one for each layer. A layer that the
        dataflow cannot run takes one of the others.
    keep: bool
        Read back every layer's output, not only what later segments or the user need.
    converters: dict of str to Converter, or None
        Settings of an analog engine's converters by layer, see `compiler.converters`; a layer
        that is not named gets the finest setting that never clips.

    Returns
    -------
    Program

    Raises
    ------
    UserError
        If a layer cannot be cut small enough, or the core lacks the dataflow or the converters.
    """
    check_workload(core, workload, dataflow)
    shapes = {"input": tuple(workload.layers[0].input_shape)}
    shapes |= {layer.name: tuple(layer.output_shape) for layer in workload.layers}
    workload = fitted(with_converters(workload, core.engine, converters), core)
    flows = [choose_dataflow(layer, core, encoding, dataflow) for layer in workload.layers]
    segments, start = [], 0
    while start < len(workload.layers):
        group, end = resident_group(workload, flows, start, core, encoding, keep)
        if group:
            segments += _each_image(group, workload.images)
        else:
            end = start + 1
            layer = workload.layers[start]
            parts = _tiled_layer(layer, _source(workload, start), flows[start], core, encoding)
            for image in range(workload.images):
                segments += [_for_image(segment, image) for segment in parts]
        start = end
    return Program(name=workload.name, segments=tuple(segments),
                   tensors={f"{name}@{image}": shape for name, shape in shapes.items()
                            for image in range(workload.images)})


def check_workload(core, workload, dataflow):
    problems = []
    if dataflow and dataflow not in core.dataflows:
        choices = ", ".join(flow.value for flow in core.dataflows)
        problems.append(f"dataflow: {dataflow.value} is not one of this core's; use {choices}")
    for layer in workload.layers[:-1]:
        if layer.raw:
            problems.append(f"{layer.name}: raw accumulators cannot be a next layer's input; give "
                            "it a requantization")
    problems += [problem for layer in workload.layers if (problem := _overflow(layer, core.engine))]
    if problems:
        raise UserError(problems)


def _overflow(layer, engine):
    """A sentence if the layer's sums can exceed accumulators that promise to hold them."""
    if engine.overflow is not Overflow.ERROR or layer.pools:
        return None
    needed = engine.sum_format(layer.reduction)
    if needed.bits <= engine.accumulator.bits:
        return None
    return (f"{layer.name}: {layer.reduction} products of {engine.inputs} x {engine.weights} need "
            f"{needed} and can overflow precision.accumulator: {engine.accumulator}; widen it, or "
            "choose precision.overflow: saturate or wrap")


def choose_dataflow(layer, core, encoding, dataflow):
    """The dataflow with the fewest cycles for a layer that the memories would hold whole."""
    flows = [flow for flow in core.dataflows if SCHEDULES[flow].runs(layer, core)]
    if dataflow in flows:
        return dataflow
    if len(flows) == 1:
        return flows[0]
    tile = whole_tile(layer, core.input_lanes)
    into, out = (Placement(0, *_whole_box(shape), core.word_lanes)
                 for shape in (layer.input_shape, layer.output_shape))
    bases = Bases(into, out, 0, 0, 0)
    return min(flows, key=lambda flow: tile_cycles(tile, flow, core, encoding, bases))


def _source(workload, index):
    return workload.layers[index - 1].name if index else "input"


def _whole_box(shape):
    return (0, 0, shape.height, shape.width, 0, shape.channels)


def resident_group(workload, flows, start, core, encoding, keep):
    """The longest run of layers from ``start`` that fits: (segment, end), or (None, start)."""
    best, end = None, start
    for last in range(start + 1, len(workload.layers) + 1):
        try:
            best = _resident(workload, flows, start, last, core, encoding, keep)
        except Full:
            break
        end = last
    return best, end


def _resident(workload, flows, start, end, core, encoding, keep):
    builder = SegmentBuilder(core, encoding)
    first = workload.layers[start]
    inputs = builder.place(0, _whole_box(first.input_shape))
    builder.loads.append(Transfer("activations", inputs.base, inputs.places(first.input_shape),
                                  _source(workload, start)))
    stores, half = [], 0
    for layer, flow in zip(workload.layers[start:end], flows[start:end], strict=True):
        half = 1 - half
        inputs = inputs.seen_as(layer.input_shape)
        outputs = None
        if not layer.raw:
            if not keep:
                builder.halves[half] = 0       # nobody reads what was there any more
            outputs = builder.place(half, _whole_box(layer.output_shape))
        places = builder.run(whole_tile(layer, core.input_lanes), flow, inputs, outputs)
        if keep or layer is workload.layers[end - 1]:
            stores += _stores(layer, flow, core, outputs, places)
        inputs = outputs
    return builder.finish(stores)


def _stores(layer, flow, core, outputs, places):
    """Where the host finds what a tile has computed."""
    if layer.raw:
        return [Transfer("accumulators", word, SCHEDULES[flow].sum_places(tile, core), layer.name)
                for tile, word in places]
    return [Transfer("activations", outputs.base, outputs.places(layer.output_shape), layer.name)]


def _tiled_layer(layer, source, flow, core, encoding):
    """Segments of a layer that does not fit: its tiles one by one."""

    def build(tile):
        builder, inputs, outputs, places = run_tile(tile, flow, core, encoding)
        builder.loads.append(Transfer("activations", inputs.base,
                                      inputs.places(layer.input_shape), source))
        stores = _stores(layer, flow, core, outputs, places) if tile.complete else ()
        return builder.finish(stores)

    return [build(tile) for tile in tiles_of(layer, core, build,
                                             whole_sums=needs_whole_sums(layer, flow, core))]


def run_tile(tile, flow, core, encoding):
    """A segment of one tile: its builder, where inputs and outputs lie, and raw sums."""
    builder = SegmentBuilder(core, encoding)
    rows, columns, channels = tile.input_rows(), tile.input_columns(), tile.input_channels
    inputs = builder.place(0, (rows.start, columns.start, len(rows), len(columns),
                               channels.start, len(channels)))
    outputs = None
    if tile.to_post:
        outputs = builder.place(1, (tile.y, tile.x, tile.height, tile.width, tile.channel,
                                    tile.channels))
    return builder, inputs, outputs, builder.run(tile, flow, inputs, outputs)


def needs_whole_sums(layer, flow, core):
    """Whether sums in parts would be others: an array that saturates at each step starts at zero.
    """
    return (core.engine.geometry(flow).stationary == "outputs" and layer.kind != "max_pool2d"
            and core.engine.overflow is Overflow.SATURATE)


def _each_image(segment, images):
    """The same segment for every image; what does not depend on the image is loaded once."""
    variable = tuple(load for load in segment.loads if load.tensor)
    again = replace(segment, loads=variable)
    return [_for_image(segment if image == 0 else again, image) for image in range(images)]


def _for_image(segment, image):
    def rename(transfers):
        return tuple(replace(transfer, tensor=f"{transfer.tensor}@{image}")
                     if transfer.tensor else transfer for transfer in transfers)

    return replace(segment, loads=rename(segment.loads), stores=rename(segment.stores),
                   image=image)
