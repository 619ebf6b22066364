"""Writes a model whose outputs tell which accumulators a U8S8 kernel computes: pair_rule.py <folder>.

The rule under test: in the flattened order (kernel row, kernel column, input channel of the group), products of the
stored pixel and weight (zero points not yet taken off, padding counting as the stored zero point) are added in
consecutive pairs, each pair clipped to int16; all else is exact.

model.onnx has one input per case and, per convolution, outputs `<case>/paired` and `<case>/exact`: uint8, with a bias
that makes every element 100 when the accumulators follow that arithmetic. Per head, output `<case>` is float32 and
`<case>/paired`, `<case>/exact` in cases.json are the accumulators expected. cases.json holds the feeds.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TARGET = 100
rng = np.random.default_rng(7)
nodes, constants, inputs, outputs, cases = [], [], [], [], []


def constant(value):
    name = f"constant{len(constants)}"
    constants.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def node(op, *operands, output=None, **attributes):
    output = output or f"value{len(nodes)}"
    nodes.append(helper.make_node(op, list(operands), [output], **attributes))
    return output


def dequantize(value, scales, zero_points, **attributes):
    return node("DequantizeLinear", value, constant(scales), constant(zero_points), **attributes)


def flat_products(x, zero_point, weight, groups):
    """One window per filter: int64 [filters, K] in the order (row, column, channel)."""
    filters, channels = weight.shape[:2]
    group = np.arange(filters) // (filters // groups)
    patches = np.stack([x[0, g * channels : (g + 1) * channels] for g in group]).astype(np.int64)
    return (patches * weight).transpose(0, 2, 3, 1).reshape(filters, -1)


def accumulators(products, weight_sums, zero_point):
    products = np.pad(products, ((0, 0), (0, products.shape[1] % 2)))
    pairs = products[:, 0::2] + products[:, 1::2]
    correction = zero_point * weight_sums
    return np.clip(pairs, -32768, 32767).sum(1) - correction, products.sum(1) - correction


def convolution(name, channels, kernel, zero_point=0, groups=1, filters=24, padding=0):
    size = kernel - 2 * padding
    x = rng.integers(150, 256, (1, channels * groups, size, size)).astype(np.uint8)
    weight = rng.integers(-127, 128, (filters, channels, kernel, kernel)).astype(np.int8)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=zero_point)
    products = flat_products(padded, zero_point, weight, groups)
    weight_sums = weight.astype(np.int64).sum((1, 2, 3))
    paired, exact = accumulators(products, weight_sums, zero_point)
    assert (paired != exact).any(), name
    source = dequantize(name, np.float32(1), np.uint8(zero_point))
    scales, zeros = np.ones(filters, np.float32), np.zeros(filters, np.int8)
    for kind, expected in (("paired", paired), ("exact", exact)):
        bias = (TARGET - expected).astype(np.int32)
        result = node(
            "Conv",
            source,
            dequantize(constant(weight), scales, zeros, axis=0),
            dequantize(constant(bias), scales, np.zeros(filters, np.int32), axis=0),
            group=groups,
            kernel_shape=[kernel, kernel],
            pads=[padding] * 4,
        )
        output = f"{name}/{kind}"
        node("QuantizeLinear", result, constant(np.float32(1)), constant(np.uint8(0)), output=output)
        outputs.append(helper.make_tensor_value_info(output, TensorProto.UINT8, [1, filters, 1, 1]))
    add_case(name, "convolution", x, paired, exact)


def head(name, channels, classes, zero_point, batch):
    x = rng.integers(150, 256, (batch, channels)).astype(np.uint8)
    weight = rng.integers(-127, 128, (classes, channels)).astype(np.int8)
    scales, zeros = np.ones(classes, np.float32), np.zeros(classes, np.int8)
    node(
        "Gemm",
        dequantize(name, np.float32(1), np.uint8(zero_point)),
        dequantize(constant(weight), scales, zeros, axis=0),
        dequantize(constant(np.zeros(classes, np.int32)), scales, np.zeros(classes, np.int32), axis=0),
        output=f"{name}/float",
        transB=1,
    )
    outputs.append(helper.make_tensor_value_info(f"{name}/float", TensorProto.FLOAT, [batch, classes]))
    products = (x.astype(np.int64)[:, None] * weight).reshape(batch * classes, channels)
    paired, exact = accumulators(products, np.tile(weight.astype(np.int64).sum(1), batch), zero_point)
    add_case(name, "head", x, paired, exact)


def add_case(name, kind, x, paired, exact):
    inputs.append(helper.make_tensor_value_info(name, TensorProto.UINT8, x.shape))
    values = {"x": x.ravel().tolist(), "paired": paired.tolist(), "exact": exact.tolist()}
    cases.append({"name": name, "kind": kind, "dims": list(x.shape), **values})


convolution("1x1, 4 channels", 4, 1)
convolution("1x1, 5 channels, zero point 128", 5, 1, zero_point=128)
convolution("3x3, 3 channels", 3, 3)
convolution("3x3, 3 channels, padded, zero point 117", 3, 3, zero_point=117, padding=1)
convolution("3x3, 4 channels", 4, 3)
convolution("3x3, 16 channels", 16, 3)
convolution("3x3, 4 channels a group, 4 groups, zero point 30", 4, 3, zero_point=30, groups=4)
convolution("7x7, 3 channels", 3, 7)
convolution("7x7, 4 channels", 4, 7)
head("head, 64 channels", 64, 10, 0, 1)
head("head, 63 channels, zero point 9, batch 4", 63, 10, 9, 4)

folder = pathlib.Path(sys.argv[1])
graph = helper.make_graph(nodes, "pair_rule", inputs, outputs, constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, folder / "model.onnx")
(folder / "cases.json").write_text(json.dumps(cases))
