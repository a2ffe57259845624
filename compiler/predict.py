"""What a workload costs on a core, without its data and without a program for every tile."""

from collections import Counter

from .compile import (
    check_workload,
    choose_dataflow,
    needs_whole_sums,
    resident_group,
    run_tile,
)
from .fit import fitted
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
    check_workload(core, workload, dataflow)
    workload = fitted(workload, core)
    flows = [choose_dataflow(layer, core, encoding, dataflow) for layer in workload.layers]
    counts, start = Counter(), 0
    while start < len(workload.layers):
        group, end = resident_group(workload, flows, start, core, encoding, keep=False)
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
        layer, core, build, whole_sums=needs_whole_sums(layer, flow, core))]


def _segment(tile, flow, core, encoding):
    """The run of a tile, as `compile_workload` has it but for what the host moves."""
    builder, *_ = run_tile(tile, flow, core, encoding)
    builder.loads.clear()
    return builder.finish()
