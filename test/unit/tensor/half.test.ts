import { expect, test } from 'vitest';
import { fromHalf, toHalf } from '../../../src/tensor/half.ts';

/** Every float16 there is, by its bits. */
const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
/** What IEEE 754-2008, section 3.4, says of an encoding. */
const meaning = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

test('all 65536 float16 numbers mean what the standard says, and come back', () => {
  const values = fromHalf(all);
  expect(all.filter((bits) => !Object.is(values[bits], meaning(bits)))).toEqual(new Uint16Array());
  const back = toHalf(values);
  const changed = all.filter((bits) => back[bits] !== bits && !Number.isNaN(meaning(bits)));
  expect(changed).toEqual(new Uint16Array());
  expect(fromHalf(back).filter((value, i) => Number.isNaN(value) !== Number.isNaN(meaning(i)))).toHaveLength(0);
});

test('numbers between two neighbours go to the nearer one, from the middle to the even one', () => {
  // From zero to the largest; 0x7c00 stands for 65536, the next in line.
  const low = all.subarray(0, 0x7c00);
  const middle = Float32Array.from(low, (bits) => (meaning(bits) + (bits === 0x7bff ? 65536 : meaning(bits + 1))) / 2);
  const ulp = middle.map((value) => Math.max(2 ** -60, value * 2 ** -23));
  const expected = [low, low.map((bits) => bits + (bits % 2)), low.map((bits) => bits + 1)];
  const around = [middle.map((value, i) => value - ulp[i]!), middle, middle.map((value, i) => value + ulp[i]!)];
  for (const [i, values] of around.entries()) {
    expect(toHalf(values).join()).toBe(expected[i]?.join());
    expect(toHalf(values.map((value) => -value)).join()).toBe(expected[i]?.map((half) => half | 0x8000).join());
  }
});

test('what lies outside', () => {
  const values = Float32Array.of(65520, -1e30, Number.POSITIVE_INFINITY, Number.NaN, 1e-40, -0, 2 ** -26);
  const expected = [Infinity, -Infinity, Infinity, Number.NaN, 0, -0, 0];
  expect([...fromHalf(toHalf(values))]).toEqual(expected);
  expect(toHalf(new Float32Array([1, 65504, 2]).subarray(1))).toEqual(Uint16Array.of(0x7bff, 0x4000));
});
