"""Writes the .tflite files of this folder, and what LiteRT makes of generated pictures as expected.json.

    python3 test/golden/tflite/generate.py <folder of CIFAR-10 class folders>

Wants tensorflow-cpu (2.21), ai-edge-litert (2.3) and pillow (13). The networks are small, and trained a little, so that
their scores say something.
"""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import flatbuffers
import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from PIL import Image
from tensorflow.keras import layers

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[2] / "peers/python"))

from litert import run

HERE = Path(__file__).parent
SIDE = 32
TRAINED_ON = 600
EPOCHS = 6
NAMES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def patterns(count, side=SIDE):
    """Pictures uint8 [count, side, side, 3] that a test makes again with integers alone."""
    k, y, x, c = np.ogrid[:count, :side, :side, :3]
    wave = (x * (3 + k % 5) + y * (7 - k % 4) + c * (11 + 13 * k)) * (1 + k % 3)
    return ((wave + ((x * y * (k + 1)) >> 3)) % 256).astype(np.uint8)


def cifar(folder):
    pictures, classes = [], []
    for index, name in enumerate(sorted(p.name for p in Path(folder).iterdir() if p.is_dir())):
        for path in sorted((Path(folder) / name).glob("*.jpg"))[:TRAINED_ON]:
            pictures.append(np.asarray(Image.open(path).convert("RGB")))
            classes.append(index)
    order = np.random.default_rng(0).permutation(len(pictures))
    return np.stack(pictures)[order], np.asarray(classes)[order]


def norm_relu(x):
    return layers.ReLU()(layers.BatchNormalization()(x))


def resnet():
    image = layers.Input((SIDE, SIDE, 3), name="image")
    x = norm_relu(layers.Conv2D(16, 3, padding="same", use_bias=False)(image))
    for filters, stride in ((16, 1), (24, 2)):
        short = x
        if stride != 1:
            short = layers.BatchNormalization()(layers.Conv2D(filters, 1, stride, use_bias=False)(x))
        x = norm_relu(layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x))
        x = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(x))
        x = layers.ReLU()(layers.Add()([x, short]))
    return tf.keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)), name="resnet")


