"""Reads what `resedge convert --target` wrote with the programs it is for, and prints what they found as JSON.

    python3 targets.py check MODEL...                 onnx.checker with shape inference
    python3 targets.py openvino MODEL REFERENCE INPUT labels of both on a .npy of pixels, and precisions by kind of layer
    python3 targets.py triton CONFIG                  tritonclient's parser
    python3 targets.py rknn FOLDER                    convert.py with a stand-in for Rockchip's toolkit
    python3 targets.py npy FILE                       type, shape and sum
    python3 targets.py ort MODEL INPUT                scores of ONNX Runtime on a .npy of pixels
"""

import json
import os
import runpy
import sys
import types
from collections import Counter

import numpy


def check(*paths):
    import onnx

    for path in paths:
        onnx.checker.check_model(path, full_check=True)
    return len(paths)


def scores(path, pixels):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    (scored,) = session.run(None, {session.get_inputs()[0].name: pixels})
    return scored


def openvino(path, reference, pixels):
    import openvino

    pictures = numpy.load(pixels)
    model = openvino.Core().compile_model(path, "CPU")
    found = model(pictures)[model.outputs[0]]
    kinds = Counter()
    for node in model.get_runtime_model().get_ordered_ops():
        info = node.get_rt_info()
        kinds[f"{info['layerType'].astype(str)} {info['runtimePrecision'].astype(str)}"] += 1
    return {
        "labels": found.argmax(1).tolist(),
        "expected": scores(reference, pictures).argmax(1).tolist(),
        "kinds": kinds,
    }


def triton(path):
    from google.protobuf import json_format, text_format
    from tritonclient.grpc import model_config_pb2

    config = text_format.Parse(open(path).read(), model_config_pb2.ModelConfig())
    return json_format.MessageToDict(config, preserving_proto_field_name=True)


def rknn(folder):
    """Runs the script in the folder; what it asks of the toolkit and of OpenCV is written down."""
    calls = []

    class Toolkit:
        def __init__(self, **options):
            pass

        def __getattr__(self, name):
            return lambda *given, **options: calls.append([name, {"arg": given[0]} if given else options]) or 0

    sys.modules["rknn"] = types.ModuleType("rknn")
    sys.modules["rknn.api"] = types.ModuleType("rknn.api")
    sys.modules["rknn.api"].RKNN = Toolkit
    sys.modules["cv2"] = types.ModuleType("cv2")
    written = {}
    sys.modules["cv2"].imwrite = lambda name, picture: written.update({name: picture[0, 0].tolist()}) is None
    sys.argv = ["convert.py", "rk3566"]
    runpy.run_path(os.path.join(folder, "convert.py"), run_name="__main__")
    return {"calls": calls, "written": written}


def npy(path):
    array = numpy.load(path)
    return {"dtype": str(array.dtype), "shape": array.shape, "corner": array[0, 0, 0].tolist()}


def ort(path, pixels):
    return scores(path, numpy.load(pixels)).tolist()


command, *arguments = sys.argv[1:]
print(json.dumps({f.__name__: f for f in (check, openvino, triton, rknn, npy, ort)}[command](*arguments)))
