import { expect, test } from 'vitest';
import { softmax } from '../../../src/runtime/softmax.ts';

test('gives exp(x) over its sum', () => {
  const [a, b, c] = softmax([Math.log(1), Math.log(2), Math.log(5)]);
  expect(a).toBeCloseTo(0.125, 12);
  expect(b).toBeCloseTo(0.25, 12);
  expect(c).toBeCloseTo(0.625, 12);
});

test('large and far apart logits neither overflow nor lose the sum', () => {
  expect([...softmax(Float32Array.of(1e30, 1e30))]).toEqual([0.5, 0.5]);
  expect([...softmax([-1e4, 0, Number.NEGATIVE_INFINITY])]).toEqual([0, 1, 0]);
});

test('what is no number says which logit', () => {
  expect(() => softmax([0, Number.NaN])).toThrow('logit 1 of 2 is NaN');
  expect(() => softmax([Number.POSITIVE_INFINITY, 0])).toThrow('logit 0 of 2 is Infinity');
  expect(() => softmax([Number.NEGATIVE_INFINITY])).toThrow('expected at least one finite logit');
  expect(() => softmax([])).toThrow('received 0 without any');
});
