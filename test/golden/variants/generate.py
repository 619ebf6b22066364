"""Writes small networks of timm's and transformers' kinds with random weights, and their logits, computed here in double precision
with NumPy alone from the definitions of the layers. Run again, it writes the same bytes. Needs NumPy."""

import json
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).parent
SIZE = 44
CLASSES = 5
EPSILON = 1e-5


def conv(x, w, stride=1, pad=0, groups=1, bias=None):
    n, c, _, _ = x.shape
    o, per_group, kh, kw = w.shape
    ph, pw = (pad, pad) if isinstance(pad, int) else pad
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    out = [
        np.einsum("nchwij,ocij->nohw", windows[:, g * per_group : (g + 1) * per_group], w[g * o // groups : (g + 1) * o // groups])
        for g in range(groups)
    ]
    out = np.concatenate(out, axis=1)
    return out if bias is None else out + bias[None, :, None, None]


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def max_pool(x, stride):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))[:, :, ::stride, ::stride].max(axis=(4, 5))


def average_2x2(x, ceil):
    """Means over 2 x 2 with stride 2; at an odd end, of what is there (ceil) or nothing."""
    h, w = x.shape[2:]
    if not ceil:
        h, w = h // 2 * 2, w // 2 * 2
    rows = [x[:, :, i : min(i + 2, h)] for i in range(0, h, 2)]
    return np.stack(
        [np.stack([row[:, :, :, j : min(j + 2, w)].mean(axis=(2, 3)) for j in range(0, w, 2)], axis=2) for row in rows], axis=2
    )


def blur(x):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="reflect")
    line = np.array([1, 2, 1]) / 4
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    return np.einsum("nchwij,i,j->nchw", windows, line, line)


