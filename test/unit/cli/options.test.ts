import { describe, expect, test } from 'vitest';
import { divisors, perChannel, realNumber, share, wholeNumber } from '../../../src/cli/options.ts';

const threads = wholeNumber(0, 256);
const scale = realNumber(0, 1e6);

describe('options are read as numbers', () => {
  test.each<readonly [string, (text: string) => unknown, string, unknown]>([
    ['a whole number', threads, '0', 0],
    ['a whole number at the end', threads, '256', 256],
    ['a real number', scale, '0.5', 0.5],
    ['a share', share, '1', 1],
    ['three numbers', perChannel, '104, -117,1e-1', [104, -117, 0.1]],
    ['three divisors', divisors, '1,2,3', [1, 2, 3]],
  ])('%s', (_, parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });
});

describe('and refused, saying what was expected,', () => {
  test.each<readonly [string, (text: string) => unknown, readonly string[], RegExp]>([
    ['whole numbers', threads, ['-1', '257', '1.5', '', ' ', 'two', 'NaN', '1e9'], /whole number from 0 to 256/],
    ['real numbers', scale, ['0', '-1', '', 'NaN', 'Infinity', '1e7'], /above 0, at most 1000000/],
    ['shares', share, ['-0.1', '1.1', '50', '', 'NaN'], /from 0 to 1/],
    ['three numbers', perChannel, ['1,2', '1,2,3,4', '1,,3', 'a,b,c', '1,2,Infinity', ''], /three numbers, as in/],
    ['three divisors', divisors, ['1,0,1', '1,-1,1'], /three numbers above zero/],
  ])('%s', (_, parse, texts, message) => {
    for (const text of texts) expect(() => parse(text), JSON.stringify(text)).toThrow(message);
  });
});
