import { expect, test } from 'vitest';
import { frameShape } from '../../../src/image/frame.ts';
import { createSlots, slotReader, slotWriter } from '../../../src/pipeline/latest-frame.ts';
import { mulberry32 } from '../../../src/tensor/random.ts';

const shape = frameShape('bgrx', 2, 2);

test('the newest frame is taken, older ones are dropped and counted, none is overwritten while it is looked at', () => {
  const slots = createSlots(17);
  const writer = slotWriter(slots);
  const reader = slotReader(slots);
  const random = mulberry32(3);
  let written = -1;
  let taken = 0;
  let held: { readonly index: number; readonly data: Uint8Array } | undefined;
  expect(reader.take(0)).toBeUndefined();
  for (let step = 0; step < 2000; step++) {
    if (random() < 0.6) {
      written++;
      writer.target().fill(written % 256);
      writer.publish(shape, 1000 + written);
    } else {
      const newer = reader.hasNewer();
      const frame = reader.take(1000);
      expect(frame !== undefined).toBe(newer);
      if (frame !== undefined) {
        expect(frame).toMatchObject({ ...shape, index: written, arrivedMs: written });
        expect(frame.data).toHaveLength(16);
        held = frame;
        taken++;
      }
    }
    if (held !== undefined) expect(held.data.every((value) => value === held!.index % 256)).toBe(true);
  }
  const waiting = reader.hasNewer() ? 1 : 0;
  expect(reader.captured()).toBe(written + 1);
  expect(reader.dropped()).toBe(written + 1 - taken - waiting);
});

test('a reader is told of the next frame once, when it asked', () => {
  const slots = createSlots(16);
  const writer = slotWriter(slots, 40);
  const reader = slotReader(slots);
  expect(writer.publish(shape, 0)).toBe(false);
  reader.want();
  expect(writer.publish(shape, 0)).toBe(true);
  expect(writer.publish(shape, 0)).toBe(false);
  expect(reader.take(0)?.index).toBe(42);
});

test('every format and range passes through', () => {
  const slots = createSlots(64);
  const writer = slotWriter(slots);
  const reader = slotReader(slots);
  for (const format of ['rgb24', 'bgrx', 'yuv420p', 'nv12'] as const) {
    for (const range of ['limited', 'full'] as const) {
      const sent = frameShape(format, 3, 2, 4, range);
      writer.publish(sent, 5);
      expect(reader.take(0)).toMatchObject(sent);
    }
  }
});
