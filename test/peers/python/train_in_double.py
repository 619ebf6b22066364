"""Three steps of SGD on a training graph, in double precision, with onnx's reference evaluator.

Usage: python train_in_double.py <model.onnx> <case.json>

The case: raw float32 files by input, the parameters among them with their dims, and the rule. Prints as JSON the losses and every
parameter after the steps.
"""

import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun


class FusedMatMul(OpRun):
    """ONNX Runtime's own operator."""

    op_domain = "com.microsoft"

    def _run(self, a, b, transA=0, transB=0):
        return (np.matmul(np.swapaxes(a, -1, -2) if transA else a, np.swapaxes(b, -1, -2) if transB else b),)


class Pad(OpRun):
    """Counts below zero cut, which numpy's pad refuses."""

    def _run(self, data, pads, value=None, axes=None, mode=None):
        before, after = np.split(np.asarray(pads), 2)
        kept = tuple(slice(max(0, -b), size - max(0, -a)) for b, a, size in zip(before, after, data.shape))
        return (np.pad(data[kept], [(max(0, b), max(0, a)) for b, a in zip(before, after)]),)


class BatchNormalization(OpRun):
    """In training mode, with a momentum of 0: the statistics are the batch's."""

    def _run(self, x, scale, bias, mean, variance, epsilon=None, momentum=None, training_mode=None):
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
        spread = [value.reshape(1, -1, 1, 1) for value in (scale, bias, mean, variance)]
        return (spread[0] * (x - spread[2]) / np.sqrt(spread[3] + epsilon) + spread[1], mean, variance)


def in_double(path):
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.DOUBLE
    return model


def main(path, case):
    with open(case) as file:
        case = json.load(file)
    read = {name: np.fromfile(at, np.float32).astype(np.float64).reshape(dims) for name, (at, dims) in case["feeds"].items()}
    model = in_double(path)
    session = ReferenceEvaluator(model, new_ops=[FusedMatMul, Pad, BatchNormalization])
    names = [output.name for output in model.graph.output]
    velocity, losses = {}, []
    for _ in range(case["steps"]):
        outputs = dict(zip(names, session.run(None, read)))
        losses.append(float(outputs["loss"]))
        for name, gradient in case["gradients"].items():
            slope = outputs[gradient] + case["weightDecay"] * read[name]
            velocity[name] = case["momentum"] * velocity.get(name, 0) + slope
            read[name] = read[name] - case["learningRate"] * velocity[name]
    print(json.dumps({"losses": losses, "parameters": {name: read[name].ravel().tolist() for name in case["gradients"]}}))


main(*sys.argv[1:])
