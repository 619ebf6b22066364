import { type FrameShape, planesOf } from '../../image/frame.ts';
import { createSlots, type FrameWriter, slotWriter } from '../../pipeline/latest-frame.ts';
import type { FrameTarget } from '../../pipeline/split-frames.ts';
import type { CaptureEvent } from './protocol.ts';

/** Where the capturing thread puts frames. */
export type FrameStore = FrameTarget & {
  /** Frames captured so far. */
  readonly count: () => number;
};

/** Frames in memory shared with the other thread, which is told of new memory when larger frames come, and of frames it waits for. */
export function createStore(post: (event: CaptureEvent) => void): FrameStore {
  let writer: FrameWriter | undefined;
  let capacity = 0;
  let count = 0;
  const room = (shape: FrameShape): Uint8Array => {
    const { bytes } = planesOf(shape);
    if (writer === undefined || bytes > capacity) {
      const slots = createSlots(bytes);
      capacity = bytes;
      writer = slotWriter(slots, count);
      post({ kind: 'slots', slots });
    }
    return writer.target();
  };
  const done = (shape: FrameShape): void => {
    count++;
    if (writer?.publish(shape, performance.timeOrigin + performance.now())) post({ kind: 'frame' });
  };
  return { room, done, count: () => count };
}
