"""Makes test/golden/onnx/sources: small seeded classifiers as different exporters write them, and what ONNX Runtime makes of them.

Usage: python sources.py <folder>
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SIZE = 16
CLASSES = 5
FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64


class Builder:
    """Collects nodes and weights; every method gives the name of its result."""

    def __init__(self, seed, dtype=np.float32):
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.dtype = [], [], dtype

    def node(self, op, inputs, name=None, outputs=1, **attributes):
        name = name or f"{op.lower()}_{len(self.nodes)}"
        made = [f"{name}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, made, name=name, **attributes))
        return made[0]

    def tensor(self, array, name=None, typed=False):
        array = np.asarray(array)
        name = name or f"onnx::{len(self.initializers)}"
        if typed:
            code = helper.np_dtype_to_tensor_dtype(array.dtype)
            self.initializers.append(helper.make_tensor(name, code, array.shape, array.ravel().tolist()))
        else:
            self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, *values):
        return self.tensor(np.array(values, np.int64))

    def floats(self, *shape, low=-0.5, high=0.5, name=None, typed=False):
        return self.tensor(self.random.uniform(low, high, shape).astype(self.dtype), name, typed)

    def kernel(self, out, inner, size, name=None, typed=False):
        reach = (3 / (inner * size * size)) ** 0.5
        return self.floats(out, inner, size, size, low=-reach, high=reach, name=name, typed=typed)

    def norm_parameters(self, channels, typed=False):
        ranges = [(0.5, 1.5), (-0.3, 0.3), (-0.3, 0.3), (0.5, 1.5)]
        return [self.floats(channels, low=low, high=high, typed=typed) for low, high in ranges]

    def model(self, name, opset, input_shape, output, output_shape, producer, input_type=FLOAT, ir=8, listed=False):
        inputs = [helper.make_tensor_value_info("image", input_type, input_shape)]
        if listed:
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in self.initializers]
        outputs = [helper.make_tensor_value_info(output, FLOAT, output_shape)]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name=producer)
        model.ir_version = ir
        onnx.checker.check_model(model)
        return model


def pytorch():
    """torch.onnx in training layout: batch norms, tied parameters as Identity, flatten by arithmetic on shapes, dynamic batch."""
    b = Builder(1)
    tied = b.floats(8, low=0.8, high=1.2)

    def conv_bn(x, name, inner, out, size, stride):
        pads = [size // 2] * 4
        x = b.node("Conv", [x, b.kernel(out, inner, size, f"{name}.weight")], f"/{name}/Conv", kernel_shape=[size] * 2,
                   strides=[stride] * 2, pads=pads, dilations=[1, 1], group=1)
        gamma, beta, mean, variance = b.norm_parameters(out)
        gamma = b.node("Identity", [tied], f"Identity_{name}") if out == 8 else gamma
        return b.node("BatchNormalization", [x, gamma, beta, mean, variance], f"/{name}/bn", epsilon=1e-5, momentum=0.9)

    x = b.node("Relu", [conv_bn("image", "conv1", 3, 8, 3, 1)], "/relu")
    x = b.node("MaxPool", [x], "/maxpool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4, ceil_mode=0)
    y = b.node("Relu", [conv_bn(x, "layer1.conv1", 8, 8, 3, 1)], "/layer1/relu")
    x = b.node("Relu", [b.node("Add", [conv_bn(y, "layer1.conv2", 8, 8, 3, 1), x], "/layer1/Add")], "/layer1/relu_1")
    y = b.node("Relu", [conv_bn(x, "layer2.conv1", 8, 16, 3, 2)], "/layer2/relu")
    side = conv_bn(x, "layer2.down", 8, 16, 1, 2)
    x = b.node("Relu", [b.node("Add", [conv_bn(y, "layer2.conv2", 16, 16, 3, 1), side], "/layer2/Add")], "/layer2/relu_1")
    x = b.node("GlobalAveragePool", [x], "/avgpool")
    shape = b.node("Shape", [x])
    batch = b.node("Gather", [shape, b.node("Constant", [], value=numpy_helper.from_array(np.array(0)))], axis=0)
    parts = [b.node("Unsqueeze", [batch, b.ints(0)]), b.ints(-1)]
    x = b.node("Reshape", [x, b.node("Concat", parts, axis=0)], "/Reshape")
    x = b.node("Gemm", [x, b.floats(CLASSES, 16, name="fc.weight"), b.floats(CLASSES, name="fc.bias")], "/fc/Gemm",
               alpha=1.0, beta=1.0, transB=1)
    return b.model("main_graph", 17, ["batch", 3, "height", "width"], x, ["batch", CLASSES], "pytorch")


def mobile():
    """torch.onnx at opset 11, batch 1: depthwise, Clip with inputs, squeeze and excite, hard swish spelled out, ReduceMean, softmax."""
    b = Builder(2)
    zero, six, three = b.tensor(np.float32(0)), b.tensor(np.float32(6)), b.tensor(np.float32(3))

    def hard_swish(x):
        gate = b.node("Clip", [b.node("Add", [x, three]), zero, six])
        return b.node("Div", [b.node("Mul", [x, gate]), six])

    x = b.node("Conv", ["image", b.kernel(8, 3, 3), b.floats(8)], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    x = hard_swish(x)
    y = b.node("Conv", [x, b.kernel(8, 1, 3), b.floats(8)], kernel_shape=[3, 3], pads=[2] * 4, dilations=[2, 2], group=8)
    y = b.node("Clip", [y, zero, six])
    gate = b.node("GlobalAveragePool", [y])
    gate = b.node("Relu", [b.node("Conv", [gate, b.kernel(4, 8, 1), b.floats(4)], kernel_shape=[1, 1])])
    gate = b.node("HardSigmoid", [b.node("Conv", [gate, b.kernel(8, 4, 1), b.floats(8)], kernel_shape=[1, 1])], alpha=1 / 6, beta=0.5)
    y = b.node("Mul", [y, gate], "/se/Mul")
    x = b.node("Add", [x, b.node("Conv", [y, b.kernel(8, 8, 1), b.floats(8)], kernel_shape=[1, 1])])
    x = b.node("ReduceMean", [x], axes=[2, 3], keepdims=0)
    x = b.node("Dropout", [x], ratio=0.2)
    x = b.node("Gemm", [x, b.floats(8, CLASSES), b.floats(1, CLASSES)], alpha=0.5, beta=2.0)
    x = b.node("Softmax", [x], axis=1)
    return b.model("torch-jit-export", 11, [1, 3, SIZE, SIZE], x, [1, CLASSES], "pytorch")


def tf2onnx():
    """tf2onnx: NHWC input, Transpose, Pad before strided convolutions, batch norms spelled out, MatMul and Add, softmax."""
    b = Builder(3)

    def channels(n):
        return b.floats(1, n, 1, 1, low=0.5, high=1.5)

    def spelled(x, n):
        x = b.node("Sub", [x, channels(n)])
        x = b.node("Div", [x, channels(n)])
        return b.node("Add", [b.node("Mul", [x, b.node("Reshape", [b.floats(n, low=0.5, high=1.5), b.ints(1, n, 1, 1)])]), channels(n)])

    x = b.node("Transpose", ["image"], "conv1/Conv2D__6", perm=[0, 3, 1, 2])
    x = b.node("Pad", [x, b.ints(0, 0, 3, 3, 0, 0, 3, 3), b.tensor(np.float32(0))], "conv1_pad/Pad")
    x = spelled(b.node("Conv", [x, b.kernel(8, 3, 7), b.floats(8)], "conv1/Conv2D", kernel_shape=[7, 7], strides=[2, 2]), 8)
    x = b.node("Relu", [x], "conv1_relu/Relu")
    x = b.node("Pad", [x, b.ints(0, 0, 1, 1, 0, 0, 1, 1)], "pool1_pad/Pad")
    x = b.node("MaxPool", [x], "pool1/MaxPool", kernel_shape=[3, 3], strides=[2, 2])
    y = b.node("Conv", [x, b.kernel(8, 8, 3)], "block1/Conv2D", kernel_shape=[3, 3], auto_pad="SAME_UPPER")
    y = b.node("Relu", [spelled(y, 8)])
    y = b.node("Conv", [y, b.kernel(8, 8, 3)], "block2/Conv2D", kernel_shape=[3, 3], auto_pad="SAME_LOWER")
    x = b.node("Relu", [b.node("Add", [y, x])], "block/Relu")
    # A layer that tf2onnx left in NHWC.
    x = b.node("Transpose", [x], perm=[0, 2, 3, 1])
    x = b.node("Mul", [x, b.floats(8, low=0.5, high=1.5)])
    x = b.node("Add", [x, b.floats(8)])
    x = b.node("LeakyRelu", [x], alpha=0.1)
    x = b.node("ReduceMean", [x], "avg_pool/Mean", axes=[1, 2], keepdims=0)
    x = b.node("Add", [b.node("MatMul", [x, b.floats(8, CLASSES)], "predictions/MatMul"), b.floats(CLASSES)], "predictions/BiasAdd")
    x = b.node("Softmax", [x], "predictions/Softmax", axis=-1)
    x = b.node("Identity", [x])
    return b.model("tf2onnx", 15, ["unk__1", SIZE, SIZE, 3], x, ["unk__1", CLASSES], "tf2onnx")


def keras2onnx():
    """keras2onnx: NHWC, every layer between two Transposes and two Casts: several hundred of both."""
    b = Builder(4)

    def cast(x, times=4):
        for _ in range(times):
            x = b.node("Cast", [x], to=FLOAT)
        return x

    def first(x):
        return b.node("Transpose", [x], perm=[0, 3, 1, 2])

    def last(x):
        return b.node("Transpose", [x], perm=[0, 2, 3, 1])

    def layer(x, op, inputs=(), **attributes):
        return cast(last(b.node(op, [first(cast(x)), *inputs], **attributes)))

    x = layer("image", "Conv", [b.kernel(4, 3, 3)], kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2])
    for _ in range(9):
        y = layer(x, "Conv", [b.kernel(4, 4, 1)], kernel_shape=[1, 1])
        y = layer(y, "BatchNormalization", b.norm_parameters(4), epsilon=1e-3)
        y = layer(y, "Relu")
        y = layer(y, "Conv", [b.kernel(4, 4, 1)], kernel_shape=[1, 1])
        x = b.node("Relu", [b.node("Add", [y, x])])
    x = layer(x, "GlobalAveragePool")
    shape = b.node("Cast", [b.node("Shape", [x])], to=FLOAT)
    batch = b.node("Slice", [b.node("Cast", [shape], to=INT64), b.ints(0), b.ints(1), b.ints(0)])
    x = b.node("Reshape", [x, b.node("Concat", [batch, b.ints(-1)], axis=0)])
    x = b.node("Add", [b.node("MatMul", [x, b.floats(4, CLASSES)]), b.floats(CLASSES)])
    return b.model("keras", 10, ["N", SIZE, SIZE, 3], cast(x), ["N", CLASSES], "keras2onnx", ir=6)


def mxnet():
    """MXNet at opset 8: batch norm on the picture, pre-activation, initializers as inputs in typed fields, PRelu, Pad by attribute."""
    b = Builder(5)
    x = b.node("BatchNormalization", ["image", *b.norm_parameters(3, True)], "bn_data", epsilon=2e-5)
    x = b.node("Conv", [x, b.kernel(8, 3, 3, typed=True)], "conv0", kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    y = b.node("Relu", [b.node("BatchNormalization", [x, *b.norm_parameters(8, True)], "bn1")])
    y = b.node("Pad", [y], pads=[0, 0, 1, 1, 0, 0, 1, 1])
    y = b.node("Conv", [y, b.kernel(8, 8, 3, typed=True)], "conv1", kernel_shape=[3, 3])
    x = b.node("Sum", [y, x], "plus0")
    x = b.node("BatchNormalization", [x, *b.norm_parameters(8, True)], "bn2")
    x = b.node("PRelu", [x, b.floats(8, 1, 1, typed=True)], "prelu")
    x = b.node("Clip", [x], min=-3.0, max=3.0)
    x = b.node("AveragePool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2], count_include_pad=1, pads=[1, 1, 0, 0])
    x = b.node("Dropout", [b.node("GlobalAveragePool", [x])], outputs=2, ratio=0.5)
    x = b.node("Gemm", [b.node("Flatten", [x]), b.floats(CLASSES, 8, typed=True), b.floats(CLASSES, typed=True)], "fc", transB=1)
    return b.model("mxnet_converted_model", 8, [1, 3, SIZE, SIZE], x, [1, CLASSES], "", ir=3, listed=True)


def squeeze():
    """A fire module: Concat, pools that count partial windows, a last convolution whose mean is the score, softmax over [N, C, 1, 1]."""
    b = Builder(6)

    def conv(x, out, inner, size):
        return b.node("Relu", [b.node("Conv", [x, b.kernel(out, inner, size), b.floats(out)], kernel_shape=[size] * 2, pads=[size // 2] * 4)])

    x = b.node("MaxPool", [conv("image", 6, 3, 3)], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    x = conv(x, 4, 6, 1)
    x = b.node("Concat", [conv(x, 6, 4, 1), conv(x, 6, 4, 3)], axis=1)
    x = b.node("AveragePool", [x], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[1, 1, 0, 0])
    x = b.node("Conv", [x, b.kernel(CLASSES, 12, 1), b.floats(CLASSES)], kernel_shape=[1, 1])
    x = b.node("Softmax", [b.node("GlobalAveragePool", [x])], axis=1)
    return b.model("squeeze", 12, ["N", 3, SIZE, SIZE], x, ["N", CLASSES, 1, 1], "pytorch")


def half():
    """FP16 throughout, float at both ends."""
    b = Builder(7, np.float16)
    x = b.node("Cast", ["image"], to=TensorProto.FLOAT16)
    x = b.node("Conv", [x, b.kernel(8, 3, 3), b.floats(8)], "conv", kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    x = b.node("Sigmoid", [x])
    x = b.node("Squeeze", [b.node("GlobalAveragePool", [x]), b.ints(2, 3)])
    x = b.node("Cast", [b.node("Gemm", [x, b.floats(CLASSES, 8), b.floats(CLASSES)], "fc", transB=1)], to=FLOAT)
    return b.model("half", 22, ["N", 3, SIZE, SIZE], x, ["N", CLASSES], "onnxconverter-common", ir=10)


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.random.default_rng(0).normal(0, 1, (2, 3, SIZE, SIZE)).astype(np.float32)
    np.save(folder / "input.npy", pictures)
    expected = {}
    for make in (pytorch, mobile, tf2onnx, keras2onnx, mxnet, squeeze, half):
        model = make()
        path = folder / f"{make.__name__}.onnx"
        onnx.save_model(model, path)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        [image] = [value for value in session.get_inputs() if value.name == "image"]
        feed = pictures if image.shape[1] == 3 else pictures.transpose(0, 2, 3, 1)
        rows = [session.run(None, {"image": feed[i : i + 1]})[0].ravel().tolist() for i in range(len(feed))]
        expected[make.__name__] = {"scores": rows, "nodes": len(model.graph.node)}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    onnx.save_model(squeeze(), folder / "external.onnx", save_as_external_data=True, location="external.bin", size_threshold=16)
    (folder / "external.bin").chmod(0o644)


write(Path(sys.argv[1]))
