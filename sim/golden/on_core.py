"""The golden model of layers as one core runs them."""

from generators.derive import Dataflow

from .layers import Accumulation, run_layer

__all__ = ["run_on_core"]


def run_on_core(engine, program, layers, images):
    """What a core computes for a chain of layers, from the images on.

    Parameters
    ----------
    engine: EngineParameters
        Says how sums are kept and, with the program's dataflows, in what portions they are added.
    program: compiler.program.Program
    layers: sequence of Layer
    images: numpy.ndarray
        [images, height, width, channels].

    Returns
    -------
    inputs, outputs: dict of str to numpy.ndarray
        By the layer's name, [images, height, width, channels].
    """
    flows = {job.layer: job.dataflow for segment in program.segments for job in segment.jobs}
    inputs, outputs, tensors = {}, {}, images
    for layer in layers:
        inputs[layer.name] = tensors
        terms = engine.geometry(Dataflow(flows[layer.name])).exact_terms
        accumulation = Accumulation(engine.accumulator.bits, engine.overflow.value, terms)
        outputs[layer.name] = tensors = run_layer(layer, tensors, accumulation).outputs
    return inputs, outputs
