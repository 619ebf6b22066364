import { describe, expect, test } from 'vitest';
import { type FrameShape, frameShape, planesOf } from '../../../src/image/frame.ts';
import { type FrameSplitter, type FrameTarget, splitRaw, splitY4m } from '../../../src/pipeline/split-frames.ts';
import { mulberry32 } from '../../../src/tensor/random.ts';

type Taken = { readonly shape: FrameShape; readonly bytes: readonly number[] };

function collect(): FrameTarget & { readonly frames: Taken[] } {
  const frames: Taken[] = [];
  let room = new Uint8Array();
  return {
    frames,
    room: (shape) => {
      room = new Uint8Array(planesOf(shape).bytes);
      return room;
    },
    done: (shape) => void frames.push({ shape, bytes: [...room] }),
  };
}

function pushInPieces(splitter: FrameSplitter, bytes: Uint8Array, most: number, seed: number): void {
  const random = mulberry32(seed);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * most));
    splitter.push(bytes.subarray(at, end));
    at = end;
  }
}

const numbered = (length: number, first: number): number[] => Array.from({ length }, (_, i) => (first + 7 * i) % 251);
const text = (line: string): number[] => [...new TextEncoder().encode(line)];

describe.each([1, 5, 64, 1000])('pieces of up to %d bytes', (most) => {
  test('raw frames arrive whole and in order', () => {
    const shape = frameShape('rgb24', 5, 3, 4);
    const frames = [1, 2, 3, 4].map((first) => numbered(48, first));
    const target = collect();
    const splitter = splitRaw(shape, target);
    pushInPieces(splitter, Uint8Array.from(frames.flat()), most, most);
    expect(target.frames).toEqual(frames.map((bytes) => ({ shape, bytes })));
    splitter.push(Uint8Array.of(1, 2, 3));
    expect(splitter.end()).toEqual({ frames: 4, rest: 3 });
  });

  test('YUV4MPEG2 frames arrive whole, with the size and range of the header', () => {
    const frames = [1, 2, 3].map((first) => numbered(15 + 2 * 6, first));
    const target = collect();
    const splitter = splitY4m(target);
    const stream = [
      ...text('YUV4MPEG2 W5 H3 F30:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=FULL\n'),
      ...frames.flatMap((bytes, i) => [...text(i === 1 ? 'FRAME Ip\n' : 'FRAME\n'), ...bytes]),
    ];
    pushInPieces(splitter, Uint8Array.from(stream), most, most);
    const shape = { format: 'yuv420p', width: 5, height: 3, stride: 5, range: 'full' };
    expect(target.frames).toEqual(frames.map((bytes) => ({ shape, bytes })));
    expect(splitter.end()).toEqual({ frames: 3, rest: 0 });
    splitter.push(Uint8Array.from([...text('FRAME\n'), 1, 2]));
    expect(splitter.end()).toEqual({ frames: 3, rest: 2 });
  });
});

test.each([
  ['RIFF0123', 'expected a YUV4MPEG2 stream'],
  ['YUV4MPEG2 W0 H3', 'expected a YUV4MPEG2 stream'],
  ['YUV4MPEG2 W5 H3 C422', 'received C422'],
  ['YUV4MPEG2 W5 H3 C420p10', 'received C420p10'],
  ['YUV4MPEG2 W5 H3\nBLAME', 'expected a frame of YUV4MPEG2 after 0 others'],
])('%j is refused', (line, says) => {
  expect(() => splitY4m(collect()).push(Uint8Array.from(text(`${line}\n`)))).toThrow(says);
});

test('a header line without end is refused', () => {
  expect(() => splitY4m(collect()).push(new Uint8Array(2000).fill(65))).toThrow(/at most 1024 bytes/);
});

test('a header of absurd size is refused before memory is taken', () => {
  expect(() => splitY4m(collect()).push(Uint8Array.from(text('YUV4MPEG2 W99999999 H99999999\nFRAME\nx')))).toThrow(
    /16384/,
  );
});
