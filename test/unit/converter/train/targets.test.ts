import { describe, expect, test } from 'vitest';
import { balancedWeights, targetRows } from '../../../../converter/train/targets.ts';

const rounded = (rows: Float32Array): readonly number[] => [...rows].map((value) => Number(value.toFixed(6)));

describe('targets', () => {
  test('are one at the label, divided by the batch', () => {
    expect(rounded(targetRows([1, 0], { classes: 3 }))).toEqual([0, 0.5, 0, 0.5, 0, 0]);
  });

  test('smoothed, give a share of every row to all classes', () => {
    expect(rounded(targetRows([1], { classes: 4, smoothing: 0.2 }))).toEqual([0.05, 0.85, 0.05, 0.05]);
  });

  test('carry the weight of their class, and the batch that they are a part of', () => {
    const rows = targetRows([0, 1], { classes: 2, smoothing: 0.5, classWeights: [2, 0.5], batch: 4 });
    expect(rounded(rows)).toEqual([0.375, 0.125, 0.03125, 0.09375]);
  });

  test('of a label below zero are nothing', () => {
    expect(rounded(targetRows([-1, 0], { classes: 2, smoothing: 0.1 }))).toEqual([0, 0, 0.475, 0.025]);
  });

  test('balanced weights give every class the same say', () => {
    expect([...balancedWeights([1, 3])]).toEqual([2, 4 / 6]);
    expect([...balancedWeights([2, 0, 2])]).toEqual([1, 0, 1]);
  });
});
