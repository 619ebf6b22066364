"""JPEG to top-5 in one warm process through Pillow and ONNX Runtime: warm.py <model.onnx> <folder> <threads> <pictures>; prints times."""
import json
import os
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image

WARM_UP = 10
RESIZE, SIZE = 256, 224


def read(path):
    picture = Image.open(path).convert('RGB')
    width, height = picture.size
    scale = RESIZE / min(width, height)
    picture = picture.resize((int(width * scale), int(height * scale)), Image.BILINEAR)
    left, top = (picture.width - SIZE) // 2, (picture.height - SIZE) // 2
    return np.asarray(picture.crop((left, top, left + SIZE, top + SIZE)))[None]


def top5(session, name, pixels):
    logits = session.run(None, {name: pixels})[0][0]
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    return [(int(i), float(shares[i])) for i in np.argsort(-shares)[:5]]


if __name__ == '__main__':
    model, folder, threads, count = sys.argv[1:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    pictures = [os.path.join(folder, file) for file in sorted(os.listdir(folder))]
    times = []
    for i in range(-WARM_UP, int(count)):
        if i == 0:
            before = time.process_time()
        start = time.perf_counter()
        top5(session, name, read(pictures[(i + WARM_UP) % len(pictures)]))
        if i >= 0:
            times.append((time.perf_counter() - start) * 1000)
    cpu = (time.process_time() - before) * 1000 / len(times)
    print(json.dumps({'p50': sorted(times)[(len(times) + 1) // 2 - 1], 'cpu': cpu}))
