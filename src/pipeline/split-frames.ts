import { ResedgeError } from '../errors.ts';
import { type FrameShape, MAX_FRAME_SIDE, planesOf } from '../image/frame.ts';

/** Where a splitter puts the bytes of frames. */
export type FrameTarget = {
  /** Called before the first byte of a frame; room for one of this shape. */
  readonly room: (shape: FrameShape) => Uint8Array;
  /** The frame in the room is whole. */
  readonly done: (shape: FrameShape) => void;
};

/** Cuts a stream of bytes, in pieces of any size, into frames. */
export type FrameSplitter = {
  readonly push: (chunk: Uint8Array) => void;
  /** Whole frames so far, and the bytes after the last one. */
  readonly end: () => { readonly frames: number; readonly rest: number };
};

/** Frames of one shape back to back. */
export function splitRaw(shape: FrameShape, target: FrameTarget): FrameSplitter {
  const { bytes } = planesOf(shape);
  let room: Uint8Array | undefined;
  let filled = 0;
  let frames = 0;
  const push = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length; ) {
      room ??= target.room(shape);
      const count = Math.min(bytes - filled, chunk.length - at);
      room.set(at === 0 && count === chunk.length ? chunk : chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < bytes) continue;
      target.done(shape);
      room = undefined;
      filled = 0;
      frames++;
    }
  };
  return { push, end: () => ({ frames, rest: filled }) };
}

/** Longest header line of a stream or a frame. */
const MAX_LINE_BYTES = 1024;
const NEWLINE = 10;

/**
 * YUV4MPEG2: a line that states the size, then every frame after a line of its own. Throws code `input` for anything else, and
 * `unsupported` for chroma other than 4:2:0 of 8 bits.
 */
export function splitY4m(target: FrameTarget): FrameSplitter {
  const line = new Uint8Array(MAX_LINE_BYTES);
  let length = 0;
  let shape: FrameShape | undefined;
  let raw: FrameSplitter | undefined;
  let left = 0;
  let frames = 0;
  const endLine = (): void => {
    const text = String.fromCharCode(...line.subarray(0, length));
    length = 0;
    if (shape === undefined || raw === undefined) {
      shape = parseY4m(text);
      raw = splitRaw(shape, target);
    } else if (/^FRAME( |$)/.test(text)) left = planesOf(shape).bytes;
    else
      throw new ResedgeError('input', `expected a frame of YUV4MPEG2 after ${frames} others, received something else`);
  };
  const push = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const count = Math.min(left, chunk.length - at);
        raw?.push(chunk.subarray(at, at + count));
        at += count;
        left -= count;
        if (left === 0) frames++;
      } else if (chunk[at] === NEWLINE) {
        endLine();
        at++;
      } else if (length < MAX_LINE_BYTES) line[length++] = chunk[at++]!;
      else throw new ResedgeError('limit', `expected a YUV4MPEG2 line of at most ${MAX_LINE_BYTES} bytes, it goes on`);
    }
  };
  return { push, end: () => ({ frames, rest: left === 0 ? length : planesOf(shape!).bytes - left }) };
}

/** The frames that a YUV4MPEG2 header announces. */
function parseY4m(header: string): FrameShape {
  const [magic, ...fields] = header.split(' ');
  const field = (letter: string): string | undefined => fields.find((text) => text.startsWith(letter))?.slice(1);
  const [width, height] = [Number(field('W')), Number(field('H'))];
  if (magic !== 'YUV4MPEG2' || !Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new ResedgeError('input', 'expected a YUV4MPEG2 stream with its width and height, received something else');
  if (Math.max(width, height) > MAX_FRAME_SIDE)
    throw new ResedgeError(
      'limit',
      `expected frames of at most ${MAX_FRAME_SIDE} pixels a side, received ${width} x ${height}`,
    );
  const chroma = field('C') ?? '420';
  if (!/^420(jpeg|mpeg2|paldv)?$/.test(chroma))
    throw new ResedgeError('unsupported', `expected YUV4MPEG2 of 8 bits in 4:2:0, received C${chroma}`);
  const range = fields.includes('XCOLORRANGE=FULL') ? 'full' : 'limited';
  return { format: 'yuv420p', width, height, stride: width, range };
}
