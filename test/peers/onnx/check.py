"""Reads ONNX files with the onnx package and prints what they hold as a JSON list.

    python3 check.py load|check|infer FILE...

load reads only, check runs onnx.checker, infer adds shape inference.
"""

import json
import sys
from pathlib import Path

import onnx

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[2] / "golden" / "onnx"))

import describe

level, *paths = sys.argv[1:]
models = []
for path in paths:
    proto = onnx.load(path)
    if level != "load":
        onnx.checker.check_model(proto, full_check=level == "infer")
    models.append(describe.model(proto))
print(json.dumps(models))
