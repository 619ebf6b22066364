import { ResedgeError } from '../errors.ts';

/** Layout of a frame's bytes: packed RGB, packed BGR with a fourth byte unused, planar 4:2:0, or 4:2:0 with interleaved chroma. */
export const PIXEL_FORMATS = ['rgb24', 'bgrx', 'yuv420p', 'nv12'] as const;
export type PixelFormat = (typeof PIXEL_FORMATS)[number];

/** Bytes that a luma of 0 to 1 takes: 16 to 235 (video), or all of 0 to 255 (JPEG). */
export type YuvRange = 'limited' | 'full';

/** What describes the bytes of a frame. */
export type FrameShape = {
  readonly format: PixelFormat;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next in the first plane; above `width` times a pixel's bytes where rows are padded. */
  readonly stride: number;
  /** Of the YUV formats, whose matrix is that of BT.601; default: limited. */
  readonly range?: YuvRange;
};

/** A picture in one of the formats of cameras and decoders. */
export type RawPicture = FrameShape & { readonly data: Uint8Array };

/** Bytes of a pixel in the first plane. */
const PIXEL_BYTES: Readonly<Record<PixelFormat, number>> = { rgb24: 3, bgrx: 4, yuv420p: 1, nv12: 1 };

/** Largest side of a frame. */
export const MAX_FRAME_SIDE = 16_384;

/** A frame's shape with rows padded to a multiple of `align` bytes. */
export function frameShape(
  format: PixelFormat,
  width: number,
  height: number,
  align = 1,
  range: YuvRange = 'limited',
): FrameShape {
  const stride = Math.ceil((width * PIXEL_BYTES[format]) / align) * align;
  return { format, width, height, stride, range };
}

/** Where the planes of a frame begin and how far their rows are apart. Chroma has a sample for every 2 x 2 pixels, odd sides rounded up. */
export type Planes = { readonly u: number; readonly v: number; readonly chromaStride: number; readonly bytes: number };

/** The planes of a frame; the packed formats have one. Chroma rows are padded like those of luma. */
export function planesOf({ format, height, stride }: FrameShape): Planes {
  const luma = stride * height;
  const rows = Math.ceil(height / 2);
  const half = Math.ceil(stride / 2);
  if (format === 'yuv420p')
    return { u: luma, v: luma + half * rows, chromaStride: half, bytes: luma + 2 * half * rows };
  if (format === 'nv12') return { u: luma, v: luma + 1, chromaStride: 2 * half, bytes: luma + 2 * half * rows };
  return { u: luma, v: luma, chromaStride: 0, bytes: luma };
}

/** Throws code `input` unless the frame has the bytes and the row length that its shape asks for. */
export function checkFrame({ data, ...shape }: RawPicture): void {
  const { format, width, height, stride } = shape;
  const sides = [width, height].every((side) => Number.isInteger(side) && side > 0 && side <= MAX_FRAME_SIDE);
  const least = width * PIXEL_BYTES[format];
  const { bytes } = planesOf(shape);
  if (sides && Number.isInteger(stride) && stride >= least && data.length >= bytes) return;
  throw new ResedgeError(
    'input',
    `expected a ${format} frame of ${width} x ${height} with rows of at least ${least} bytes and ${bytes} bytes in all, received rows of ${stride} and ${data.length} bytes`,
  );
}