class Weights:
    """Draws each tensor when it is first asked for, rounded to float16, which is what is stored."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def get(self, name, shape, low=None, high=None):
        if name not in self.tensors:
            reach = np.sqrt(6 / max(1, int(np.prod(shape[1:]))))
            low, high = (-reach, reach) if low is None else (low, high)
            self.tensors[name] = self.random.uniform(low, high, shape).astype(np.float16)
        return self.tensors[name].astype(np.float64)

    def conv_norm(self, x, conv_name, norm_name, out, kernel, stride=1, groups=1):
        w = self.get(f"{conv_name}.weight", (out, x.shape[1] // groups, kernel, kernel))
        x = conv(x, w, stride, kernel // 2, groups)
        gamma = self.get(f"{norm_name}.weight", (out,), 0.4, 1.0)
        beta = self.get(f"{norm_name}.bias", (out,), -0.3, 0.3)
        mean = self.get(f"{norm_name}.running_mean", (out,), -0.3, 0.3)
        variance = self.get(f"{norm_name}.running_var", (out,), 0.5, 1.5)
        shape = (1, out, 1, 1)
        scale = gamma / np.sqrt(variance + EPSILON)
        return (x - mean.reshape(shape)) * scale.reshape(shape) + beta.reshape(shape)

    def linear(self, x, name, out):
        return x @ self.get(f"{name}.weight", (out, x.shape[1])).T + self.get(f"{name}.bias", (out,), -0.3, 0.3)


def se(w, x, name):
    channels, reduced = x.shape[1], 8
    y = x.mean(axis=(2, 3), keepdims=True)
    y = conv(y, w.get(f"{name}.fc1.weight", (reduced, channels, 1, 1)), bias=w.get(f"{name}.fc1.bias", (reduced,), -0.3, 0.3))
    y = conv(relu(y), w.get(f"{name}.fc2.weight", (channels, reduced, 1, 1)), bias=w.get(f"{name}.fc2.bias", (channels,), -0.3, 0.3))
    return x * sigmoid(y)


def eca(w, x, name):
    kernel = 3 if x.shape[1] < 64 else 5
    taps = w.get(f"{name}.conv.weight", (1, 1, kernel)).reshape(-1)
    means = x.mean(axis=(2, 3))
    padded = np.pad(means, ((0, 0), (kernel // 2, kernel // 2)))
    y = np.stack([padded[:, i : i + kernel] @ taps for i in range(means.shape[1])], axis=1)
    return x * sigmoid(y)[:, :, None, None]


def timm(w, x, depths, bottleneck, width=4, deep=None, avg_down=False, attention=None, filtered=None, groups=1):
    halve = {"blur": blur, "average": lambda v: average_2x2(v, False)}.get(filtered)
    if deep:
        x = relu(w.conv_norm(x, "conv1.0", "conv1.1", deep[0], 3, 2))
        x = relu(w.conv_norm(x, "conv1.3", "conv1.4", deep[1], 3))
        x = relu(w.conv_norm(x, "conv1.6", "bn1", width, 3))
    else:
        x = relu(w.conv_norm(x, "conv1", "bn1", width, 7, 2))
    if filtered == "average":
        x = average_2x2(x, False)
    elif filtered == "blur":
        x = blur(max_pool(x, 1))
    else:
        x = max_pool(x, 2)
    for stage, depth in enumerate(depths):
        inner = width * 2**stage
        out = inner * 4 if bottleneck else inner
        for block in range(depth):
            at = f"layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            in_conv = 1 if halve else stride
            y = x
            if bottleneck:
                y = relu(w.conv_norm(y, f"{at}.conv1", f"{at}.bn1", inner, 1))
                y = relu(w.conv_norm(y, f"{at}.conv2", f"{at}.bn2", inner, 3, in_conv, groups))
            else:
                y = relu(w.conv_norm(y, f"{at}.conv1", f"{at}.bn1", inner, 3, in_conv))
            if halve and stride == 2:
                y = halve(y)
            last = 3 if bottleneck else 2
            y = w.conv_norm(y, f"{at}.conv{last}", f"{at}.bn{last}", out, 1 if bottleneck else 3)
            if attention:
                y = attention(w, y, f"{at}.se")
            if stride != 1 or x.shape[1] != out:
                if avg_down:
                    x = average_2x2(x, True) if stride == 2 else x
                    x = w.conv_norm(x, f"{at}.downsample.1", f"{at}.downsample.2", out, 1)
                else:
                    x = w.conv_norm(x, f"{at}.downsample.0", f"{at}.downsample.1", out, 1, stride)
            x = relu(x + y)
    return w.linear(x.mean(axis=(2, 3)), "fc", CLASSES)


def transformers(w, x, depths, bottleneck, width=4, in_bottleneck=False, in_first=False):
    def layer(v, at, out, kernel, stride=1):
        return w.conv_norm(v, f"{at}.convolution", f"{at}.normalization", out, kernel, stride)

    x = max_pool(relu(layer(x, "resnet.embedder.embedder", width, 7, 2)), 2)
    for stage, depth in enumerate(depths):
        out = width * 2**stage * (4 if bottleneck else 1)
        for block in range(depth):
            at = f"resnet.encoder.stages.{stage}.layers.{block}"
            stride = 2 if block == 0 and (stage > 0 or in_first) else 1
            if bottleneck:
                y = relu(layer(x, f"{at}.layer.0", out // 4, 1, stride if in_bottleneck else 1))
                y = relu(layer(y, f"{at}.layer.1", out // 4, 3, 1 if in_bottleneck else stride))
                y = layer(y, f"{at}.layer.2", out, 1)
            else:
                y = layer(relu(layer(x, f"{at}.layer.0", out, 3, stride)), f"{at}.layer.1", out, 3)
            if stride != 1 or x.shape[1] != out:
                x = layer(x, f"{at}.shortcut", out, 1, stride)
            x = relu(x + y)
    return w.linear(x.mean(axis=(2, 3)), "classifier.1", CLASSES)


NETWORKS = {
    "resnet10t": (timm, dict(depths=[1, 1, 1, 1], bottleneck=False, deep=(3, 4), avg_down=True)),
    "resnet14d": (timm, dict(depths=[1, 1, 1, 1], bottleneck=True, deep=(4, 4), avg_down=True)),
    "seresnet10": (timm, dict(depths=[1, 1, 1, 1], bottleneck=False, attention=se)),
    "ecaresnet14": (timm, dict(depths=[1, 1, 1, 1], bottleneck=True, attention=eca)),
    "resnetblur10": (timm, dict(depths=[1, 1, 1, 1], bottleneck=False, filtered="blur")),
    "resnetaa14": (timm, dict(depths=[1, 1, 1, 1], bottleneck=True, filtered="average")),
    "transformers.basic": (transformers, dict(depths=[1, 2, 1, 1], bottleneck=False, in_first=True)),
    "transformers.bottleneck": (transformers, dict(depths=[1, 1, 2, 1], bottleneck=True)),
    "transformers.first": (transformers, dict(depths=[1, 1, 1, 1], bottleneck=True, in_bottleneck=True)),
}


def write_safetensors(path, tensors):
    header, blobs, offset = {}, [], 0
    for name, value in tensors.items():
        blob = value.astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def main():
    x = np.random.default_rng(1).normal(size=(2, 3, SIZE, SIZE)).astype(np.float32)
    np.save(HERE / "input.npy", x)
    for seed, (name, (network, options)) in enumerate(NETWORKS.items()):
        weights = Weights(seed)
        # Averages that leave out an odd end do not fit the shortcut of such a size.
        side = 32 if options.get("filtered") == "average" else SIZE
        logits = network(weights, x[:, :, :side, :side].astype(np.float64), **options)
        write_safetensors(HERE / f"{name}.safetensors", weights.tensors)
        np.save(HERE / f"{name}.logits.npy", logits.astype(np.float32))
        print(name, sum(v.size for v in weights.tensors.values()), np.round(logits[0], 3))


if __name__ == "__main__":
    main()
