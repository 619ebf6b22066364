import { type FrameShape, PIXEL_FORMATS, planesOf } from '../image/frame.ts';
import type { Frame } from './types.ts';

/**
 * Three frames in shared memory: one that the writer fills, one that the reader looks at, and one between them that changes hands by an
 * atomic exchange. Neither side ever waits for the other, and a frame that the reader did not take is replaced by the next.
 */
export type FrameSlots = { readonly memory: SharedArrayBuffer; readonly frameBytes: number };

const SLOTS = 3;

/** Control words at the start: the slot between the two sides, and the counts. */
const SHARED = 0;
const CAPTURED = 1;
const DROPPED = 2;
const WANTED = 3;
const CONTROL_BYTES = 16;

/** Set with the number of the slot between the two sides while its frame has not been taken. */
const FRESH = 4;

/** What is written beside each frame, as 64-bit floats: index, arrival, width, height, stride, format, range. */
const FACTS = 7;
const HEAD_BYTES = CONTROL_BYTES + SLOTS * FACTS * 8;

/** Frames begin at multiples of this. */
const ALIGN = 64;

/** Shared memory for frames of up to `frameBytes`. */
export function createSlots(frameBytes: number): FrameSlots {
  const memory = new SharedArrayBuffer(frameStart({ frameBytes }, SLOTS));
  new Int32Array(memory)[SHARED] = 1;
  return { memory, frameBytes };
}

function frameStart({ frameBytes }: Pick<FrameSlots, 'frameBytes'>, slot: number): number {
  const padded = Math.ceil(frameBytes / ALIGN) * ALIGN;
  return Math.ceil(HEAD_BYTES / ALIGN) * ALIGN + slot * padded;
}

function viewsOf(slots: FrameSlots): {
  readonly facts: readonly Float64Array[];
  readonly frames: readonly Uint8Array[];
} {
  const numbers = [0, 1, 2];
  return {
    facts: numbers.map((slot) => new Float64Array(slots.memory, CONTROL_BYTES + slot * FACTS * 8, FACTS)),
    frames: numbers.map((slot) => new Uint8Array(slots.memory, frameStart(slots, slot), slots.frameBytes)),
  };
}

export type FrameWriter = {
  /** Where the next frame's bytes go. */
  readonly target: () => Uint8Array;
  /** Hands the filled frame over; `arrived` is milliseconds since 1970. Says whether the reader waits to be told. */
  readonly publish: (shape: FrameShape, arrived: number) => boolean;
};

/** The writing side, of which there is one. Frames count from `first`. */
export function slotWriter(slots: FrameSlots, first = 0): FrameWriter {
  const control = new Int32Array(slots.memory, 0, CONTROL_BYTES / 4);
  const { facts, frames } = viewsOf(slots);
  let mine = 0;
  let index = first;
  return {
    target: () => frames[mine]!,
    publish: ({ format, width, height, stride, range }, arrived) => {
      const fact = facts[mine]!;
      fact[0] = index++;
      fact[1] = arrived;
      fact[2] = width;
      fact[3] = height;
      fact[4] = stride;
      fact[5] = PIXEL_FORMATS.indexOf(format);
      fact[6] = range === 'full' ? 1 : 0;
      const before = Atomics.exchange(control, SHARED, mine | FRESH);
      Atomics.add(control, CAPTURED, 1);
      if (before & FRESH) Atomics.add(control, DROPPED, 1);
      mine = before & ~FRESH;
      return Atomics.exchange(control, WANTED, 0) === 1;
    },
  };
}

export type FrameReader = {
  /** Asks to be told of the next frame. Ask before looking, so that none slips through in between. */
  readonly want: () => void;
  readonly hasNewer: () => boolean;
  /** The newest frame, if it has not been taken; its memory holds until the next call. `origin` is the clock's zero, since 1970. */
  readonly take: (origin: number) => Frame | undefined;
  readonly captured: () => number;
  readonly dropped: () => number;
};

/** The reading side, of which there is one. */
export function slotReader(slots: FrameSlots): FrameReader {
  const control = new Int32Array(slots.memory, 0, CONTROL_BYTES / 4);
  const { facts, frames } = viewsOf(slots);
  let mine = 2;
  const hasNewer = (): boolean => (Atomics.load(control, SHARED) & FRESH) !== 0;
  return {
    want: () => void Atomics.store(control, WANTED, 1),
    hasNewer,
    take: (origin) => {
      if (!hasNewer()) return undefined;
      mine = Atomics.exchange(control, SHARED, mine) & ~FRESH;
      const [index, arrived, width, height, stride, format, range] = facts[mine]!;
      const shape: FrameShape = {
        format: PIXEL_FORMATS[format!]!,
        width: width!,
        height: height!,
        stride: stride!,
        range: range === 1 ? 'full' : 'limited',
      };
      const data = frames[mine]!.subarray(0, planesOf(shape).bytes);
      return { ...shape, data, index: index!, arrivedMs: arrived! - origin };
    },
    captured: () => Atomics.load(control, CAPTURED),
    dropped: () => Atomics.load(control, DROPPED),
  };
}
