import { describe, expect, test } from 'vitest';
import { formatQuantizeAware, parseQuantizeAware, type QuantizeAware } from '../../../src/onnx/quantize-aware.ts';

const WHERE = 'resedge.quantize_aware';
const HOW: QuantizeAware = { epochs: 2, pictures: 50_000, learningRate: 0.002, seed: 0 };

describe('how weights learnt behind their roundings', () => {
  test('comes back as the same text, whatever the order of keys', () => {
    const text = formatQuantizeAware(HOW);
    expect(parseQuantizeAware(WHERE, text)).toEqual(HOW);
    expect(formatQuantizeAware(Object.fromEntries(Object.entries(HOW).reverse()) as QuantizeAware)).toBe(text);
  });

  test.each([
    [{ epochs: 0 }, 'a whole number from 1 to 2147483648 as resedge.quantize_aware.epochs'],
    [{ pictures: 1.5 }, 'a whole number from 1 to 2147483648 as resedge.quantize_aware.pictures'],
    [{ learningRate: 0 }, 'a number above 0 as resedge.quantize_aware.learningRate'],
    [{ seed: -1 }, 'a whole number from 0 to 4294967295 as resedge.quantize_aware.seed'],
  ])('%j is refused', (change, expected) => {
    expect(() => parseQuantizeAware(WHERE, JSON.stringify({ ...HOW, ...change }))).toThrow(`expected ${expected}`);
  });
});
