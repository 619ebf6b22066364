"""Writes the .onnx files of this folder, and what they hold as expected.json, with the onnx package (1.23.2) and numpy.

    python3 test/golden/onnx/generate.py

`good/` are models to be read; `raw.onnx` and `attributes.onnx` hold raw data alone, so that writing them again must give
the same bytes. `refused/` are well-formed models that use what is not handled.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

sys.dont_write_bytecode = True

import describe

HERE = Path(__file__).parent
FLOAT = TensorProto.FLOAT
VALUES = {
    TensorProto.FLOAT: [0.0, -1.5, 3.4028234663852886e38, 1e-45],
    TensorProto.UINT8: [0, 1, 128, 255],
    TensorProto.INT8: [-128, -1, 0, 127],
    TensorProto.UINT16: [0, 1, 32768, 65535],
    TensorProto.INT16: [-32768, -1, 0, 32767],
    TensorProto.INT32: [-(2**31), -1, 0, 2**31 - 1],
    TensorProto.INT64: [-(2**63), -1, 0, 2**63 - 1],
    TensorProto.BOOL: [True, False, False, True],
    TensorProto.FLOAT16: [0.0, -2.5, 65504.0, 6e-8],
}


def io(name, shape, dtype=FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, initializers=(), values=(), opsets=(("", 17),), **fields):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers), value_info=list(values))
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], ir_version=8, producer_name="golden", **fields
    )


def raw():
    """A tiny classifier: raw data, symbolic and unknown dimensions, value infos, metadata."""
    random = np.random.default_rng(0)
    weights = {
        "conv1.weight": random.standard_normal((4, 3, 3, 3), dtype=np.float32),
        "conv1.bias": random.standard_normal(4, dtype=np.float32),
        "fc.weight": random.standard_normal((5, 4), dtype=np.float32),
        "fc.bias": random.standard_normal(5, dtype=np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "conv1.weight", "conv1.bias"], ["c"], "conv1", pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], "pool"),
        helper.make_node("Flatten", ["p"], ["f"], "flatten", axis=1),
        helper.make_node("Gemm", ["f", "fc.weight", "fc.bias"], ["logits"], "fc", transB=1, alpha=1.0),
    ]
    proto = model(
        nodes,
        [io("x", ["N", 3, None, None])],
        [io("logits", ["N", 5])],
        [numpy_helper.from_array(a, n) for n, a in weights.items()],
        [io("c", ["N", 4, None, None]), io("p", ["N", 4, 1, 1])],
        producer_version="1.2.3",
    )
    helper.set_model_props(proto, {"resedge.labels": '["Katze","犬"]', "empty": ""})
    return proto


def attributes():
    """Every kind of attribute, a domain, an optional input left out, a constant of every element type."""
    nodes = [
        helper.make_node("Clip", ["x", "", "max"], ["y"], "clip"),
        helper.make_node(
            "Every", ["y"], ["z"], "every", domain="example.test",
            int=-3, zero=0, float=0.25, string="näme", ints=[1, -1, 2**40], floats=[1.5, -0.0], strings=["a", ""],
        ),
    ]
    # The pad keeps some data at an odd offset in the file.
    for pad, (dtype, values) in enumerate(VALUES.items()):
        array = helper.tensor_dtype_to_np_dtype(dtype)
        constant = numpy_helper.from_array(np.array(values, array).reshape(2, 2), "t" * (1 + pad % 4))
        nodes.append(helper.make_node("Constant", [], [f"k{dtype}"], value=constant))
    scalar = numpy_helper.from_array(np.array(6, np.float32), "max")
    empty = numpy_helper.from_array(np.zeros((0, 3), np.int64), "empty")
    return model(nodes, [io("x", [1])], [io("z", [1])], [scalar, empty], opsets=(("", 17), ("example.test", 1)))


def typed():
    """The same values in float_data, int32_data and int64_data."""
    tensors = [helper.make_tensor(f"t{d}", d, [2, 2], v) for d, v in VALUES.items()]
    tensors.append(helper.make_tensor("scalar", FLOAT, [], [2.0]))
    return model([helper.make_node("Relu", ["x"], ["y"], "relu")], [io("x", [1])], [io("y", [1])], tensors)


def relu(**fields):
    return model([helper.make_node("Relu", ["x"], ["y"], "relu")], [io("x", [1])], [io("y", [1])], **fields)


def subgraph():
    branch = helper.make_graph([helper.make_node("Identity", ["x"], ["b"])], "branch", [], [io("b", [1])])
    node = helper.make_node("If", ["c"], ["y"], "choose", then_branch=branch, else_branch=branch)
    return model([node], [io("x", [1]), io("c", [], TensorProto.BOOL)], [io("y", [1])])


def external():
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="w.bin")
    return relu(initializers=[tensor])


def function():
    proto = relu()
    proto.functions.append(
        helper.make_function("d", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], [helper.make_opsetid("", 17)])
    )
    return proto


def sparse():
    proto = relu()
    proto.graph.sparse_initializer.add()
    return proto


def type_attribute():
    proto = relu()
    attribute = proto.graph.node[0].attribute.add(name="type", type=AttributeProto.TYPE_PROTO)
    attribute.tp.tensor_type.elem_type = FLOAT
    return proto


def shapeless():
    proto = relu()
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    return proto


def sequence():
    proto = relu()
    proto.graph.input[0].CopyFrom(helper.make_tensor_sequence_value_info("x", FLOAT, [1]))
    return proto


GOOD = {"raw": raw, "attributes": attributes, "typed": typed}
REFUSED = {
    "subgraph": subgraph,
    "external": external,
    "double": lambda: relu(initializers=[helper.make_tensor("w", TensorProto.DOUBLE, [1], [1.0])]),
    "strings": lambda: relu(initializers=[helper.make_tensor("w", TensorProto.STRING, [1], [b"s"])]),
    "function": function,
    "sparse": sparse,
    "type-attribute": type_attribute,
    "shapeless": shapeless,
    "sequence": sequence,
}

if __name__ == "__main__":
    expected = {}
    for folder, makers in (("good", GOOD), ("refused", REFUSED)):
        (HERE / folder).mkdir(exist_ok=True)
        for name, make in makers.items():
            proto = make()
            (HERE / folder / f"{name}.onnx").write_bytes(proto.SerializeToString(deterministic=True))
            if folder == "good":
                expected[name] = describe.model(proto)
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
