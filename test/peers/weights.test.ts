import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWeights } from '../../converter/weights/index.ts';
import type { Weights } from '../../converter/weights/types.ts';
import { ResedgeError } from '../../src/errors.ts';
import { mutate, mutations } from '../unit/converter/weights/mutate.ts';

const root = process.env['RESEDGE_DATA'] ?? new URL('../../../shared/data', import.meta.url).pathname;

function load(path: string): Uint8Array {
  return new Uint8Array(readFileSync(`${root}/${path}`));
}

/** Largest absolute difference over all tensors, and whether names and dims agree. */
function compare(left: Weights, right: Weights): { readonly same: boolean; readonly difference: number } {
  let difference = 0;
  let same = left.tensors.size === right.tensors.size;
  for (const [name, tensor] of left.tensors) {
    const other = right.tensors.get(name);
    same &&= JSON.stringify(other?.dims) === JSON.stringify(tensor.dims);
    const values = other?.read() ?? new Float32Array(0);
    tensor.read().forEach((value, i) => {
      difference = Math.max(difference, Math.abs(value - (values[i] ?? Number.POSITIVE_INFINITY)));
    });
  }
  return { same, difference };
}

describe('one network in every format that PyTorch and safetensors wrote', () => {
  const reference = readWeights(load('golden/resnet18.safetensors'));
  test.each([
    ['resnet18.pth', 'pytorch-zip', [], 0],
    ['resnet18.checkpoint.legacy.pth', 'pytorch-legacy', ['state_dict', 'module.'], 0],
    ['resnet18.fp16.safetensors', 'safetensors', [], 4e-3],
    ['resnet18.bf16.safetensors', 'safetensors', [], 3e-2],
  ])('%s', (file, format, unwrapped, tolerance) => {
    const weights = readWeights(load(`golden/${file}`));
    expect(weights).toMatchObject({ format, unwrapped });
    const { same, difference } = compare(reference, weights);
    expect(same).toBe(true);
    expect(difference).toBeLessThanOrEqual(tolerance);
  });

  test('resnet50.pth', () => {
    const compared = compare(
      readWeights(load('golden/resnet50.safetensors')),
      readWeights(load('golden/resnet50.pth')),
    );
    expect(compared).toEqual({ same: true, difference: 0 });
  });
});

test.each([
  ['resnet20-12fca82f.th', 97, 269_722],
  ['resnet56-4bfd9763.th', 277, 853_018],
])('%s: the parameters of the published network', (file, tensors, parameters) => {
  const weights = readWeights(load(`weights/${file}`));
  expect(weights).toMatchObject({ format: 'pytorch-legacy', unwrapped: ['state_dict', 'module.'] });
  expect(weights.tensors.size).toBe(tensors);
  const learned = [...weights.tensors].filter(([name]) => !name.includes('running_'));
  const count = learned.reduce((sum, [, tensor]) => sum + tensor.read().length, 0);
  expect(count).toBe(parameters);
  expect([...weights.tensors.values()].every((tensor) => tensor.read().every(Number.isFinite))).toBe(true);
});

describe('real files, damaged at random where the names and sizes are', () => {
  test.each([
    ['golden/resnet18.safetensors', 16_000, 0],
    ['golden/resnet18.pth', 15_000, 0],
    ['golden/resnet18.pth', 9_000, 743_650],
    ['golden/resnet18.checkpoint.legacy.pth', 19_000, 0],
    ['weights/resnet20-12fca82f.th', 14_000, 0],
  ])('%s', (file, length, from) => {
    const bytes = load(file);
    fc.assert(
      fc.property(mutations(length), (changes) => {
        const moved = changes.map((change) => ('at' in change ? { ...change, at: change.at + from } : change));
        try {
          for (const tensor of readWeights(mutate(bytes, moved)).tensors.values()) tensor.read();
        } catch (error) {
          if (!(error instanceof ResedgeError)) throw error;
        }
      }),
      { seed: 20, numRuns: 400 },
    );
  });
});
