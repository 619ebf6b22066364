"""Lays an ONNX classifier with a float input out for Transformers.js: transformers_folder.py <model.onnx> <folder>."""
import json
import os
import sys

import onnx

source, folder = sys.argv[1:]
model = onnx.load(source)
names = {model.graph.input[0].name: 'pixel_values', model.graph.output[0].name: 'logits'}
for value in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
    value.name = names.get(value.name, value.name)
for node in model.graph.node:
    for values in (node.input, node.output):
        for i, name in enumerate(values):
            values[i] = names.get(name, name)
classes = model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
os.makedirs(os.path.join(folder, 'onnx'), exist_ok=True)
onnx.save(model, os.path.join(folder, 'onnx/model_quantized.onnx'))


def write(name, content):
    with open(os.path.join(folder, name), 'w') as file:
        json.dump(content, file)


labels = {str(i): str(i) for i in range(classes)}
write('config.json', {
    'architectures': ['ResNetForImageClassification'], 'model_type': 'resnet', 'id2label': labels,
    'label2id': {name: int(name) for name in labels},
})
write('preprocessor_config.json', {
    'feature_extractor_type': 'ConvNextFeatureExtractor', 'image_processor_type': 'ConvNextImageProcessor',
    'crop_pct': 0.875, 'do_normalize': True, 'do_resize': True, 'do_rescale': True, 'resample': 2,
    'image_mean': [0.485, 0.456, 0.406], 'image_std': [0.229, 0.224, 0.225], 'size': {'shortest_edge': 224},
})
