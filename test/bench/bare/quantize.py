"""ONNX Runtime's own static quantizer: quantize.py <fp32.onnx> <int8.onnx> <folder of pictures>."""

import sys
from pathlib import Path

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

RESIZE = 256
SIZE = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def read(path):
    picture = Image.open(path).convert("RGB")
    scale = RESIZE / min(picture.size)
    picture = picture.resize([int(side * scale) for side in picture.size], Image.Resampling.BILINEAR)
    left, top = ((side - SIZE) // 2 for side in picture.size)
    pixels = np.asarray(picture.crop((left, top, left + SIZE, top + SIZE)), np.float32)
    return ((pixels / 255 - MEAN) / STD).transpose(2, 0, 1)[None]


class Pictures(CalibrationDataReader):
    def __init__(self, folder):
        self.paths = iter(sorted(Path(folder).iterdir()))

    def get_next(self):
        path = next(self.paths, None)
        return None if path is None else {"input": read(path)}


model, output, folder = sys.argv[1:]
quantize_static(
    model,
    output,
    Pictures(folder),
    quant_format=QuantFormat.QDQ,
    per_channel=True,
    activation_type=QuantType.QUInt8,
    weight_type=QuantType.QInt8,
)
