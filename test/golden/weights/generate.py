#!/usr/bin/env python3
"""Writes the small weight files of this folder and `expected.json`, with Python's standard library alone.

The pickles are made by Python's own pickler from stand-ins that bear PyTorch's names, so they carry the steps that
torch.save writes; values are packed by `struct`. `generate.py --check FILE...` proves it on real files: each object pickle
of torch.save is loaded into the stand-ins, pickled again, and must come back byte for byte.

    python3 test/golden/weights/generate.py
"""

import argparse
import io
import json
import math
import pickle
import random
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

HERE = Path(__file__).parent
MAGIC = 0x1950A86A20F9469CFC6C
MACHINE = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
FORMATS = {"Float": "f", "Double": "d", "Half": "e", "Long": "q", "Int": "i", "Short": "h", "Char": "b", "Byte": "B", "Bool": "?"}

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
torch._utils = utils
sys.modules.update({"torch": torch, "torch._utils": utils})

for element in [*FORMATS, "BFloat16"]:
    name = f"{element}Storage"
    setattr(torch, name, type(name, (), {"__module__": "torch", "__qualname__": name}))


class Tensor:
    def __init__(self, rebuild, args):
        self.rebuild, self.args = rebuild, args

    def __reduce_ex__(self, protocol):
        return self.rebuild, self.args


def rebuild(name):
    def build(*args):
        return Tensor(build, args)

    build.__module__, build.__name__, build.__qualname__ = "torch._utils", name, name
    setattr(utils, name, build)
    return build


REBUILD = rebuild("_rebuild_tensor_v2")
rebuild("_rebuild_tensor")
REBUILD_PARAMETER = rebuild("_rebuild_parameter")


class Storage:
    def __init__(self, id):
        self.id = id


class Pickler(pickle._Pickler):
    """The pickler in Python; it also memoizes the persistent ids' parts as torch.save's does."""

    def persistent_id(self, obj):
        return obj.id if isinstance(obj, Storage) else None


class Unpickler(pickle._Unpickler):
    def persistent_load(self, id):
        return Storage(id)


def dumps(obj, protocol=2):
    buffer = io.BytesIO()
    Pickler(buffer, protocol).dump(obj)
    return buffer.getvalue()


class Writer:
    """Collects storages and hands out tensors on them."""

    def __init__(self, legacy=False):
        self.legacy, self.data, self.expected = legacy, {}, {}

    def storage(self, element, values):
        key = str(93927408137552 + 64 * len(self.data)) if self.legacy else str(len(self.data))
        if element == "BFloat16":
            raw = b"".join(struct.pack("<f", value)[2:] for value in values)
        else:
            raw = struct.pack(f"<{len(values)}{FORMATS[element]}", *values)
        self.data[key] = (len(values), raw)
        id = ("storage", getattr(torch, f"{element}Storage"), key, "cpu", len(values))
        return Storage((*id, None) if self.legacy else id)

    def tensor(self, storage, size, stride, offset=0):
        return Tensor(REBUILD, (storage, offset, size, stride, False, OrderedDict()))

    def zip(self, path, obj, order="little", compress=zipfile.ZIP_STORED, protocol=2):
        with zipfile.ZipFile(path, "w", compress) as archive:
            put = lambda name, raw: archive.writestr(zipfile.ZipInfo(f"tiny/{name}"), raw, compress)
            put("data.pkl", obj if isinstance(obj, bytes) else dumps(obj, protocol))
            put("byteorder", order)
            for key, (_, raw) in self.data.items():
                put(f"data/{key}", raw)
            put("version", "3\n")

    def stream(self, path, obj, machine=MACHINE):
        body = b"".join(struct.pack("<q", count) + raw for count, raw in self.data.values())
        parts = [dumps(MAGIC), dumps(1001), dumps(machine), obj if isinstance(obj, bytes) else dumps(obj), dumps(list(self.data))]
        path.write_bytes(b"".join(parts) + body)


def contiguous(size):
    stride = []
    for axis in range(len(size)):
        stride.append(math.prod(size[axis + 1 :]))
    return tuple(stride)


def plain(values):
    return [value if isinstance(value, int) or math.isfinite(value) else str(value) for value in values]


