"""Pictures and what Pillow makes of them: the reference for src/image and src/node/image.

    python -m venv venv && venv/bin/pip install pillow==13.0.0 numpy==2.4.6
    venv/bin/python test/golden/image/generate.py

Writes, beside this file: pictures/* (drawn here, seeded), expected/<case>.rgb (interleaved RGB of the centred crop),
cases.json (case -> picture, geometry), resample.json (pictures given by a formula) and fit.json (geometry alone).
"""

import base64
import json
import pathlib
import random
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps

HERE = pathlib.Path(__file__).parent
PICTURES = HERE / "pictures"
EXPECTED = HERE / "expected"
cases = []


def fit(width, height, input_size, resize):
    """torchvision's Resize(int) and CenterCrop: resized width and height, left and top (negative: black border)."""
    short, long = min(width, height), max(width, height)
    longer = int(resize * long / short)
    w, h = (resize, longer) if width <= height else (longer, resize)

    def offset(extent):
        if extent < input_size:
            return -((input_size - extent) // 2)
        return int(round((extent - input_size) / 2.0))

    return w, h, offset(w), offset(h)


def prepare(image, input_size, resize, interpolation="bilinear"):
    w, h, left, top = fit(image.width, image.height, input_size, resize)
    if image.size != (w, h):
        image = image.resize((w, h), Image.Resampling[interpolation.upper()])
    return image.crop((left, top, left + input_size, top + input_size))


def photo(width, height, seed, slope=1.3):
    """Natural-like: 1/f noise, correlated between the channels, under shapes with hard edges."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1

    def noise():
        field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) / frequency**slope, s=(height, width))
        return field / field.std()

    light = noise()
    values = np.stack([128 + 48 * (light + 0.35 * noise()) for _ in range(3)], axis=-1)
    image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for i in range(24):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        size = int(rng.integers(3, max(4, min(width, height) // 4)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        if i % 3 == 0:
            draw.ellipse([x, y, x + size, y + size // 2 + 1], fill=colour)
        elif i % 3 == 1:
            draw.rectangle([x, y, x + size // 3, y + size], outline=colour, width=2)
        else:
            draw.line([x, y, x + size, y - size], fill=colour, width=1 + i % 4)
    return image


def case(picture, input_size, resize, image=None, expected=None, interpolation="bilinear", **options):
    """Saves `image` as `picture` (bytes are written as they are), reads it back with Pillow and keeps the result."""
    path = PICTURES / picture
    if isinstance(image, bytes):
        path.write_bytes(image)
    elif image is not None:
        image.save(path, **options)
    if expected is None:
        expected = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    name = f"{path.stem}-{path.suffix[1:]}-{input_size}-{resize}" + ("-bicubic" if interpolation == "bicubic" else "")
    (EXPECTED / f"{name}.rgb").write_bytes(prepare(expected, input_size, resize, interpolation).tobytes())
    facts = {"picture": picture, "inputSize": input_size, "resize": resize, "interpolation": interpolation}
    cases.append({"name": name, **facts})


def png16(values):
    """A PNG of 16 bits per sample, grey or RGB; Pillow writes none with three channels."""
    height, width = values.shape[:2]
    colour_type = 0 if values.ndim == 2 else 2
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def swapped_profile():
    """sRGB with red's and green's primaries exchanged: whoever applies it changes every colour visibly."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:24] + bytes(12) + profile[36:]  # the time of making
    return profile.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")


def write_pictures():
    case("photo.jpg", 128, 256, photo(500, 375, 1), quality=60)
    case("photo.jpg", 32, 32)
    case("portrait.jpg", 96, 110, photo(375, 500, 2), quality=50)
    case("odd.jpg", 64, 73, photo(341, 257, 3), quality=60, subsampling=0)
    turned = Image.Exif()
    turned[0x0112] = 6
    case("large.jpg", 96, 110, photo(1439, 1079, 4, slope=1.8), quality=35, exif=turned)
    case("large.jpg", 32, 32)
    case("blocks.jpg", 48, 55, photo(648, 480, 14, slope=1.7), quality=40)
    case("blocks.jpg", 16, 16)
    case("blocks.jpg", 8, 8)
    case("tall.jpg", 32, 36, photo(45, 301, 5), quality=80)
    case("wide.jpg", 32, 36, photo(301, 46, 6), quality=80)
    case("small.jpg", 32, 40, photo(23, 17, 7), quality=90)
    case("exact.jpg", 32, 32, photo(32, 32, 8), quality=90)
    case("exact.jpg", 24, 32)

    picture = photo(61, 47, 9)
    case("plain.png", 24, 32, picture)
    case("plain.png", 32, 20)
    case("plain.webp", 24, 32, picture, lossless=True)
    case("plain.tif", 24, 32, picture, compression="tiff_lzw")
    case("progressive.jpg", 24, 32, picture, quality=80, progressive=True)
    case("profile.jpg", 24, 32, picture, quality=80, icc_profile=swapped_profile())

    grey = picture.convert("L")
    case("grey.jpg", 24, 32, grey, quality=80)
    case("grey.png", 24, 32, grey)
    case("one-bit.png", 24, 32, grey.convert("1"))
    case("palette.png", 24, 32, picture.quantize(64))
    case("palette-transparent.png", 24, 32, picture.quantize(64), transparency=3)
    alpha = Image.linear_gradient("L").resize(picture.size)
    rgba = picture.copy()
    rgba.putalpha(alpha)
    case("alpha.png", 24, 32, rgba)
    case("alpha.webp", 24, 32, rgba, lossless=True, exact=True)
    grey_alpha = grey.copy()
    grey_alpha.putalpha(alpha)
    case("grey-alpha.png", 24, 32, grey_alpha)

    ink = Image.merge("CMYK", [*picture.split(), grey.point(lambda value: value // 3)])
    case("cmyk.jpg", 24, 32, ink, quality=90)
    case("cmyk.tif", 24, 32, ink)

    fine = np.asarray(picture).astype(np.uint16) * 257
    fine = fine ^ np.random.default_rng(10).integers(0, 256, fine.shape, dtype=np.uint16)
    case("rgb16.png", 24, 32, png16(fine))
    # Pillow clips 16-bit grey to 255, which leaves a white page; the upper byte is what the picture shows.
    upper = Image.fromarray((fine[..., 0] >> 8).astype(np.uint8)).convert("RGB")
    case("grey16.png", 24, 32, png16(fine[..., 0]), expected=upper)

    frames = [picture.quantize(32), photo(61, 47, 11).quantize(32)]
    case("animated.gif", 24, 32, frames[0], save_all=True, append_images=frames[1:], duration=100)

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        case(f"orientation-{orientation}.jpg", 24, 28, photo(60, 44, 12), quality=80, subsampling=0, exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    case("orientation-small.jpg", 32, 40, photo(24, 17, 13), quality=90, subsampling=0, exif=exif)


def write_bicubic():
    """Whole pictures, pictures reduced in one step and in two, enlarged ones, and one that is turned."""
    for picture, input_size, resize in [
        ("photo.jpg", 48, 94), ("photo.jpg", 32, 36), ("large.jpg", 48, 55), ("large.jpg", 32, 300), ("blocks.jpg", 48, 55),
        ("blocks.jpg", 8, 8), ("small.jpg", 32, 40), ("plain.png", 24, 32), ("alpha.png", 24, 32), ("cmyk.jpg", 24, 32),
        ("orientation-6.jpg", 24, 28),
    ]:  # fmt: skip
        case(picture, input_size, resize, interpolation="bicubic")


def formula(width, height):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * x * 7 + y * 13 + x * y + c * 50) % 256).astype(np.uint8))


def write_resample():
    sizes = [
        (53, 37, 16, 20), (37, 53, 16, 20), (500, 375, 12, 14), (13, 11, 24, 30), (200, 20, 18, 20), (20, 200, 18, 21),
        (64, 48, 32, 20), (1, 1, 4, 4), (2, 90, 8, 8), (31, 31, 31, 33), (900, 700, 6, 7),
    ]  # fmt: skip
    entries = []
    for interpolation in ("bilinear", "bicubic"):
        for width, height, input_size, resize in sizes:
            data = prepare(formula(width, height), input_size, resize, interpolation).tobytes()
            entries.append([interpolation, width, height, input_size, resize, base64.b64encode(data).decode()])
    (HERE / "resample.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


def write_fit():
    rng = random.Random(0)
    entries = [[500, 375, 224, 256], [341, 256, 224, 256], [375, 500, 224, 256], [32, 32, 32, 32], [64, 48, 32, 20]]
    for _ in range(150):
        input_size = rng.choice([32, 160, 223, 224, 299])
        resize = rng.choice([input_size, input_size + 1, int(input_size * 256 / 224), input_size - 9])
        entries.append([rng.randint(1, 4100), rng.randint(1, 4100), input_size, resize])
    rows = [json.dumps(entry + list(fit(*entry))) for entry in entries]
    (HERE / "fit.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    EXPECTED.mkdir(exist_ok=True)
    write_pictures()
    write_bicubic()
    write_resample()
    write_fit()
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in cases) + "\n]\n")
