import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Covariance } from '../../../../converter/quantize/covariance.ts';
import { PAIR_LIMIT, type PairLimits, pairLimits } from '../../../../converter/quantize/pairs.ts';
import { learnRounding } from '../../../../converter/quantize/rounding.ts';
import { quantizeRow } from '../../../../converter/quantize/weights.ts';
import { uniform } from '../random.ts';

type Layer = {
  readonly rows: number;
  readonly groups: number;
  readonly width: number;
  readonly max: number;
  readonly weights: Float32Array;
  readonly covariance: Covariance;
  readonly pairs: PairLimits | undefined;
};

/** Covariances of inputs that a few common causes and some noise of their own make. */
function correlated(blocks: number, size: number, seed: number, noise = 0.1): Float64Array {
  const random = uniform(seed);
  const out = new Float64Array(blocks * size * size);
  for (let b = 0; b < blocks; b++) {
    const causes = Array.from({ length: 3 }, () => Float64Array.from({ length: size }, () => random() * 2 - 0.7));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const shared = causes.reduce((sum, cause) => sum + cause[i]! * cause[j]!, 0);
        out[(b * size + i) * size + j] = shared + (i === j ? noise * (0.5 + random()) : 0);
      }
    }
  }
  return out;
}

function layerOf(values: Partial<Layer> & { readonly blocksPerGroup?: number }, seed: number): Layer {
  const { rows = 6, groups = 1, width = 36, max = 127, pairs, blocksPerGroup = 1 } = values;
  const random = uniform(seed);
  const size = Math.ceil(width / blocksPerGroup);
  return {
    ...{ rows, groups, width, max, pairs },
    weights: values.weights ?? Float32Array.from({ length: rows * width }, () => random() - 0.45),
    covariance: values.covariance ?? {
      ...{ size, blocksPerGroup, samples: 8192 },
      blocks: correlated(groups * blocksPerGroup, size, seed + 100),
    },
  };
}

function nearest({ rows, width, max, weights, pairs }: Layer): {
  readonly q: Int8Array;
  readonly scales: Float32Array;
} {
  const q = new Int8Array(weights.length);
  const scales = Float32Array.from({ length: rows }, (_, r) => {
    const span = [r * width, (r + 1) * width] as const;
    const options = { max, minScale: 0, power: new Float64Array(width).fill(1), ...(pairs ? { pairs } : {}) };
    return quantizeRow(weights.subarray(...span), options, q.subarray(...span)).scale;
  });
  return { q, scales };
}

function learned(layer: Layer): { readonly q: Int8Array; readonly scales: Float32Array; readonly plain: Int8Array } {
  const { q, scales } = nearest(layer);
  const plain = q.slice();
  learnRounding(layer.weights, { ...layer, scales }, layer.covariance, q, () => layer.pairs);
  return { q, scales, plain };
}

/** Sum over rows and blocks of e'He, e the error of the weights. */
function outputError({ rows, groups, width, weights, covariance }: Layer, q: Int8Array, scales: Float32Array): number {
  const { size, blocksPerGroup, blocks } = covariance;
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const group = Math.floor(r / (rows / groups));
    const error = (i: number): number => (i < width ? q[r * width + i]! * scales[r]! - weights[r * width + i]! : 0);
    for (let block = 0; block < blocksPerGroup; block++) {
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const h = blocks[((group * blocksPerGroup + block) * size + i) * size + j]!;
          sum += error(block * size + i) * h * error(block * size + j);
        }
      }
    }
  }
  return sum;
}

