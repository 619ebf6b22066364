import { expect, test } from 'vitest';
import { kernelFacts } from '../../../../converter/report/kernels.ts';

const layers = new Map(['conv1', 'conv2', 'fc'].map((name) => [name, {} as never]));
const plan = { activations: new Map(), layers, equalized: new Map(), kept: new Map() };
const exact = { saturated: 0, accumulators: 0, share: 0, impossible: true, layers: [] };

test('all in integers, none of which can saturate', () => {
  expect(kernelFacts({ plan, kernels: { saturation: exact, unfused: [] } })).toEqual({
    inIntegers: '3 of 3',
    unfused: '',
    saturation: 'no accumulator can saturate',
  });
});

test('what runs in float is named, the first of many', () => {
  const facts = (unfused: readonly string[]) => kernelFacts({ plan, kernels: { saturation: exact, unfused } });
  expect(facts(['conv2', 'add'])).toMatchObject({ inIntegers: '2 of 3', unfused: 'conv2, add in float' });
  expect(facts(['conv1', 'a', 'b', 'c', 'd']).unfused).toBe('conv1, a, b and 2 more in float');
});

test('a runtime that does not tell leaves it open', () => {
  expect(kernelFacts({ plan, kernels: { saturation: exact, unfused: undefined } })).toMatchObject({
    inIntegers: undefined,
    unfused: '',
  });
});

test('saturated accumulators are counted and their layers named', () => {
  const of = (saturation: Partial<typeof exact>) =>
    kernelFacts({ plan, kernels: { saturation: { ...exact, impossible: false, ...saturation }, unfused: [] } })
      .saturation;
  expect(of({ accumulators: 12345 })).toBe('no accumulator saturates (AVX2, 12,345 looked at)');
  const some = { saturated: 5, accumulators: 1000, share: 0.005, layers: [{ name: 'conv1', share: 0.2 }] as never };
  expect(of(some)).toBe('0.50\u00a0% of the accumulators saturate on AVX2 without VNNI: conv1 20.0\u00a0%');
});
