import { expect, vi } from 'vitest';
import type { QueueOptions } from '../../../../src/node/sinks/queued.ts';
import type { CameraEvent } from '../../../../src/pipeline/answers/events.ts';

/** The n-th of a row of events. */
export function event(frame: number, label = 'cat'): CameraEvent {
  const time = new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + frame * 1000).toISOString();
  return { kind: 'entered', time, label, probability: 0.9, frame };
}

/** A queue's options with short waits, and the notes taken. */
export function quick(options: Partial<QueueOptions> = {}): QueueOptions & { readonly notes: readonly string[] } {
  const notes: string[] = [];
  return { capacity: 100, firstMs: 5, mostMs: 20, seed: 1, note: (line) => notes.push(line), notes, ...options };
}

/** Waits until something is so. */
export function until(condition: () => boolean, timeout = 10_000): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout, interval: 5 });
}
