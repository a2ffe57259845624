"""The golden model of layers as one core runs them."""

from generators.derive import Dataflow
from hw.cim.analog.parameters import AnalogCimParameters

from .analog_layers import jobs_of, run_analog_layer
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
    jobs = {job.layer: job for segment in program.segments for job in segment.jobs}
    inputs, outputs, tensors = {}, {}, images
    for name in (layer.name for layer in layers):
        layer = jobs[name].mapping.tile.layer       # as the compiler has fitted it to the core
        inputs[name] = tensors = tensors.reshape(len(tensors), *layer.input_shape)
        terms = engine.geometry(Dataflow(jobs[name].dataflow)).exact_terms
        accumulation = Accumulation(engine.accumulator.bits, engine.overflow.value, terms)
        if isinstance(engine, AnalogCimParameters):
            result = run_analog_layer(layer, tensors, accumulation, engine, jobs_of(program, layer))
        else:
            result = run_layer(layer, tensors, accumulation)
        outputs[name] = tensors = result.outputs
    return inputs, outputs
