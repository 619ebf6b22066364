"""Writes the small models of this folder and their expected outputs.

    pip install onnx numpy && python make.py

Expected outputs are computed with numpy alone: in double precision for the float model, in integers for the quantized one, whose
weights are small enough that no kernel saturates.
"""
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)


def conv3x3(x, w, pad_value):
    """x [N,C,H,W], w [O,C,3,3], stride 1, padding 1."""
    n, _, rows, cols = x.shape
    p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=pad_value)
    y = np.zeros((n, w.shape[0], rows, cols), dtype=np.result_type(x, w))
    for i in range(3):
        for j in range(3):
            y += np.einsum("nchw,oc->nohw", p[:, :, i : i + rows, j : j + cols], w[:, :, i, j])
    return y


def save(name, graph):
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, HERE / f"{name}.onnx")


def write(name, inputs, outputs):
    tensor = lambda a: {"dims": list(a.shape), "data": a.flatten().tolist()}
    cases = {k: {n: tensor(a) for n, a in v.items()} for k, v in (("inputs", inputs), ("outputs", outputs))}
    (HERE / f"{name}.json").write_text(json.dumps(cases) + "\n")


def float_model():
    w = rng.normal(size=(4, 3, 3, 3)).astype(np.float32)
    b = rng.normal(size=4).astype(np.float32)
    fw = rng.normal(size=(5, 4)).astype(np.float32)
    fb = rng.normal(size=5).astype(np.float32)
    nodes = [
        h.make_node("Conv", ["input", "w", "b"], ["conv"], name="conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        h.make_node("Relu", ["conv"], ["relu"], name="relu"),
        h.make_node("GlobalAveragePool", ["relu"], ["pool"], name="pool"),
        h.make_node("Flatten", ["pool"], ["flat"], name="flat"),
        h.make_node("Gemm", ["flat", "fw", "fb"], ["logits"], name="fc", transB=1),
    ]
    arrays = {"w": w, "b": b, "fw": fw, "fb": fb}
    save(
        "float-conv",
        h.make_graph(
            nodes,
            "float-conv",
            [h.make_tensor_value_info("input", T.FLOAT, ["N", 3, 8, 8])],
            [h.make_tensor_value_info("logits", T.FLOAT, ["N", 5]), h.make_tensor_value_info("pool", T.FLOAT, ["N", 4, 1, 1])],
            [nh.from_array(a, n) for n, a in arrays.items()],
        ),
    )
    x = rng.normal(size=(3, 3, 8, 8)).astype(np.float32)
    d = {n: a.astype(np.float64) for n, a in arrays.items()}
    y = np.maximum(conv3x3(x.astype(np.float64), d["w"], 0.0) + d["b"].reshape(1, -1, 1, 1), 0)
    pool = y.mean(axis=(2, 3))
    write("float-conv", {"input": x}, {"logits": pool @ d["fw"].T + d["fb"], "pool": pool.reshape(3, 4, 1, 1)})


def qdq_model():
    x_scale, x_zero, w_scale, y_scale, y_zero = 1 / 64, 128, 1 / 32, 1 / 8, 100
    w = rng.integers(-40, 41, size=(4, 3, 3, 3)).astype(np.int8)
    b = rng.integers(-2000, 2001, size=4).astype(np.int32)
    scalar = lambda v, t: np.array(v, dtype=t)
    arrays = {
        "xs": scalar(x_scale, np.float32), "xz": scalar(x_zero, np.uint8), "w": w, "ws": np.full(4, w_scale, np.float32),
        "wz": np.zeros(4, np.int8), "b": b, "bs": np.full(4, x_scale * w_scale, np.float32), "bz": np.zeros(4, np.int32),
        "ys": scalar(y_scale, np.float32), "yz": scalar(y_zero, np.uint8),
    }
    nodes = [
        h.make_node("DequantizeLinear", ["input", "xs", "xz"], ["x"], name="input.dequantize"),
        h.make_node("DequantizeLinear", ["w", "ws", "wz"], ["wf"], name="w.dequantize", axis=0),
        h.make_node("DequantizeLinear", ["b", "bs", "bz"], ["bf"], name="b.dequantize", axis=0),
        h.make_node("Conv", ["x", "wf", "bf"], ["conv"], name="conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        h.make_node("QuantizeLinear", ["conv", "ys", "yz"], ["output"], name="conv.quantize"),
    ]
    save(
        "qdq-conv",
        h.make_graph(
            nodes,
            "qdq-conv",
            [h.make_tensor_value_info("input", T.UINT8, ["N", 3, 8, 8])],
            [h.make_tensor_value_info("output", T.UINT8, ["N", 4, 8, 8])],
            [nh.from_array(a, n) for n, a in arrays.items()],
        ),
    )
    x = rng.integers(0, 256, size=(2, 3, 8, 8)).astype(np.uint8)
    acc = conv3x3(x.astype(np.int64) - x_zero, w.astype(np.int64), 0) + b.reshape(1, -1, 1, 1)
    # All scales are powers of two, so the product is exact and np.rint rounds half to even as ONNX does.
    y = np.clip(np.rint(acc * (x_scale * w_scale / y_scale)) + y_zero, 0, 255).astype(np.uint8)
    write("qdq-conv", {"input": x}, {"output": y})


def types_model():
    """One input and output of every element type, passed through; the batch may be zero."""
    types = [T.FLOAT, T.FLOAT16, T.UINT8, T.INT8, T.UINT16, T.INT16, T.INT32, T.INT64, T.BOOL]
    names = [T.DataType.Name(t).lower().replace("float16", "half").replace("float", "float32").replace("half", "float16") for t in types]
    info = lambda prefix: [h.make_tensor_value_info(f"{prefix}.{n}", t, ["N"]) for n, t in zip(names, types)]
    nodes = [h.make_node("Identity", [f"in.{n}"], [f"out.{n}"]) for n in names]
    save("types", h.make_graph(nodes, "types", info("in"), info("out")))


def slow_model():
    """Sixty 3x3 convolutions over one shared weight: tens of milliseconds in one inference, a few kilobytes on disk."""
    w = np.zeros((8, 8, 3, 3), dtype=np.float32)
    for c in range(8):
        w[c, c, 1, 1] = 1
    ends = ["input", *(f"y{i}" for i in range(59)), "output"]
    nodes = [h.make_node("Conv", [a, "w"], [b], kernel_shape=[3, 3], pads=[1, 1, 1, 1]) for a, b in zip(ends, ends[1:])]
    shape = ["N", 8, 64, 64]
    io = lambda n: [h.make_tensor_value_info(n, T.FLOAT, shape)]
    save("slow", h.make_graph(nodes, "slow", io("input"), io("output"), [nh.from_array(w, "w")]))


def wide_model():
    """One matrix of 80 KiB: large enough to be mapped from a file instead of being read."""
    w = rng.integers(-8, 9, size=(128, 160)).astype(np.float32)
    info = lambda n, width: [h.make_tensor_value_info(n, T.FLOAT, ["N", width])]
    nodes = [h.make_node("MatMul", ["input", "w"], ["output"], name="product")]
    save("wide", h.make_graph(nodes, "wide", info("input", 128), info("output", 160), [nh.from_array(w, "w")]))
    x = rng.integers(-8, 9, size=(2, 128)).astype(np.float32)
    write("wide", {"input": x}, {"output": x.astype(np.float64) @ w.astype(np.float64)})


float_model()
qdq_model()
types_model()
slow_model()
wide_model()
