"""What a workload costs on a core, without its data and without a program for every tile."""

from collections import Counter

from .compile import _check, _choose, _needs_whole_sums, _resident_group
from .fit import fitted
from .segment import SegmentBuilder
from .tiling import tile_shapes_of

__all__ = ["predict"]


def predict(core, encoding, workload, *, dataflow=None):
    """The segments of the program that `compile_workload` would make of a chain of layers.

    Tiles of one shape cost the same, so that each shape is compiled once. Costs do not depend on
    data: a workload that was loaded without a seed has none.

    Returns
    -------
    dict of Segment to int
        How often each segment's jobs, cycles and accesses occur; it says nothing of what the
        host moves.
    """
    _check(core, workload, dataflow)
    workload = fitted(workload, core)
    flows = [_choose(layer, core, encoding, dataflow) for layer in workload.layers]
    counts, start = Counter(), 0
    while start < len(workload.layers):
        group, end = _resident_group(workload, flows, start, core, encoding, keep=False)
        if group:
            counts[group] += workload.images
        else:
            end = start + 1
            for segment, number in _tiled(workload.layers[start], flows[start], core, encoding):
                counts[segment] += number * workload.images
        start = end
    return dict(counts)


def _tiled(layer, flow, core, encoding):
    """The segments of a layer that does not fit: one for each shape of tile, and how many."""
    def build(tile):
        return _segment(tile, flow, core, encoding)

    return [(build(tile), number) for tile, number in tile_shapes_of(
        layer, core, build, whole_sums=_needs_whole_sums(layer, flow, core))]


def _segment(tile, flow, core, encoding):
    """The run of a tile, as `compile_workload` has it but for what the host moves."""
    builder = SegmentBuilder(core, encoding)
    rows, columns, channels = tile.input_rows(), tile.input_columns(), tile.input_channels
    inputs = builder.place(0, (rows.start, columns.start, len(rows), len(columns),
                               channels.start, len(channels)))
    outputs = builder.place(1, (tile.y, tile.x, tile.height, tile.width, tile.channel,
                                tile.channels)) if tile.to_post else None
    builder.run(tile, flow, inputs, outputs)
    builder.loads.clear()
    return builder.finish()
