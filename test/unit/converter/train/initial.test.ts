import { describe, expect, test } from 'vitest';
import { expectedShapes } from '../../../../converter/resnet/check.ts';
import { detectArchitecture } from '../../../../converter/resnet/detect.ts';
import { FAMILIES } from '../../../../converter/resnet/families.ts';
import { architectureOf } from '../../../../converter/train/architecture.ts';
import { initialWeights } from '../../../../converter/train/initial.ts';
import { elementCount } from '../../../../src/tensor/tensor.ts';

/** Weights and biases of torchvision's networks for ImageNet, as its documentation states them. */
const PUBLISHED: Readonly<Record<string, number>> = {
  resnet18: 11_689_512,
  resnet34: 21_797_672,
  resnet50: 25_557_032,
  resnet101: 44_549_160,
  resnet152: 60_192_808,
  resnext50_32x4d: 25_028_904,
  resnext101_32x8d: 88_791_336,
  resnext101_64x4d: 83_455_272,
  wide_resnet50_2: 68_883_240,
  wide_resnet101_2: 126_886_696,
};

describe('the network of a family', () => {
  test.each(FAMILIES)('%s bears its name and is recognised by its tensors', (name) => {
    const architecture = architectureOf(name, 7);
    expect(architecture.name).toBe(name);
    const tensors = new Map([...expectedShapes(architecture)].map(([tensor, dims]) => [tensor, { dims }]));
    expect(detectArchitecture(tensors)).toEqual(architecture);
  });

  test.each(Object.entries(PUBLISHED))('%s has as many parameters as published', (name, parameters) => {
    const shapes = expectedShapes(architectureOf(name, 1000));
    const learnt = [...shapes].filter(([tensor]) => !tensor.includes('.running_'));
    expect(learnt.reduce((sum, [, dims]) => sum + elementCount(dims), 0)).toBe(parameters);
  });

  test('another name is refused with those that there are', () => {
    expect(() => architectureOf('resnet21', 10)).toThrow(/unknown architecture resnet21: expected one of resnet18,/);
  });
});

describe('initial weights', () => {
  const architecture = architectureOf('resnet20', 10);
  const weights = initialWeights(architecture, 0);

  test('are all there, in their shapes, and the same for the same seed alone', () => {
    expect(new Map([...weights].map(([name, { dims }]) => [name, dims]))).toEqual(expectedShapes(architecture));
    const bytes = (of: typeof weights): Buffer =>
      Buffer.concat([...of.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
    expect(bytes(initialWeights(architecture, 0)).equals(bytes(weights))).toBe(true);
    expect(initialWeights(architecture, 1).get('fc.bias')).not.toEqual(weights.get('fc.bias'));
  });

  test('of convolutions are normal with the deviation of He, of norms one and zero', () => {
    const { data } = weights.get('layer3.1.conv2.weight')!;
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(variance / (2 / (64 * 9))).toBeGreaterThan(0.95);
    expect(variance / (2 / (64 * 9))).toBeLessThan(1.05);
    const fourth = data.reduce((sum, value) => sum + (value - mean) ** 4, 0) / data.length;
    expect(Math.abs(fourth / variance ** 2 - 3)).toBeLessThan(0.3);
    const only = (name: string): readonly number[] => [...new Set(weights.get(name)!.data)];
    expect(['weight', 'bias', 'running_mean', 'running_var'].map((part) => only(`bn1.${part}`))).toEqual([
      [1],
      [0],
      [0],
      [1],
    ]);
  });

  test('of the head lie within one over the root of its inputs', () => {
    const largest = (name: string): number => Math.max(...weights.get(name)!.data.map(Math.abs));
    expect(largest('fc.weight')).toBeLessThanOrEqual(1 / 8);
    expect(largest('fc.weight')).toBeGreaterThan(0.12);
    expect(largest('fc.bias')).toBeGreaterThan(0);
  });
});