def mobile():
    image = layers.Input((SIDE, SIDE, 3), name="image")
    relu6 = lambda x: layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = relu6(layers.Conv2D(12, 3, 2, padding="same", use_bias=False)(image))
    for filters, stride, multiplier in ((24, 1, 1), (24, 2, 2), (32, 2, 1)):
        x = relu6(layers.DepthwiseConv2D(3, stride, "same", depth_multiplier=multiplier, use_bias=False)(x))
        x = relu6(layers.Conv2D(filters, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Flatten()(layers.Conv2D(10, 1)(x))
    return tf.keras.Model(image, layers.Softmax()(x), name="mobile")


def variety():
    image = layers.Input((SIDE, SIDE, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1)(image)
    x = layers.Conv2D(8, 5, 2)(layers.ZeroPadding2D(((1, 2), (2, 1)))(x))
    x = layers.PReLU(shared_axes=[1, 2], alpha_initializer=tf.keras.initializers.Constant(0.2))(x)
    a = layers.MaxPooling2D(3, 2, "same")(x)
    b = layers.AveragePooling2D(3, 2, "same")(x)
    c = layers.LeakyReLU(negative_slope=0.1)(layers.Conv2D(8, 3, padding="same", dilation_rate=2)(a))
    d = layers.Activation("hard_swish")(layers.Conv2D(8, 3, padding="same", groups=2)(b))
    x = layers.Concatenate()([a, c, d])
    gate = layers.Conv2D(24, 1, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Subtract()([layers.Multiply()([x, gate]), b[..., :1]])
    x = layers.Lambda(lambda t: tf.clip_by_value(t, -1.0, 1.0))(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Permute((3, 1, 2))(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    return tf.keras.Model(image, layers.Dense(10)(x), name="variety")


def odds():
    """What the others have not; it is not trained."""
    image = layers.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, activation="tanh")(image)
    x = layers.Lambda(lambda t: tf.pad(t, [[0, 0], [1, 0], [2, 1], [0, 0]], constant_values=0.5))(x)
    x = layers.Conv2D(8, 1, activation="elu")(x)
    x = layers.Lambda(lambda t: t / (tf.sigmoid(t) + 0.5))(x)
    x = layers.Lambda(lambda t: t[:, 1:15:2, 2:, :])(x)
    x = layers.Lambda(lambda t: tf.reduce_mean(t, [1], keepdims=True))(x)
    x = layers.MaxPooling2D((1, 3), (1, 2))(x)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dense(12)(x)
    x = layers.Lambda(lambda t: tf.squeeze(tf.nn.relu6(t), [1, 2]))(x)
    return tf.keras.Model(image, layers.Dense(10)(x), name="odds")


def train(model, pictures, classes, logits):
    tf.keras.utils.set_random_seed(0)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    model.compile(tf.keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    fitted = model.fit(pictures, classes, batch_size=64, epochs=EPOCHS, verbose=0)
    print(model.name, model.count_params(), "accuracy", fitted.history["accuracy"][-1])


def lite(model, shown=None, ports=tf.float32, half=False, dynamic=False, per_channel=True):
    """`shown`: what full INT8 is calibrated on."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if shown is not None or half or dynamic:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if half:
        converter.target_spec.supported_types = [tf.float16]
    if shown is not None:
        converter.representative_dataset = lambda: ([picture[None]] for picture in shown)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = ports
        converter._experimental_disable_per_channel = not per_channel
    return converter.convert()


def legacy(data):
    """An INT8 model with one scale for a tensor as the unsigned kind of before 2019: all of it uint8, weights around 123."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data))
    graph = model.subgraphs[0]
    for tensor in graph.tensors:
        if tensor.type != schema.TensorType.INT8:
            continue
        stored = model.buffers[tensor.buffer].data
        constant = stored is not None and len(stored) > 0
        shift = 123 if constant else 128
        tensor.type = schema.TensorType.UINT8
        tensor.quantization.zeroPoint = np.asarray(tensor.quantization.zeroPoint) + shift
        if constant:
            values = np.frombuffer(np.asarray(stored, np.uint8).tobytes(), np.int8).astype(int) + shift
            model.buffers[tensor.buffer].data = np.clip(values, 0, 255).astype(np.uint8)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def table(builder, fields):
    """A flatbuffer's table; a field is an offset, or a byte given as (value,)."""
    builder.StartObject(max(fields) + 1)
    for place, value in fields.items():
        if isinstance(value, tuple):
            builder.PrependUint8Slot(place, value[0], 0)
        else:
            builder.PrependUOffsetTRelativeSlot(place, value, 0)
    return builder.EndObject()


def vector(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def labelled(data, mean, std, labels):
    """The model with what tflite-support's metadata writer would say of its pictures and classes: packed behind it, the labels."""
    builder = flatbuffers.Builder(256)
    normalization = table(builder, {0: builder.CreateNumpyVector(np.float32([mean])), 1: builder.CreateNumpyVector(np.float32([std]))})
    unit = table(builder, {0: (1,), 1: normalization})
    fed = table(builder, {4: vector(builder, [unit])})
    file = table(builder, {0: builder.CreateString("labels.txt"), 2: (2,)})
    scored = table(builder, {6: vector(builder, [file])})
    graph = table(builder, {2: vector(builder, [fed]), 3: vector(builder, [scored])})
    builder.Finish(table(builder, {3: vector(builder, [graph])}), b"M001")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(bytes(builder.Output()), np.uint8)
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    whole = flatbuffers.Builder(1024)
    whole.Finish(model.Pack(whole), b"TFL3")
    file = io.BytesIO(bytes(whole.Output()))
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(zipfile.ZipInfo("labels.txt"), "\n".join(labels) + "\n")
    return file.getvalue()


def with_second(data):
    """The model with a second subgraph, as one with several signatures has."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data))
    second = schema.SubGraphT()
    second.tensors, second.inputs, second.outputs, second.operators = [], [], [], []
    model.subgraphs.append(second)
    whole = flatbuffers.Builder(1024)
    whole.Finish(model.Pack(whole), b"TFL3")
    return bytes(whole.Output())


def main(folder):
    tf.keras.utils.set_random_seed(0)
    pictures, classes = cifar(folder)
    prepared = {
        "resnet": pictures.astype(np.float32) / 255,
        "mobile": pictures.astype(np.float32) / 127.5 - 1,
        "variety": pictures.astype(np.float32),
    }
    written = {}
    for model in (resnet(), mobile(), variety()):
        train(model, prepared[model.name], classes, logits=model.name != "mobile")
        shown = prepared[model.name][:128]
        written[f"{model.name}.float"] = lite(model)
        written[f"{model.name}.int8"] = lite(model, shown, tf.int8)
        if model.name == "resnet":
            written["resnet.half"] = lite(model, half=True)
            written["resnet.dynamic"] = lite(model, dynamic=True)
            written["resnet.uint8"] = lite(model, shown, tf.uint8)
            written["resnet.legacy"] = legacy(lite(model, shown, tf.int8, per_channel=False))
        if model.name == "mobile":
            written["mobile.float-io"] = lite(model, shown)
            written["mobile.two"] = with_second(written["mobile.int8"])
            written["mobile.labelled"] = labelled(written["mobile.float"], 127.5, 127.5, NAMES)
    tf.keras.utils.set_random_seed(1)
    written["odds.float"] = lite(odds())
    expected = {}
    for name, data in sorted(written.items()):
        (HERE / f"{name}.tflite").write_bytes(data)
        expected[name] = [[round(float(v), 7) for v in row] for row in run(data, patterns(12), name)]
    text = ",\n".join(f'  {json.dumps(name)}: {json.dumps(rows)}' for name, rows in expected.items())
    (HERE / "expected.json").write_text("{\n" + text + "\n}\n")


main(sys.argv[1])
