"""What an ONNX file holds, as JSON-ready data, read with the onnx package alone."""

import math

import numpy
from onnx import TensorProto, numpy_helper

DTYPES = {
    TensorProto.FLOAT: "float32",
    TensorProto.UINT8: "uint8",
    TensorProto.INT8: "int8",
    TensorProto.UINT16: "uint16",
    TensorProto.INT16: "int16",
    TensorProto.INT32: "int32",
    TensorProto.INT64: "int64",
    TensorProto.BOOL: "bool",
    TensorProto.FLOAT16: "float16",
    TensorProto.INT4: "int4",
}


def number(value):
    """What JSON has no number for as text: nan, inf, -inf."""
    return value if math.isfinite(value) else str(value)


def tensor(proto):
    """float16 as its bits, bool as 0 and 1, int64 as text, int4 as its bytes."""
    dtype = DTYPES[proto.data_type]
    if dtype == "int4":
        return {"name": proto.name, "dtype": dtype, "dims": list(proto.dims), "data": list(proto.raw_data)}
    array = numpy_helper.to_array(proto).reshape(-1)
    if dtype == "float16":
        array = array.view(numpy.uint16)
    if dtype == "bool":
        array = array.astype(numpy.uint8)
    data = [str(v) if dtype == "int64" else number(v) for v in array.tolist()]
    return {"name": proto.name, "dtype": dtype, "dims": list(proto.dims), "data": data}


def attribute(proto):
    kind = proto.AttributeType.Name(proto.type).lower()
    if kind == "tensor":
        return {"kind": kind, "value": tensor(proto.t)}
    value = {
        "int": lambda: proto.i,
        "float": lambda: number(proto.f),
        "string": lambda: proto.s.decode(),
        "ints": lambda: list(proto.ints),
        "floats": lambda: [number(f) for f in proto.floats],
        "strings": lambda: [s.decode() for s in proto.strings],
    }[kind]()
    return {"kind": kind, "value": value}


def node(proto):
    return {
        "name": proto.name,
        "op": proto.op_type,
        "domain": proto.domain,
        "inputs": list(proto.input),
        "outputs": list(proto.output),
        "attributes": {a.name: attribute(a) for a in proto.attribute},
    }


def dim(proto):
    which = proto.WhichOneof("value")
    return getattr(proto, which) if which else ""


def value(proto):
    kind = proto.type.tensor_type
    return {"name": proto.name, "dtype": DTYPES[kind.elem_type], "dims": [dim(d) for d in kind.shape.dim]}


def model(proto):
    graph = proto.graph
    return {
        "irVersion": proto.ir_version,
        "opsets": [{"domain": o.domain, "version": o.version} for o in proto.opset_import],
        "producerName": proto.producer_name,
        "producerVersion": proto.producer_version,
        "metadata": {p.key: p.value for p in proto.metadata_props},
        "graph": {
            "name": graph.name,
            "nodes": [node(n) for n in graph.node],
            "initializers": [tensor(t) for t in graph.initializer],
            "inputs": [value(v) for v in graph.input],
            "outputs": [value(v) for v in graph.output],
            "values": [value(v) for v in graph.value_info],
        },
    }