HALVES = [0.0, -0.0, 1.0, -2.5, 65504.0, 2.0**-14, 2.0**-24, -3 * 2.0**-24, 1023 * 2.0**-24, math.inf, -math.inf, math.nan]
BRAINS = [0.0, -0.0, 1.0, -2.5, 3.3895313892515355e38, 2.0**-126, 2.0**-133, -(2.0**-130), math.inf, -math.inf, math.nan, 0.15625]


def every_element(writer):
    """One tensor per element type, each with its extremes; name -> (tensor, values as float32)."""
    single = [struct.unpack("<f", struct.pack("<f", value))[0] for value in (0.1, -1e-45, 3.4e38)]
    cases = {
        "f32": ("Float", single),
        "f64": ("Double", [0.1, -1e-300, 2.0**24 + 1]),
        "f16": ("Half", HALVES),
        "bf16": ("BFloat16", BRAINS),
        "i64": ("Long", [-(2**53), 7, 2**62]),
        "i32": ("Int", [-(2**31), 2**31 - 128, -1]),
        "i16": ("Short", [-(2**15), 2**15 - 1]),
        "i8": ("Char", [-128, 127]),
        "u8": ("Byte", [0, 255]),
        "bool": ("Bool", [True, False, True]),
    }
    tensors = OrderedDict()
    for name, (element, values) in cases.items():
        tensors[name] = writer.tensor(writer.storage(element, values), (len(values),), (1,))
        rounded = [value if element in ("Half", "BFloat16") else struct.unpack("<f", struct.pack("<f", value))[0] for value in values]
        writer.expected[name] = {"dims": [len(values)], "values": plain(rounded)}
    return tensors


def views(writer, tensors):
    """Windows on one shared storage of 0, 1, 2, ...: whole, with an offset, transposed, channels last, a single element, empty."""
    shared = writer.storage("Float", [float(i) for i in range(24)])
    windows = {
        "whole": ((2, 3, 2, 2), contiguous((2, 3, 2, 2)), 0),
        "offset": ((2, 2), (2, 1), 5),
        "transposed": ((4, 6), (1, 4), 0),
        "channels_last": ((2, 3, 2, 2), (12, 1, 6, 3), 0),
        "every_other": ((5,), (2,), 3),
        "scalar": ((), (), 23),
        "empty": ((0, 4), (4, 1), 0),
    }
    for name, (size, stride, offset) in windows.items():
        tensors[name] = writer.tensor(shared, size, stride, offset)
        places = [offset]
        for length, step in zip(size, stride):
            places = [place + i * step for place in places for i in range(length)]
        writer.expected[name] = {"dims": list(size), "values": [float(place) for place in places]}


def small_state(writer, prefix=""):
    source = random.Random(7)
    state = OrderedDict()
    for name, size in {"conv1.weight": (2, 3, 3, 3), "bn1.running_var": (2,), "fc.weight": (2, 2), "fc.bias": (2,)}.items():
        values = [struct.unpack("<f", struct.pack("<f", source.uniform(-1, 1)))[0] for _ in range(math.prod(size))]
        state[prefix + name] = writer.tensor(writer.storage("Float", values), size, contiguous(size))
        writer.expected[name] = {"dims": list(size), "values": values}
    state[prefix + "bn1.num_batches_tracked"] = writer.tensor(writer.storage("Long", [12]), (), ())
    writer.expected["bn1.num_batches_tracked"] = {"dims": [], "values": [12.0]}
    state._metadata = OrderedDict([("", {"version": 1}), ("conv1", {"version": 1})])
    return state


class Call:
    """Pickles as a call of any function, found or not."""

    def __init__(self, module, name, *args, state=None):
        self.function = type(name, (), {"__module__": module, "__qualname__": name})
        self.args, self.state = args, state
        parts = module.split(".")
        for depth in range(len(parts)):
            path = ".".join(parts[: depth + 1])
            sys.modules.setdefault(path, types.ModuleType(path))
        if not hasattr(sys.modules[module], name):
            setattr(sys.modules[module], name, self.function)
        self.function = getattr(sys.modules[module], name)

    def __reduce__(self):
        return (self.function, self.args) if self.state is None else (self.function, self.args, self.state)


