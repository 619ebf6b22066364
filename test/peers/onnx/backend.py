"""Runs the models of onnx's backend tests, and what resedge made of them.

Usage: backend.py export <folder>        writes every model and its inputs to <folder>/<number>/; prints their number
       backend.py compare <folder>       <number>/model.onnx against <number>/written.onnx, bit for bit; prints what differs
       backend.py classifiers            prints the paths of the package's image classifiers
       backend.py scores <pairs.json>    a classifier against what it became, on one random picture; prints the largest differences
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

DATA = Path(onnx.__file__).parent / "backend/test/data"
RANDOM = {"RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial", "Dropout"}


def cases():
    for case in collect_testcases(None):
        yield case.name, case.model, case.data_sets[0][0] if case.data_sets else []
    for path in sorted(DATA.glob("*/*/model.onnx")):
        tensors = sorted(path.parent.glob("test_data_set_0/input_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
        feeds = []
        for file in tensors:
            tensor = onnx.TensorProto()
            try:
                tensor.ParseFromString(file.read_bytes())
                feeds.append(numpy_helper.to_array(tensor))
            except Exception:
                feeds.append(None)
        yield path.parent.name, onnx.load(path), feeds


def export(folder):
    count = 0
    for name, model, feeds in cases():
        if RANDOM & {node.op_type for node in model.graph.node}:
            continue
        case = folder / str(count)
        case.mkdir()
        (case / "name").write_text(name)
        (case / "model.onnx").write_bytes(model.SerializeToString())
        arrays = [feed for feed in feeds if isinstance(feed, np.ndarray) and feed.dtype.kind in "fiub"]
        if len(arrays) == len(feeds):
            np.savez(case / "inputs.npz", *arrays)
        count += 1
    return count


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path, arrays):
    try:
        opened = session(path)
        return opened.run(None, {value.name: array for value, array in zip(opened.get_inputs(), arrays)})
    except Exception as error:
        return type(error).__name__


def same(before, after):
    if isinstance(before, str) or isinstance(after, str):
        return before == after
    pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(before, after)]
    return len(before) == len(after) and all(
        a.dtype == b.dtype and a.shape == b.shape and (a.tolist() == b.tolist() or a.tobytes() == b.tobytes()) for a, b in pairs
    )


def compare(folder):
    ran, different = 0, []
    for case in folder.iterdir():
        if not (case / "written.onnx").exists() or not (case / "inputs.npz").exists():
            continue
        stored = np.load(case / "inputs.npz")
        arrays = [stored[f"arr_{i}"] for i in range(len(stored.files))]
        before, after = run(case / "model.onnx", arrays), run(case / "written.onnx", arrays)
        ran += not isinstance(before, str)
        if not same(before, after):
            different.append((case / "name").read_text())
    return {"ran": ran, "different": different}


def scores(pairs):
    result = {}
    for original, written in pairs:
        picture = None
        found = []
        for path in (original, written):
            opened = session(path)
            given = {tensor.name for tensor in onnx.load(path).graph.initializer}
            [image] = [value for value in opened.get_inputs() if value.name not in given]
            if picture is None:
                picture = np.random.default_rng(0).normal(0, 1, image.shape).astype(np.float32)
            found.append(opened.run(None, {image.name: picture})[0].ravel())
        result[Path(original).stem] = float(np.abs(found[0] - found[1]).max() / max(np.abs(found[0]).max(), 1e-30))
    return result


if sys.argv[1] == "export":
    print(json.dumps(export(Path(sys.argv[2]))))
elif sys.argv[1] == "compare":
    print(json.dumps(compare(Path(sys.argv[2]))))
elif sys.argv[1] == "classifiers":
    print(json.dumps(sorted(str(path) for path in (DATA / "light").glob("*.onnx"))))
else:
    print(json.dumps(scores(json.loads(Path(sys.argv[2]).read_text()))))
