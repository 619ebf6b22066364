import { ResedgeError } from '../../src/errors.ts';
import type { Edit } from './augment.ts';

/** Interleaved 8-bit RGB, row by row without padding. */
export type Picture = { readonly width: number; readonly height: number; readonly data: Uint8Array };

/** Stretches a whole picture over a square of `size`, antialiased. */
export type Resize = (picture: Picture, size: number) => Picture;

type Place = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** What stands where nothing is: ImageNet's mean colour, which the usual preprocessing turns to zero. */
const NOTHING = [124, 116, 104] as const;

/** Weights of red, green and blue in the brightness of a pixel (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** The picture after all edits, in their order. `resize` is needed where an edit resizes. The source is never written to. */
export function applyEdits(picture: Picture, edits: readonly Edit[], resize?: Resize): Picture {
  return edits.reduce((done, edit) => applyEdit(done, edit, resize), picture);
}

function applyEdit(picture: Picture, edit: Edit, resize: Resize | undefined): Picture {
  switch (edit.kind) {
    case 'crop':
      return view(picture, edit);
    case 'shift':
      return view(picture, { x: edit.x, y: edit.y, width: picture.width, height: picture.height });
    case 'resize':
      if (resize === undefined) throw new ResedgeError('internal', 'expected a way to resize pictures');
      return resize(picture, edit.size);
    case 'flip':
      return flipped(picture);
    case 'colour':
      return recoloured(picture, edit);
    case 'cover':
      return covered(picture, { x: edit.x, y: edit.y, width: edit.size, height: edit.size });
  }
}

/** What a window at `place` shows of a picture. */
function view(picture: Picture, place: Place): Picture {
  const { width, height } = place;
  const data = new Uint8Array(width * height * 3);
  const [left, right] = [Math.max(0, place.x), Math.min(picture.width, place.x + width)];
  const [top, bottom] = [Math.max(0, place.y), Math.min(picture.height, place.y + height)];
  if (right - left < width || bottom - top < height) fill(data, 0, width * height);
  for (let y = top; y < bottom && left < right; y++) {
    const from = (y * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + (right - left) * 3), ((y - place.y) * width + left - place.x) * 3);
  }
  return { width, height, data };
}

function covered({ width, height, data }: Picture, place: Place): Picture {
  const out = Uint8Array.from(data);
  const [left, right] = [Math.max(0, place.x), Math.min(width, place.x + place.width)];
  for (let y = Math.max(0, place.y); y < Math.min(height, place.y + place.height); y++) {
    fill(out, y * width + left, Math.max(0, right - left));
  }
  return { width, height, data: out };
}

/** Makes `count` pixels from pixel `from` on show nothing. */
function fill(data: Uint8Array, from: number, count: number): void {
  const [red, green, blue] = NOTHING;
  for (let i = from * 3; i < (from + count) * 3; i += 3) {
    data[i] = red;
    data[i + 1] = green;
    data[i + 2] = blue;
  }
}

function flipped({ width, height, data }: Picture): Picture {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = (y * width + width - 1 - x) * 3;
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return { width, height, data: out };
}

/** Brightness scales all values, contrast those against the picture's mean brightness, saturation those against the pixel's own. */
function recoloured(
  { width, height, data }: Picture,
  { brightness, contrast, saturation }: Edit & { readonly kind: 'colour' },
): Picture {
  const lumaAt = (i: number): number => LUMA[0] * data[i]! + LUMA[1] * data[i + 1]! + LUMA[2] * data[i + 2]!;
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += lumaAt(i);
  const mean = (sum / (width * height)) * brightness;
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const grey = lumaAt(i) * (1 - saturation);
    for (let c = 0; c < 3; c++) {
      const value = (grey + saturation * data[i + c]!) * brightness;
      out[i + c] = mean + contrast * (value - mean);
    }
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}
