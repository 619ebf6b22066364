"""The least program that times a model on OpenVINO: openvino_loop.py <model.onnx> <threads> <runs>; prints the median in milliseconds."""
import sys
import time

import numpy as np
import openvino

WARM_UP = 5
path, threads, runs = sys.argv[1:]
core = openvino.Core()
model = core.read_model(path)
_, *sides = list(model.input(0).partial_shape)
model.reshape([1, *[side.get_length() for side in sides]])
config = {'INFERENCE_NUM_THREADS': int(threads), 'PERFORMANCE_HINT': 'LATENCY'}
request = core.compile_model(model, 'CPU', config).create_infer_request()
shape = list(model.input(0).shape)
data = ((np.arange(np.prod(shape), dtype=np.uint64) * 2654435761 & 0xFFFFFFFF) >> 24).astype(np.uint8).reshape(shape)
times = []
for run in range(-WARM_UP, int(runs)):
    start = time.perf_counter()
    request.infer([data])
    if run >= 0:
        times.append((time.perf_counter() - start) * 1000)
print(sorted(times)[(len(times) + 1) // 2 - 1])
