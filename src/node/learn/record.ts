import { setTimeout as sleep } from 'node:timers/promises';
import { isResedgeError } from '../../errors.ts';
import type { FrameSource } from '../../pipeline/types.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { type Example, exampleOfPixels } from './example.ts';
import { framePixels } from './frame-pixels.ts';

export type Wish = {
  /** Of the source. */
  readonly name: string;
  /** Of frames, and milliseconds between them. */
  readonly count: number;
  readonly everyMs: number;
  /** The class. */
  readonly index: number;
};

export type Recording = {
  readonly examples: readonly Example[];
  /** Why there are fewer than were asked for. */
  readonly shortfall?: string;
};

/**
 * Records `count` frames of a source, one every `everyMs`, as examples of class `index`. A source that ends or fails before that has its
 * frames so far come back, with a line that says so; one that fails before its first frame throws.
 */
export async function record(
  source: FrameSource,
  wish: Wish,
  preprocessing: Preprocessing,
  onFrame: (done: number) => void,
  signal?: AbortSignal,
): Promise<Recording> {
  const { name, count, everyMs, index } = wish;
  const pixelsOf = framePixels(preprocessing);
  const examples: Example[] = [];
  const short = (why: string): Recording => ({ examples, shortfall: shortfallOf(wish, examples, why) });
  let due = 0;
  while (examples.length < count) {
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    if (signal?.aborted) return short('stopped');
    try {
      const frame = await source.next();
      if (frame === undefined) return short('it ended');
      due = performance.now() + everyMs;
      examples.push(exampleOfPixels(`${name} frame ${frame.index}`, index, pixelsOf(frame)));
    } catch (error) {
      if (!isResedgeError(error) || examples.length === 0) throw error;
      return short(`it failed (${error.message})`);
    }
    onFrame(examples.length);
  }
  return { examples };
}

/** Says why there are fewer examples than were asked for. */
export function shortfallOf(
  { name, count }: Pick<Wish, 'name' | 'count'>,
  { length }: readonly Example[],
  why: string,
): string {
  return `${name}: expected ${count} pictures, ${why} after ${length}; those are learnt`;
}
