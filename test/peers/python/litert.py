"""What LiteRT makes of a .tflite file: scores for pictures uint8 [n, side, side, 3], as real numbers.

    python3 test/peers/python/litert.py <model.tflite> <pictures.bin> <side> <scores.bin>

An integer input takes the bytes themselves, as devices feed it: shifted by 128 for int8. A float input takes what the
file's name says: resnet pixels in [0, 1], mobile in [-1, 1], others as they are.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

NORMALISED = {"resnet": (0, 255), "mobile": (127.5, 127.5)}


def run(data, pictures, name=""):
    # With its default kernels, XNNPACK's; its reference ones round otherwise, and differ from these by a step here and there.
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    fed, scored = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    rows = []
    for picture in pictures:
        interpreter.set_tensor(fed["index"], prepared(picture, fed["dtype"], name)[None])
        interpreter.invoke()
        row = interpreter.get_tensor(scored["index"])[0]
        if row.dtype != np.float32:
            scale, zero = scored["quantization"]
            row = (row.astype(np.float32) - zero) * np.float32(scale)
        rows.append(row)
    return np.stack(rows)


def prepared(picture, dtype, name):
    if dtype == np.uint8:
        return picture
    if dtype == np.int8:
        return (picture.astype(int) - 128).astype(np.int8)
    mean, scale = NORMALISED.get(name.split(".")[0], (0, 1))
    return ((picture - np.float32(mean)) / np.float32(scale)).astype(np.float32)


if __name__ == "__main__":
    model, pictures, side, out = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    shown = np.fromfile(pictures, np.uint8).reshape(-1, side, side, 3)
    run(model.read_bytes(), shown, model.name).astype(np.float32).tofile(out)
