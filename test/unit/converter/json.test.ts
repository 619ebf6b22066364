import { expect, test } from 'vitest';
import { parseJson, shown } from '../../../converter/json.ts';

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test('lists inside one another end at a limit, long before the stack of calls does', () => {
  expect(parseJson(nested(200))).toHaveProperty('a');
  expect(() => parseJson(nested(300))).toThrow(/^expected at most 256 lists and objects of JSON inside one another$/);
  expect(() => parseJson(nested(100_000))).toThrow(/^expected at most 256 /);
});

test('a value is shown as JSON, cut short', () => {
  expect(shown({ a: ['b', null] })).toBe('{"a":["b",null]}');
  expect(shown('x'.repeat(1000))).toHaveLength(60);
  expect(shown(undefined)).toBe('none');
});
