import { createFramePreparer, type RegionChoice } from '../image/from-frame.ts';
import { allocateInput, type InputTensor } from '../image/to-input.ts';
import { guesses } from '../runtime/answer.ts';
import { scoresOf } from '../runtime/scores.ts';
import { softmax } from '../runtime/softmax.ts';
import type { Classifier } from './classify.ts';
import type { Frame, FrameSource, StreamAnswer } from './types.ts';

/** What an AbortSignal offers, as far as it is used here. */
export type StopSignal = {
  readonly aborted: boolean;
  readonly addEventListener: (type: 'abort', listener: () => void, options: { readonly once: true }) => void;
  readonly removeEventListener: (type: 'abort', listener: () => void) => void;
};

export type StreamOptions = {
  /** Classes to name; default 5. */
  readonly top?: number;
  /** The part of the frame to look at, in its pixels; default: all of it. */
  readonly region?: RegionChoice;
  /** Ends the loop, quietly, and lets go of the source. */
  readonly signal?: StopSignal;
};

/** Milliseconds: since the program or page began, its beginning since 1970, and a wait. */
export type Clock = {
  readonly now: () => number;
  readonly origin: number;
  readonly sleep: (ms: number) => Promise<void>;
};

const DEFAULT_TOP = 5;

/** Weight of the newest time in an average. */
const NEWEST = 0.2;

/** A frame is taken so much before the inference under way is expected to end, beyond the time that preparing takes. */
const MARGIN_MS = 1;

type Prepared = {
  readonly input: InputTensor;
  readonly frame: Pick<Frame, 'index' | 'arrivedMs'>;
  readonly ms: number;
  readonly since: number;
};

/**
 * Classifies the newest frames of a source, one after the other, until it ends. The next frame is prepared while inference of the last
 * one runs elsewhere, as late as its expected end allows, so that it is as new as it can be; frames that come in between are left out and
 * counted. Nothing of a frame's size is allocated on the way. The source is taken over: it is closed when the loop ends, however it does.
 */
export async function* streamAnswers(
  source: FrameSource,
  { session, metadata }: Classifier,
  { top = DEFAULT_TOP, region, signal }: StreamOptions,
  clock: Clock,
): AsyncGenerator<StreamAnswer, void, undefined> {
  const { preprocessing, labels, output } = metadata;
  const prepare = createFramePreparer(preprocessing, region);
  const inputs = [allocateInput(preprocessing), allocateInput(preprocessing)] as const;
  const spent = { prepare: 0, infer: 0 };
  let turn = 0;
  let replaced = 0;

  const take = async (): Promise<Prepared | undefined> => {
    const frame = await source.next();
    if (frame === undefined || signal?.aborted) return undefined;
    const start = clock.now();
    const input = prepare(frame, inputs[turn]!);
    const since = clock.now();
    spent.prepare += NEWEST * (since - start - spent.prepare);
    const { index, arrivedMs } = frame;
    return { input, frame: { index, arrivedMs }, ms: since - start, since };
  };
  const takeLater = async (): Promise<Prepared | undefined> => {
    turn = 1 - turn;
    const wait = spent.infer - spent.prepare - MARGIN_MS;
    if (wait >= 1) await clock.sleep(wait);
    return await take();
  };
  /** A frame that has waited longer than preparing takes makes way for a newer one. */
  const freshest = async (due: Promise<Prepared | undefined>): Promise<Prepared | undefined> => {
    let prepared = await due;
    while (prepared && source.hasNewer() && clock.now() - prepared.since > Math.max(MARGIN_MS, spent.prepare)) {
      replaced++;
      prepared = await take();
    }
    return prepared;
  };

  const close = (): void => void source.close().catch(() => undefined);
  signal?.addEventListener('abort', close, { once: true });
  let next: Promise<Prepared | undefined> | undefined;
  try {
    if (signal?.aborted) return;
    next = take();
    for (;;) {
      const prepared = await freshest(next);
      if (prepared === undefined) return;
      const running = scoresOf(session, prepared.input);
      next = takeLater();
      // It is awaited in its turn; until then a rejection is not unhandled.
      next.catch(() => undefined);
      const scores = await running;
      spent.infer += NEWEST * (scores.ms - spent.infer);
      if (signal?.aborted) return;
      const probabilities = Float32Array.from(output === 'logits' ? softmax(scores.data) : scores.data);
      const { index, arrivedMs } = prepared.frame;
      yield {
        frame: index,
        at: clock.origin + arrivedMs,
        probabilities,
        top: guesses(probabilities, { labels, output: 'probabilities', top }),
        ms: { prepare: prepared.ms, infer: scores.ms, total: clock.now() - arrivedMs },
        dropped: source.counts().dropped + replaced,
      };
    }
  } finally {
    signal?.removeEventListener('abort', close);
    await source.close();
    await next?.catch(() => undefined);
  }
}