def checkpoint(writer):
    """What a training script keeps beside the weights: numbers, a NumPy score, settings, the optimizer's state."""
    dtype = Call("numpy", "dtype", "f8", False, True, state=(3, "<", None, None, None, -1, -1, 0))
    state = small_state(writer, "module.")
    moment = writer.tensor(writer.storage("Float", [0.5] * 4), (2, 2), (2, 1))
    return {
        "epoch": 3,
        "arch": "tiny",
        "state_dict": state,
        "best_acc1": Call("numpy.core.multiarray", "scalar", dtype, struct.pack("<d", 91.5)),
        "optimizer": {"state": {0: {"momentum_buffer": moment}}, "param_groups": [{"lr": 0.1, "params": [0], "betas": (0.9, 0.999)}]},
        "seed": 2**80,
        "tags": {"a"},
        "parameter": Tensor(REBUILD_PARAMETER, (moment, True, OrderedDict())),
    }


def safetensors(path, tensors, metadata=None):
    header, body = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def system_call():
    import os

    return Call("os", "system", "echo harm")


def main():
    expected = {}

    writer = Writer()
    tensors = every_element(writer)
    names = {"f32": "F32", "f64": "F64", "f16": "F16", "bf16": "BF16", "i64": "I64", "i32": "I32", "i16": "I16", "i8": "I8", "u8": "U8", "bool": "BOOL"}
    raws = dict(zip(tensors, (raw for _, raw in writer.data.values())))
    safetensors(HERE / "elements.safetensors", {n: (names[n], writer.expected[n]["dims"], raws[n]) for n in raws}, {"format": "pt"})
    expected["elements.safetensors"] = dict(writer.expected)
    views(writer, tensors)
    writer.zip(HERE / "elements.zip.pth", tensors)
    writer.zip(HERE / "elements.protocol4.pth", tensors, protocol=4)
    expected["elements.zip.pth"] = expected["elements.protocol4.pth"] = writer.expected

    writer = Writer(legacy=True)
    tensors = every_element(writer)
    views(writer, tensors)
    writer.stream(HERE / "elements.legacy.pth", tensors)
    expected["elements.legacy.pth"] = writer.expected

    for legacy in (False, True):
        writer = Writer(legacy)
        obj = checkpoint(writer)
        file = f"checkpoint.{'legacy' if legacy else 'zip'}.pth"
        (writer.stream if legacy else writer.zip)(HERE / file, obj)
        expected[file] = writer.expected

    # Hostile or out of scope; none is in expected.json.
    (HERE / "system.pickle.pth").write_bytes(pickle.dumps(system_call()))
    (HERE / "system.protocol0.pth").write_bytes(pickle.dumps(system_call(), 0))
    writer = Writer()
    writer.zip(HERE / "system.zip.pth", {"state_dict": small_state(writer), "hook": system_call()})
    writer = Writer(legacy=True)
    writer.stream(HERE / "system.legacy.pth", {"state_dict": small_state(writer), "hook": system_call()})
    writer = Writer()
    writer.zip(HERE / "namespace.zip.pth", {"state_dict": small_state(writer), "args": argparse.Namespace(lr=0.1)})
    writer = Writer()
    writer.zip(HERE / "big-endian.zip.pth", small_state(writer), order="big")
    writer = Writer(legacy=True)
    writer.stream(HERE / "big-endian.legacy.pth", small_state(writer), {**MACHINE, "little_endian": False})
    writer = Writer()
    writer.zip(HERE / "deflated.zip.pth", small_state(writer), compress=zipfile.ZIP_DEFLATED)
    writer = Writer()
    state = small_state(writer)
    state["conv1.expanded"] = writer.tensor(writer.storage("Float", [1.0]), (1000000, 1000000), (0, 0))
    writer.zip(HERE / "expanded.zip.pth", state)

    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def check(path):
    raw = path.read_bytes()
    if raw[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            pickles = [archive.read(next(n for n in archive.namelist() if n.endswith("/data.pkl")))]
    else:
        stream, pickles = io.BytesIO(raw), []
        for _ in range(4):
            start = stream.tell()
            Unpickler(stream).load()
            pickles.append(raw[start : stream.tell()])
    same = all(dumps(Unpickler(io.BytesIO(p)).load()) == p for p in pickles)
    print(f"{path}: {'the same bytes' if same else 'DIFFERENT'}")
    return same


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        sys.exit(0 if all([check(Path(path)) for path in sys.argv[2:]]) else 1)
    main()
