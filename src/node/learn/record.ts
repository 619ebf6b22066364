import { setTimeout as sleep } from 'node:timers/promises';
import { isResedgeError } from '../../errors.ts';
import { createFramePreparer } from '../../image/from-frame.ts';
import { allocateInput } from '../../image/to-input.ts';
import type { FrameSource } from '../../pipeline/types.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { type Example, exampleOfPixels } from './example.ts';

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
  {
    name,
    count,
    everyMs,
    index,
  }: { readonly name: string; readonly count: number; readonly everyMs: number; readonly index: number },
  preprocessing: Preprocessing,
  onFrame: (done: number) => void,
  signal?: AbortSignal,
): Promise<Recording> {
  const bytes: Preprocessing = { ...preprocessing, input: 'raw', layout: 'nhwc' };
  const prepare = createFramePreparer(bytes);
  const side = preprocessing.inputSize;
  const examples: Example[] = [];
  const short = (why: string): Recording => ({
    examples,
    shortfall: `${name}: expected ${count} pictures, ${why} after ${examples.length}; those are learnt`,
  });
  let due = 0;
  while (examples.length < count) {
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    if (signal?.aborted) return short('stopped');
    try {
      const frame = await source.next();
      if (frame === undefined) return short('it ended');
      due = performance.now() + everyMs;
      const { data } = prepare(frame, allocateInput(bytes));
      const pixels = { width: side, height: side, data: Uint8Array.from(data) };
      examples.push(exampleOfPixels(`${name} frame ${frame.index}`, index, pixels));
    } catch (error) {
      if (!isResedgeError(error) || examples.length === 0) throw error;
      return short(`it failed (${error.message})`);
    }
    onFrame(examples.length);
  }
  return { examples };
}
