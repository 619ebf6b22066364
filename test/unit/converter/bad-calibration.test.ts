import { describe, expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import { fidelity } from '../../../src/tensor/fidelity.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { BEST, calibrated, convertFile, pictures, raw } from './conversions.ts';
import { type NamedTensors, seededFile, type Wanted } from './networks.ts';
import { logitsOf } from './runner.ts';

const SIZE = 16;
const preprocessing = raw(SIZE);
const wanted: Wanted = { depths: [1, 1] };
const file = seededFile(wanted);

async function* repeated(picture: Tensor, count: number): AsyncGenerator<Tensor> {
  for (let i = 0; i < count; i++) yield picture;
}

function filled(value: number): Tensor {
  return { dtype: 'uint8', dims: [1, SIZE, SIZE, 3], data: new Uint8Array(SIZE * SIZE * 3).fill(value) };
}

/** SQNR of two models' logits over some inputs, in dB. */
async function sqnr(float: Uint8Array, model: Uint8Array, inputs: AsyncIterable<Tensor>): Promise<number> {
  const compared = fidelity();
  for await (const input of inputs) compared.add(await logitsOf(float, input), await logitsOf(model, input));
  return compared.sqnrDb();
}

describe('with every correction, calibrated on', () => {
  // What such pictures never show must clip, so other pictures suffer; they must not be destroyed.
  test.each<readonly [string, Tensor, number]>([
    ['black pictures alone', filled(0), 20],
    ['white pictures alone', filled(255), 5],
    ['pictures of one grey', filled(90), 5],
    ['one picture again and again', modelInput(probePicture(SIZE, 5), preprocessing), 5],
  ])('%s, a network follows FP32 there, and is of use elsewhere', async (_, picture, elsewhere) => {
    const calibration = { kind: 'pictures', inputs: repeated(picture, 16), count: 16 } as const;
    const { model } = await convertFile(file, preprocessing, { int8: { recipe: BEST, calibration } });
    const float = (await convertFile(file, preprocessing)).model;
    expect(await sqnr(float, model, repeated(picture, 1))).toBeGreaterThan(30);
    expect(await sqnr(float, model, pictures(preprocessing, [1, 2, 3, 4, 6, 7, 8]))).toBeGreaterThan(elsewhere);
  });

  test.each([1, 2, 7])('%d pictures, a network follows FP32 on others', async (count) => {
    const seeds = Array.from({ length: count }, (_, i) => 40 + i);
    const { model, int8 } = await convertFile(file, preprocessing, { int8: calibrated(preprocessing, BEST, seeds) });
    expect(int8!.judgement).toMatchObject({ pictures: 16, generated: true });
    const float = (await convertFile(file, preprocessing)).model;
    expect(await sqnr(float, model, pictures(preprocessing, [1, 2, 3, 4]))).toBeGreaterThan(18);
  });
});

describe('with every correction, a network with', () => {
  const edited: readonly (readonly [string, (tensors: NamedTensors) => void])[] = [
    ['dead channels', (t) => fill(t, 'layer1.0.conv1.weight', 0, 4 * 72)],
    ['a layer of zero weights', (t) => fill(t, 'layer2.0.conv2.weight', 0)],
    ['a block that is always zero', (t) => fill(t, 'layer1.0.bn1.bias', -100)],
    ['constant activations', constant],
    ['a head of zeros', (t) => fill(t, 'fc.weight', 0)],
    ['everything dead but the head', (t) => fill(t, 'bn1.bias', -100)],
  ];

  test.each(edited)('%s follows FP32', async (_, edit) => {
    const weights = seededFile(wanted, 7, edit);
    const seeds = Array.from({ length: 32 }, (__, i) => 11 + i);
    const { model, int8 } = await convertFile(weights, preprocessing, {
      int8: calibrated(preprocessing, BEST, seeds),
    });
    expect(int8!.judgement.sqnrDb).toBeGreaterThan(25);
    const float = (await convertFile(weights, preprocessing)).model;
    expect(await sqnr(float, model, pictures(preprocessing, [1, 2, 3, 4]))).toBeGreaterThan(25);
  });

  test.each(edited)('%s follows FP32 without pictures', async (_, edit) => {
    const weights = seededFile(wanted, 7, edit);
    const int8 = { recipe: BEST, calibration: { kind: 'none' } } as const;
    const { model } = await convertFile(weights, preprocessing, { int8 });
    const float = (await convertFile(weights, preprocessing)).model;
    expect(await sqnr(float, model, pictures(preprocessing, [1, 2, 3, 4]))).toBeGreaterThan(15);
  });

  function constant(tensors: NamedTensors): void {
    fill(tensors, 'layer1.0.bn1.weight', 0);
    fill(tensors, 'layer1.0.bn1.bias', 0.7);
  }

  /** Sets the first `count` values of a tensor, or all. */
  function fill(tensors: NamedTensors, name: string, value: number, count = Number.POSITIVE_INFINITY): void {
    const { dims, data } = tensors.get(name)!;
    tensors.set(name, { dims, data: data.map((old, i) => (i < count ? value : old)) });
  }
});

describe('refuses, in one line,', () => {
  test.each<readonly [string, Readonly<Record<string, number>>]>([
    ['infinite activations', { 'layer1.0.conv1.weight': 1e30, 'layer1.0.conv2.weight': 1e30 }],
    ['infinite logits', { 'layer2.0.bn2.weight': 1e4, 'fc.weight': 3e38 }],
  ])('%s', async (_, factors) => {
    const weights = seededFile(wanted, 1, (tensors) => {
      for (const [name, factor] of Object.entries(factors)) {
        const { dims, data } = tensors.get(name)!;
        tensors.set(name, { dims, data: data.map((value) => value * factor) });
      }
    });
    const error: unknown = await convertFile(weights, preprocessing, {
      int8: calibrated(preprocessing, BEST),
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'input', message: expect.stringContaining('finite') });
    expect(String((error as Error).message)).not.toContain('\n');
  });

  test.each<readonly [string, Wanted]>([
    ['of another depth', { depths: [2, 1] }],
    ['of another width', { depths: [1, 1], inner: 12 }],
    ['of another kind of block', { block: 'bottleneck', depths: [1, 1] }],
  ])('a table for a network %s', async (_, other) => {
    const { int8 } = await convertFile(file, preprocessing, { int8: calibrated(preprocessing) });
    const calibration = { kind: 'table', statistics: int8!.statistics } as const;
    const converting = convertFile(seededFile(other), preprocessing, { int8: { recipe: BEST, calibration } });
    await expect(converting).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/^[^\n]*the (calibration )?table was made for another model[^\n]*$/),
    });
  });

  test('a table that lacks a value, naming it', async () => {
    const { int8 } = await convertFile(file, preprocessing, { int8: calibrated(preprocessing) });
    const statistics = new Map([...int8!.statistics].filter(([name]) => name !== 'relu'));
    const converting = convertFile(file, preprocessing, {
      int8: { recipe: BEST, calibration: { kind: 'table', statistics } },
    });
    await expect(converting).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('relu') });
  });
});
