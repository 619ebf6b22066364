import { describe, expect, test } from 'vitest';
import { frameShape } from '../../../src/image/frame.ts';
import type { Classifier } from '../../../src/pipeline/classify.ts';
import { type Clock, streamAnswers } from '../../../src/pipeline/classify-stream.ts';
import type { Frame, FrameSource, StreamAnswer } from '../../../src/pipeline/types.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const clock: Clock = { now: () => performance.now(), origin: performance.timeOrigin, sleep };
const SIDE = 4;

/** A model whose two logits tell the grey level of its input, after `ms` milliseconds. */
function greyModel(
  ms: number,
  fail?: Error,
): Classifier & { readonly seen: number[]; readonly underWay: () => number } {
  const seen: number[] = [];
  let underWay = 0;
  let most = 0;
  const run = async (feeds: Readonly<Record<string, Tensor>>) => {
    most = Math.max(most, ++underWay);
    const grey = Number(feeds['x']!.data[0]);
    seen.push(grey);
    await sleep(ms);
    underWay--;
    if (fail && seen.length > 1) throw fail;
    expect(feeds['x']!.data[0]).toBe(grey);
    const data = Float32Array.of(grey / 100, 0);
    return { outputs: { y: { dtype: 'float32' as const, dims: [1, 2], data } }, ms };
  };
  return {
    seen,
    underWay: () => most,
    session: {
      backend: 'onnxruntime-node',
      provider: 'cpu',
      inputs: [{ name: 'x', dtype: 'uint8', dims: [1, SIDE, SIDE, 3] }],
      outputs: [{ name: 'y', dtype: 'float32', dims: [1, 2] }],
      loadMs: 0,
      run,
      close: async () => undefined,
    },
    metadata: {
      labels: ['light', 'dark'],
      output: 'logits',
      preprocessing: {
        input: 'raw',
        layout: 'nhwc',
        channels: 'rgb',
        inputSize: SIDE,
        resize: SIDE,
        interpolation: 'bilinear',
        scale: 255,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
    },
  };
}

/** A source of `count` grey frames, one every `ms` milliseconds, all of them in the same memory. */
function greySource(count: number, ms: number): FrameSource & { readonly closed: () => number } {
  const data = new Uint8Array(8 * 6 * 3);
  const begun = performance.now();
  let handed = -1;
  let dropped = 0;
  let closed = 0;
  const newest = (): number => Math.min(count - 1, Math.floor((performance.now() - begun) / ms));
  return {
    closed: () => closed,
    hasNewer: () => newest() > handed,
    next: async () => {
      while (newest() <= handed && handed < count - 1 && closed === 0) await sleep(1);
      if (closed > 0 || handed === count - 1) return undefined;
      const index = newest();
      dropped += index - handed - 1;
      handed = index;
      data.fill(index);
      return { ...frameShape('rgb24', 8, 6), data, index, arrivedMs: begun + index * ms } satisfies Frame;
    },
    counts: () => ({ captured: newest() + 1, dropped, reconnects: 0 }),
    close: async () => {
      closed++;
    },
  };
}

async function all(answers: AsyncIterable<StreamAnswer>): Promise<StreamAnswer[]> {
  const list: StreamAnswer[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

describe('a stream of answers', () => {
  test('answers every frame of a slow source, in order, and closes it', async () => {
    const source = greySource(8, 15);
    const model = greyModel(1);
    const answers = await all(streamAnswers(source, model, { top: 1 }, clock));
    expect(answers.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(model.seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(source.closed()).toBeGreaterThan(0);
    const last = answers.at(-1)!;
    const light = 1 / (1 + Math.exp(-0.07));
    expect(last.top).toEqual([{ label: 'light', index: 0, probability: expect.closeTo(light, 6) }]);
    expect([...last.probabilities]).toEqual([expect.closeTo(light, 6), expect.closeTo(1 - light, 6)]);
    expect(last.dropped).toBe(0);
    expect(Math.abs(last.at - Date.now())).toBeLessThan(5000);
  });

  test('drops frames that come while a slow model works, one inference at a time, and answers the last one', async () => {
    const model = greyModel(30);
    const answers = await all(streamAnswers(greySource(40, 5), model, {}, clock));
    const frames = answers.map(({ frame }) => frame);
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    expect(model.seen).toEqual(frames);
    expect(model.underWay()).toBe(1);
    expect(frames.length).toBeLessThan(20);
    expect(frames.at(-1)).toBe(39);
    expect(answers.at(-1)!.dropped).toBe(40 - frames.length);
  });

  test('hands a slow consumer a new frame, not the one that was prepared long ago', async () => {
    const frames: number[] = [];
    for await (const { frame } of streamAnswers(greySource(1000, 5), greyModel(1), {}, clock)) {
      frames.push(frame);
      await sleep(60);
      if (frames.length === 4) break;
    }
    // The frame that waited would be the next one; the source has gone on by twelve.
    for (let i = 1; i < frames.length; i++) expect(frames[i]! - frames[i - 1]!).toBeGreaterThan(6);
  });

  test('ends at a signal without an error, also one given before', async () => {
    const controller = new AbortController();
    const source = greySource(1000, 5);
    const answers: StreamAnswer[] = [];
    for await (const answer of streamAnswers(source, greyModel(1), { signal: controller.signal }, clock)) {
      answers.push(answer);
      if (answers.length === 3) controller.abort();
    }
    expect(answers).toHaveLength(3);
    expect(source.closed()).toBeGreaterThan(0);
    const late = greySource(5, 1);
    expect(await all(streamAnswers(late, greyModel(1), { signal: AbortSignal.abort() }, clock))).toEqual([]);
    expect(late.closed()).toBeGreaterThan(0);
  });

  test('closes the source when the loop is left, and when the model fails', async () => {
    const left = greySource(1000, 5);
    for await (const _ of streamAnswers(left, greyModel(1), {}, clock)) break;
    expect(left.closed()).toBeGreaterThan(0);
    const failing = greySource(1000, 5);
    await expect(all(streamAnswers(failing, greyModel(1, new Error('no power')), {}, clock))).rejects.toThrow(
      'no power',
    );
    expect(failing.closed()).toBeGreaterThan(0);
  });

  test('refuses a region outside the frame', async () => {
    const region = { x: 4, y: 0, width: 8, height: 6 };
    await expect(all(streamAnswers(greySource(3, 1), greyModel(1), { region }, clock))).rejects.toThrow(
      /inside the frame of 8 x 6/,
    );
  });
});
