import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  encodeCheckpoint,
  looksLikeCheckpoint,
  parseCheckpoint,
  type TrainingIdentity,
} from '../../../../converter/train/checkpoint.ts';
import { initialWeights } from '../../../../converter/train/initial.ts';
import { writeSafetensors } from '../../../../converter/weights/write-safetensors.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { architecture as networkOf } from '../networks.ts';

const architecture = networkOf({ depths: [1], inner: 4, classes: 2 });
const weights = initialWeights(architecture, 0);

const identity: TrainingIdentity = {
  ...{ architecture: 'resnet20', labels: ['cat', 'dog'], inputSize: 32 },
  recipe: {
    ...{ epochs: 3, batch: 8, momentum: 0.9, nesterov: true, weightDecay: 5e-4, labelSmoothing: 0.05, seed: 0 },
    schedule: { kind: 'one-cycle', peak: 0.3, rise: 0.2 },
    augmentation: { shift: 4, flip: true },
  },
  pictures: { count: 24, sha256: 'ab'.repeat(32) },
};

const checkpoint: Checkpoint = {
  weights,
  momentum: new Map([['fc.bias', Float32Array.of(0.25, -3)]]),
  records: [{ epoch: 1, loss: 1.5, accuracy: 0.25, learningRate: 0.1, validation: 0.5 }],
};

const bytesOf = (of: Checkpoint, who = identity): Uint8Array => concat(encodeCheckpoint(of, who));
const bytes = bytesOf(checkpoint);

describe('a checkpoint', () => {
  test('comes back as it was', () => {
    expect(parseCheckpoint(bytes, architecture, identity)).toEqual(checkpoint);
    expect(bytesOf(parseCheckpoint(bytes, architecture, identity))).toEqual(bytes);
  });

  const others: readonly (readonly [string, TrainingIdentity, RegExp])[] = [
    ['of another network', { ...identity, architecture: 'resnet32' }, /: architecture resnet20, here resnet32$/],
    ['of other classes', { ...identity, labels: ['cat', 'cow'] }, /: labels \[cat,dog\], here \[cat,cow\]$/],
    ['of another size', { ...identity, inputSize: 64 }, /: input size 32, here 64$/],
    ['with another batch', { ...identity, recipe: { ...identity.recipe, batch: 4 } }, /: batch 8, here 4$/],
    [
      'with another rate',
      { ...identity, recipe: { ...identity.recipe, schedule: { kind: 'constant', peak: 0.3 } } },
      /: schedule kind one-cycle, here constant$/,
    ],
    [
      'with other changes of pictures',
      { ...identity, recipe: { ...identity.recipe, augmentation: { shift: 4, flip: true, cutout: 8 } } },
      /: augmentation cutout none, here 8$/,
    ],
    ['of other pictures', { ...identity, pictures: { count: 25, sha256: '' } }, /: pictures count 24, here 25$/],
  ];

  test.each(others)('%s is refused in one line that says so', (_, wanted, says) => {
    expect(() => parseCheckpoint(bytes, architecture, wanted)).toThrow(says);
  });

  test('may be of another recipe and other pictures where the network alone has to fit', () => {
    const more = { ...identity, pictures: { count: 1, sha256: '' }, recipe: { ...identity.recipe, batch: 4 } };
    expect(parseCheckpoint(bytes, architecture, more, 'network').records).toEqual(checkpoint.records);
    const other = { ...more, architecture: 'resnet32' };
    expect(() => parseCheckpoint(bytes, architecture, other, 'network')).toThrow(/: architecture resnet20/);
  });

  test('that is cut short anywhere is refused', () => {
    for (const length of [0, 7, 100, 2000, bytes.length - 1]) {
      expect(() => parseCheckpoint(bytes.subarray(0, length), architecture, identity)).toThrow(
        'expected a whole checkpoint, this one is cut short or damaged',
      );
    }
  });

  test('with tensors of another network than it states, or other records, is refused', () => {
    const broken = new Map(weights);
    broken.delete('fc.bias');
    expect(() => parseCheckpoint(bytesOf({ ...checkpoint, weights: broken }), architecture, identity)).toThrow(
      /missing: fc.bias/,
    );
    const long = { ...checkpoint, momentum: new Map([['fc.nothing', new Float32Array(3)]]) };
    expect(() => parseCheckpoint(bytesOf(long), architecture, identity)).toThrow(/momentum of fc.nothing/);
    expect(() => parseCheckpoint(bytesOf({ ...checkpoint, records: [] }), architecture, identity)).toThrow(
      /records of 1 to 3 epochs/,
    );
  });

  test('is told from other files by its beginning', () => {
    expect(looksLikeCheckpoint(bytes.subarray(0, 100))).toBe(true);
    expect(looksLikeCheckpoint(concat(writeSafetensors(weights, new Map())))).toBe(false);
    expect(looksLikeCheckpoint(new Uint8Array())).toBe(false);
  });
});
