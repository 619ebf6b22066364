import { expect, test } from 'vitest';
import { refusalOf } from '../../../../src/node/model/refusal.ts';

const floor = { sqnrDb: 15, agreement: 0.9 };
const of = (sqnrDb: number, agreement: number, pictures: number, generated = false): string | undefined =>
  refusalOf({ sqnrDb, agreement, pictures, generated }, { floor }, 'INT8')?.message;

test('a model at its floor is not refused', () => {
  expect(of(15, 0.9, 10)).toBeUndefined();
});

test('a model below its floor is, with the figures and what they were taken on', () => {
  const wanted = 'expected the INT8 model to be within 15 dB and 90 % of FP32, it is at';
  expect(of(12.34, 1, 16, true)).toMatch(`${wanted} 12.3 dB and 100.0 % agreement on 16 generated pictures: check`);
  expect(of(20, 0.8, 10)).toMatch(`${wanted} 20.0 dB and 80.0 % agreement on 10 pictures: check`);
});

test('where a single picture decides, more of them are asked for first', () => {
  expect(of(27.1, 0.5, 2)).toMatch(/50\.0 % agreement on 2 pictures: give more pictures, check/);
  expect(of(27.1, 0, 1)).toMatch(/ on 1 picture: give more/);
  expect(of(5, 1, 2)).toMatch(/ on 2 pictures: check/);
  expect(of(27.1, 0.5, 2, true)).toMatch(/ on 2 generated pictures: check/);
});
