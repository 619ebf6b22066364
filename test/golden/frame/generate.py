"""Frames in camera formats, and what ffmpeg and Pillow make of them: the reference for src/image/from-frame.ts.

    venv/bin/python test/golden/frame/generate.py        (Pillow 13.0.0, numpy 2.4.6, ffmpeg 5.1)

Writes, beside this file: <frame>.raw, <case>.rgb (what a model sees of it, interleaved RGB) and cases.json.
ffmpeg makes the YUV frames, numpy their colours by the formulas of BT.601 (each chroma sample for its 2 x 2 pixels), and
Pillow resizes and crops.
"""

import json
import pathlib
import subprocess

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
INPUT_SIZE, RESIZE = 24, 27
cases = []


def picture(width, height):
    """Smooth colours, saturated ones among them, under a few hard edges."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    rgb = np.stack([127 + 127 * np.sin(x / 9), 127 + 127 * np.cos(y / 7), 127 + 127 * np.sin((x + y) / 11)], axis=-1)
    rgb[height // 3 : height // 2, width // 4 : width // 2] = (255, 0, 0)
    rgb[height // 2 :, : width // 5] = (0, 0, 255)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def ffmpeg(data, source, target, width, height):
    command = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", source, "-s", f"{width}x{height}", "-i", "-"]
    command += ["-f", "rawvideo", "-pix_fmt", target, "-"]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def colours(data, kind, width, height):
    """RGB of a 4:2:0 frame without padding, by the formulas of ITU-R BT.601 in floating point."""
    half, rows = (width + 1) // 2, (height + 1) // 2
    values = np.frombuffer(data, np.uint8).astype(float)
    luma, chroma = values[: width * height].reshape(height, width), values[width * height :]
    pair = chroma.reshape(rows, half, 2).transpose(2, 0, 1) if kind == "nv12" else chroma.reshape(2, rows, half)
    blue, red = (plane.repeat(2, axis=0).repeat(2, axis=1)[:height, :width] - 128 for plane in pair)
    if kind != "yuvj420p":
        luma, blue, red = (luma - 16) * 255 / 219, blue * 255 / 224, red * 255 / 224
    rgb = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=-1)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def seen(rgb, region):
    x, y, w, h = region
    image = Image.fromarray(rgb).crop((x, y, x + w, y + h))
    longer = int(RESIZE * max(w, h) / min(w, h))
    image = image.resize((RESIZE, longer) if w <= h else (longer, RESIZE), Image.Resampling.BILINEAR)
    left, top = round((image.width - INPUT_SIZE) / 2), round((image.height - INPUT_SIZE) / 2)
    return image.crop((left, top, left + INPUT_SIZE, top + INPUT_SIZE)).tobytes()


def pad(data, row, stride):
    """Rows of `row` bytes, each followed by bytes of another value up to `stride`."""
    rows = np.frombuffer(data, np.uint8).reshape(-1, row)
    return np.concatenate([rows, np.full((len(rows), stride - row), 0xA5, np.uint8)], axis=1).tobytes()


def planes(data, width, height, stride):
    """A planar 4:2:0 frame with padded rows, those of chroma by half as much."""
    half, rows = (width + 1) // 2, (height + 1) // 2
    luma, chroma = data[: width * height], data[width * height :]
    assert len(chroma) == 2 * half * rows
    return pad(luma, width, stride) + pad(chroma, half, (stride + 1) // 2)


def save(frame, tag, data, expected, **facts):
    (HERE / f"{frame}.raw").write_bytes(data)
    (HERE / f"{frame}{tag}.rgb").write_bytes(expected)
    cases.append({"name": f"{frame}{tag}", "frame": frame, **facts})


def main():
    width, height = 61, 43
    rgb = picture(width, height)
    whole, part = (0, 0, width, height), (7, 5, 41, 31)
    shape = {"width": width, "height": height}
    bgrx = np.concatenate([rgb[:, :, ::-1], np.full((height, width, 1), 0x5A, np.uint8)], axis=2).tobytes()
    for region in (whole, part):
        facts = {**shape, "region": region, "tolerance": 0}
        tag = "" if region == whole else "-part"
        save("rgb24", tag, pad(rgb.tobytes(), 3 * width, 184), seen(rgb, region), format="rgb24", stride=184, **facts)
        save("bgrx", tag, bgrx, seen(rgb, region), format="bgrx", stride=4 * width, **facts)
        for source, name, range_ in (
            ("yuv420p", "yuv420p", "limited"),
            ("yuvj420p", "yuv420p", "full"),
            ("nv12", "nv12", "limited"),
        ):
            data = ffmpeg(rgb.tobytes(), "rgb24", source, width, height)
            back = colours(data, source, width, height)
            stride = 64 if source == "yuvj420p" else width
            stored = planes(data, width, height, stride) if stride != width else data
            facts = {**shape, "region": region, "tolerance": 1}
            save(source, tag, stored, seen(back, region), format=name, stride=stride, range=range_, **facts)
    text = json.dumps({"inputSize": INPUT_SIZE, "resize": RESIZE, "cases": cases}, indent=2)
    (HERE / "cases.json").write_text(text + "\n")


main()