describe('learned rounding of weights on correlated inputs', () => {
  test.each<readonly [string, Parameters<typeof layerOf>[0], number]>([
    ['8 bits', {}, 0.4],
    ['4 bits', { max: 7 }, 0.4],
    ['groups', { groups: 2, width: 18 }, 0.5],
    ['several blocks, the last one shorter', { width: 50, blocksPerGroup: 3 }, 0.5],
    [
      'pairs that must fit int16',
      { pairs: pairLimits({ channels: 4, height: 3, width: 3 }, [255, 255, 200, 255]) },
      0.6,
    ],
  ])('%s: the error of what they compute falls far below that of the nearest integers', (_, values, share) => {
    let [before, after] = [0, 0];
    for (const seed of [1, 2, 3, 4]) {
      const layer = layerOf(values, seed);
      const { q, scales, plain } = learned(layer);
      const [old, now] = [outputError(layer, plain, scales), outputError(layer, q, scales)];
      expect(now).toBeLessThan(old);
      before += old;
      after += now;
    }
    expect(after / before).toBeLessThan(share);
  });

  test('inputs that know nothing of each other leave the nearest integers', () => {
    const blocks = new Float64Array(36 * 36);
    for (let i = 0; i < 36; i++) blocks[i * 37] = 1 + i;
    const layer = layerOf({ covariance: { size: 36, blocksPerGroup: 1, samples: 8192, blocks } }, 1);
    const { q, plain } = learned(layer);
    expect(q).toEqual(plain);
  });

  test('weights that are stored exactly stay exact', () => {
    const random = uniform(9);
    const weights = Float32Array.from({ length: 6 * 36 }, (_, i) =>
      i % 36 === 0 ? 127 / 64 : Math.round((random() - 0.5) * 200) / 64,
    );
    const { q, scales } = learned(layerOf({ weights }, 2));
    expect(Float32Array.from(q, (value, i) => value * scales[Math.floor(i / 36)]!)).toEqual(weights);
  });

  test('is the same at every run', () => {
    expect(learned(layerOf({}, 3))).toEqual(learned(layerOf({}, 3)));
  });

  test.each([
    ['of zeros', new Float64Array(36 * 36)],
    ['that is not definite', Float64Array.from({ length: 36 * 36 }, (_, at) => (at % 37 === 0 ? 1 : 5))],
  ])('a covariance %s leaves the nearest integers', (_, blocks) => {
    const { q, plain } = learned(layerOf({ covariance: { size: 36, blocksPerGroup: 1, samples: 8192, blocks } }, 1));
    expect(q).toEqual(plain);
  });
});

test('no weight leaves its range and no pair int16, whatever the weights and inputs', () => {
  const shape = { channels: 3, height: 1, width: 3 };
  const cases = fc.record({
    weights: fc.array(fc.integer({ min: -60, max: 100 }), { minLength: 18, maxLength: 18 }),
    peaks: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 }),
    max: fc.constantFrom(127, 7),
    seed: fc.nat(1000),
    noise: fc.constantFrom(1e-6, 0.1, 10),
  });
  let moved = 0;
  fc.assert(
    fc.property(cases, ({ weights, peaks, max, seed, noise }) => {
      const pairs = pairLimits(shape, peaks);
      const covariance = { size: 9, blocksPerGroup: 1, samples: 100, blocks: correlated(1, 9, seed, noise) };
      const layer = layerOf(
        { rows: 2, width: 9, max, weights: Float32Array.from(weights, (w) => w / 97), covariance, pairs },
        seed,
      );
      const { q, plain } = learned(layer);
      if (q.some((value, i) => value !== plain[i])) moved++;
      expect(q.every((value) => Math.abs(value) <= max)).toBe(true);
      for (let i = 0; i < 9; i++) {
        const j = pairs.partner[i]!;
        if (j < 0) continue;
        for (const row of [0, 9]) {
          const products = [q[row + i]! * pairs.peak[i]!, q[row + j]! * pairs.peak[j]!];
          const [up, down] = [1, -1].map((sign) =>
            products.reduce((sum, product) => sum + Math.max(0, sign * product), 0),
          );
          expect(Math.max(up!, down!)).toBeLessThanOrEqual(PAIR_LIMIT);
        }
      }
    }),
    { seed: 6, numRuns: 500 },
  );
  expect(moved).toBeGreaterThan(100);
});
