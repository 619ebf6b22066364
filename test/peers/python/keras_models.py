"""Saves seeded classifiers with Keras, and what Keras makes of one input.

Usage: python keras_models.py golden <folder>        small models of Keras 2 (tf_keras) and Keras 3; needs tensorflow and tf_keras
       python keras_models.py applications <folder>  whole models of keras.applications, with any backend

The input is ((37 i) % 256) / 64 - 2 for element i of [1, size, size, 3].
"""

import gzip
import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np


def picture(size):
    values = (np.arange(size * size * 3) * 37) % 256
    return (values / 64 - 2).astype(np.float32).reshape(1, size, size, 3)


def seed(model):
    """Weights as a trained network has them, so that activations stay of order one, in steps that compress well."""
    random = np.random.default_rng(7)
    arrays = []
    for variable in model.weights:
        shape, name = tuple(variable.shape), variable.name.split("/")[-1].split(":")[0]
        if name in ("moving_variance", "variance"):
            arrays.append(random.uniform(0.5, 1.5, shape))
        elif name == "gamma":
            arrays.append(random.uniform(0.4, 0.9, shape))
        elif len(shape) < 2:
            arrays.append(random.uniform(-0.3, 0.3, shape))
        else:
            fan = np.prod(shape[:-1]) if name != "depthwise_kernel" else np.prod(shape[:2])
            reach = (3 / fan) ** 0.5
            arrays.append(random.uniform(-reach, reach, shape))
    model.set_weights([np.asarray(np.round(array * 64) / 64, np.float32) for array in arrays])
    return model


def narrow_resnet(keras, second):
    """keras.applications' ResNet with few narrow blocks."""
    resnet = import_module(f"{keras.__name__}.src.applications.resnet")
    old = hasattr(resnet, "stack1")
    prefix = "stack" if old else "stack_residual_blocks_v"
    stack = getattr(resnet, f"{prefix}{2 if second else 1}")

    def stacks(x):
        x = stack(x, 2, 2, stride1=2 if second else 1, name="conv2")
        x = stack(x, 3, 2, name="conv3")
        x = stack(x, 3, 2, name="conv4")
        return stack(x, 4, 2, stride1=1 if second else 2, name="conv5")

    name = {"model_name" if old else "name": "resnet50v2" if second else "resnet50"}
    return resnet.ResNet(stacks, second, True, weights=None, input_shape=(32, 32, 3), classes=5, **name)


def variety(keras):
    """Layers in many settings, a model inside the model, and a layer that is called twice."""
    layers = keras.layers
    image = layers.Input((16, 16, 3), name="image")
    x = layers.Rescaling(0.5, offset=0.25)(image)
    x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.ReLU(max_value=6.0)(x)
    inner = keras.Sequential(
        [
            layers.Input((8, 8, 6)),
            layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
            layers.LeakyReLU(),
            layers.BatchNormalization(center=False, epsilon=0.01),
            layers.SeparableConv2D(6, 5, padding="same", activation="elu"),
        ],
        name="inner",
    )
    y = inner(x)
    gate = layers.GlobalAveragePooling2D()(y)
    gate = layers.Reshape((1, 1, 6))(gate)
    gate = layers.Dense(3, activation="relu")(gate)
    gate = layers.Dense(6, activation="sigmoid")(gate)
    x = layers.Add()([x, layers.Multiply()([y, gate])])
    shared = layers.Conv2D(6, 3, padding="same", groups=2, activation="tanh", name="shared")
    x = layers.Concatenate()([shared(x), shared(layers.Dropout(0.5)(x))])
    a = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    b = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    x = layers.Concatenate()([a, b])
    x = layers.Conv2D(4, (3, 2), dilation_rate=2, padding="same", activation="hard_sigmoid")(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.Flatten()(x)
    x = layers.Dense(5, activation="swish")(x)
    x = layers.Activation("softmax")(x)
    return keras.Model(image, x, name="variety")


def plain(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((16, 16, 3)),
            layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.5, 0.7, 1.1]),
            layers.ZeroPadding2D(((0, 1), (1, 0))),
            layers.Conv2D(4, 3, strides=2, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(5),
        ],
        name="plain",
    )


def odd_files(folder):
    """HDF5 files whose data lies elsewhere, or is not what it seems."""
    import h5py

    def write(name, fill):
        file = folder / f"{name}.h5"
        with h5py.File(file, "w") as opened:
            fill(opened)
        Path(f"{file}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        file.unlink()

    def link(to):
        return lambda file: file.__setitem__("weights", to)

    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "weights", (4,))
    write("external-link", link(h5py.ExternalLink("../../other.h5", "/weights")))
    write("soft-link", link(h5py.SoftLink("/nowhere")))
    write("circle", lambda file: file.create_group("inner").__setitem__("outer", file["/"]))
    write("virtual", lambda file: file.create_virtual_dataset("weights", layout))
    write("stored-outside", lambda file: file.create_dataset("weights", (4,), "f4", external=[("/etc/passwd", 0, 16)]))
    write("huge", lambda file: file.create_dataset("weights", (2**20, 2**20), "f4", chunks=(1024, 1024)))
    write("half", lambda file: file.create_dataset("weights", data=np.ones(4, "f2")))


def predict(model, size):
    return [float(value) for value in np.asarray(model(picture(size), training=False)).ravel()]


MADE = {"resnet": (lambda keras: narrow_resnet(keras, False), 32), "variety": (variety, 16), "plain": (plain, 16)}
MADE["resnetv2"] = (lambda keras: narrow_resnet(keras, True), 32)

FILES = {
    "2": ["resnet.h5", "resnet.kernels.h5", "variety.h5", "plain.h5"],
    "3": ["resnetv2.keras", "resnetv2.weights.h5", "variety.keras", "variety.h5", "plain.keras"],
}


def golden(folder):
    import keras
    import tf_keras

    odd_files(folder)
    expected = {}
    for version, library in (("2", tf_keras), ("3", keras)):
        models = {}
        for wanted in FILES[version]:
            name, suffix = wanted.split(".", 1)
            make, size = MADE[name]
            model = models[name] = models.get(name) or seed(make(library))
            file = folder / f"{name}.{version}.{suffix}"
            save = model.save_weights if suffix in ("weights.h5", "kernels.h5") else model.save
            save(str(file))
            Path(f"{file}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            file.unlink()
            expected[file.name] = {"size": size, "scores": predict(model, size)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def applications(folder):
    import keras

    expected = {}
    for name in ("ResNet50", "ResNet50V2"):
        model = seed(getattr(keras.applications, name)(weights=None, input_shape=(64, 64, 3), classes=10))
        file = f"{name.lower()}.keras"
        model.save(folder / file)
        expected[file] = {"size": 64, "scores": predict(model, 64)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    {"golden": golden, "applications": applications}[sys.argv[1]](Path(sys.argv[2]))
