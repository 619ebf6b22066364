"""Classifies a folder through Pillow in a pool of threads and ONNX Runtime: folder.py <model.onnx> <folder> <threads> <times over>."""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import onnxruntime
from warm import read, top5

model, folder, threads, over = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
name = session.get_inputs()[0].name
pictures = [os.path.join(folder, file) for file in sorted(os.listdir(folder))] * int(over)
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for path, pixels in zip(pictures, pool.map(read, pictures)):
        print(path, top5(session, name, pixels))
