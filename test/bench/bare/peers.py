"""Models quantized by others: peers.py <jobs.json>, a list of {tool, model, pictures, output, and the tool's settings}.

`model` is a folded FP32 network with one input [N, C, H, W], `pictures` a raw file of float32 for it; one picture at a time.
"""

import json
import logging
import os
import sys
import warnings
from contextlib import contextmanager

import nncf
import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static


class Feeds(CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def by_onnxruntime(job, feeds, output):
    quantize_static(
        job["model"],
        output,
        Feeds(feeds),
        quant_format=QuantFormat.QDQ,
        calibrate_method=CalibrationMethod[job["method"]],
        per_channel=job["perChannel"],
        reduce_range=job["reduceRange"],
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


@contextmanager
def without_layouts():
    """NNCF's full bias correction cuts out graphs that ONNX Runtime cannot load once it has optimized their layout (NCHWc)."""
    options = onnxruntime.SessionOptions

    def extended():
        made = options()
        made.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        return made

    onnxruntime.SessionOptions = extended
    try:
        yield
    finally:
        onnxruntime.SessionOptions = options


def by_nncf(job, feeds, output):
    with without_layouts():
        quantized = nncf.quantize(
            onnx.load(job["model"]),
            nncf.Dataset(feeds),
            preset=nncf.QuantizationPreset(job["preset"]),
            subset_size=len(feeds),
            fast_bias_correction=job["fastBiasCorrection"],
        )
    onnx.save(quantized, output)


TOOLS = {"onnxruntime": by_onnxruntime, "nncf": by_nncf}


def run(job):
    (graph_input,) = onnx.load(job["model"]).graph.input
    sides = [side.dim_value for side in graph_input.type.tensor_type.shape.dim[1:]]
    pictures = np.fromfile(job["pictures"], np.float32).reshape(-1, *sides)
    part = job["output"] + ".part.onnx"
    TOOLS[job["tool"]](job, [{graph_input.name: picture[None]} for picture in pictures], part)
    os.replace(part, job["output"])


warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
with open(sys.argv[1]) as jobs:
    for job in json.load(jobs):
        run(job)
