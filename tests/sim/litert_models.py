"""Single-layer int8 .tflite models, written from a `Layer`, and their interpreter.

The model file is a flatbuffer of the published schema: tables are built children first.
"""

import flatbuffers
import numpy as np
import tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType

OPERATORS = {
    "conv2d": ("CONV_2D", "Conv2DOptions"),
    "depthwise_conv2d": ("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions"),
    "linear": ("FULLY_CONNECTED", "FullyConnectedOptions"),
    "average_pool2d": ("AVERAGE_POOL_2D", "Pool2DOptions"),
    "max_pool2d": ("MAX_POOL_2D", "Pool2DOptions"),
}
TYPES = {np.int8: tflite.TensorType.INT8, np.int32: tflite.TensorType.INT32}


class ModelWriter:
    """Writes a model of one operator, tensor by tensor."""

    def __init__(self):
        self.builder = flatbuffers.Builder(4096)
        self.tensors = []
        # Buffer 0 is empty by convention: it belongs to tensors without data.
        self.buffers = [self.table("Buffer")]

    def table(self, name, **fields):
        getattr(tflite, f"{name}Start")(self.builder)
        for field, value in fields.items():
            getattr(tflite, f"{name}Add{field}")(self.builder, value)
        return getattr(tflite, f"{name}End")(self.builder)

    def offsets(self, tables):
        self.builder.StartVector(4, len(tables), 4)
        for table in reversed(tables):
            self.builder.PrependUOffsetTRelative(table)
        return self.builder.EndVector()

    def array(self, values, dtype):
        return self.builder.CreateNumpyVector(np.asarray(values, dtype=dtype))

    def tensor(self, name, dtype, shape, scales, zero_point, axis=0, data=None):
        """Add a tensor; its number."""
        buffer = 0
        if data is not None:
            content = self.builder.CreateByteVector(data.astype(dtype).tobytes())
            self.buffers.append(self.table("Buffer", Data=content))
            buffer = len(self.buffers) - 1
        quantization = self.table(
            "QuantizationParameters", Scale=self.array(scales, np.float32),
            ZeroPoint=self.array(np.full(len(scales), zero_point), np.int64),
            QuantizedDimension=axis)
        self.tensors.append(self.table(
            "Tensor", Name=self.builder.CreateString(name), Shape=self.array(shape, np.int32),
            Type=TYPES[dtype], Buffer=buffer, Quantization=quantization))
        return len(self.tensors) - 1

    def finish(self, operator, inputs, output, options_name, options):
        """The file's bytes."""
        code = getattr(tflite.BuiltinOperator, operator)
        opcode = self.table("OperatorCode", BuiltinCode=code, DeprecatedBuiltinCode=code,
                            Version=3)
        operation = self.table(
            "Operator", Inputs=self.array(inputs, np.int32), Outputs=self.array([output], np.int32),
            BuiltinOptionsType=getattr(tflite.BuiltinOptions, options_name),
            BuiltinOptions=self.table(options_name, **options))
        graph = self.table(
            "SubGraph", Tensors=self.offsets(self.tensors), Inputs=self.array([0], np.int32),
            Outputs=self.array([output], np.int32), Operators=self.offsets([operation]))
        model = self.table(
            "Model", Version=3, OperatorCodes=self.offsets([opcode]),
            Subgraphs=self.offsets([graph]), Buffers=self.offsets(self.buffers))
        self.builder.Finish(model, file_identifier=b"TFL3")
        return bytes(self.builder.Output())


def options(layer, padding, activation):
    """The operator's options; ``padding`` and ``activation`` as LiteRT names them."""
    fused = {"FusedActivationFunction": getattr(tflite.ActivationFunctionType, activation)}
    if layer.kind == "linear":
        return fused
    fields = fused | {"Padding": getattr(tflite.Padding, padding),
                      "StrideH": layer.strides[0], "StrideW": layer.strides[1]}
    if layer.pools:
        return fields | {"FilterHeight": layer.kernel[0], "FilterWidth": layer.kernel[1]}
    if layer.kind == "depthwise_conv2d":
        fields["DepthMultiplier"] = layer.weights.shape[-1]
    return fields | {"DilationHFactor": layer.dilation[0], "DilationWFactor": layer.dilation[1]}


def write_model(layer, scales, zero_points, padding, activation):
    """The .tflite file of one layer.

    Parameters
    ----------
    layer: Layer
        Geometry, weights and bias.
    scales: tuple
        float32 scale of the input, scales of the weights per channel, scale of the output.
    zero_points: tuple of int
        Of input and output.
    padding, activation: str
        ``SAME`` or ``VALID``; ``NONE``, ``RELU`` or ``RELU6``.
    """
    input_scale, weight_scales, output_scale = scales
    writer = ModelWriter()
    inputs = [writer.tensor("input", np.int8, (1, *layer.input_shape), [input_scale],
                            zero_points[0])]
    if not layer.pools:
        channels = len(layer.bias)
        if layer.kind == "depthwise_conv2d":
            weights, axis = layer.weights.reshape(1, *layer.kernel, channels), 3
        else:  # LiteRT has output channels first
            weights, axis = np.moveaxis(layer.weights, -1, 0), 0
        inputs.append(writer.tensor("weights", np.int8, weights.shape, weight_scales, 0, axis,
                                    np.ascontiguousarray(weights)))
        inputs.append(writer.tensor("bias", np.int32, [channels], input_scale * weight_scales, 0,
                                    0, layer.bias))
    shape = (1, len(layer.bias)) if layer.kind == "linear" else (1, *layer.output_shape)
    output = writer.tensor("output", np.int8, shape, [output_scale], zero_points[1])
    operator, options_name = OPERATORS[layer.kind]
    return writer.finish(operator, inputs, output, options_name,
                         options(layer, padding, activation))


def interpret(model, image):
    """The model's output for an image [height, width, channels], by the reference kernels."""
    interpreter = Interpreter(model_content=model, num_threads=1,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"],
                           image[np.newaxis].astype(np.int8))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
