"""What every engine shows to a core."""

from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from .streamer import beat_layout

__all__ = ["engine_members"]


def engine_members(parameters, config):
    """Members of an engine; `hw.systolic.engine.SystolicEngine` says what they mean.

    Parameters
    ----------
    parameters: EngineParameters
        Lanes are those of its geometry.
    config: Layout
        What a layer chooses.
    """
    geometry = parameters.geometry(parameters.dataflows[0])
    return {
        "load": In(1), "config": In(config), "legal": Out(1),
        "inputs": In(stream.Signature(beat_layout(
            geometry.input_lanes, parameters.inputs.shape, geometry.marks_tail))),
        "weights": In(stream.Signature(beat_layout(
            geometry.weight_lanes, parameters.weights.shape))),
        "credit": In(1), "admit": Out(1),
        "output_valid": Out(1),
        "outputs": Out(data.ArrayLayout(parameters.partial_sum.shape, geometry.output_lanes)),
        "busy": Out(1), "underrun": Out(1),
    }
