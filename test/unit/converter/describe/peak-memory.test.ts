import { expect, test } from 'vitest';
import { type Held, peakMemory } from '../../../../converter/describe/peak-memory.ts';

const layer = (name: string, reads: readonly string[], bytes: number): Held => ({ name, reads, stores: name, bytes });
const input = [{ name: 'x', bytes: 10 }];

test('a chain holds the two ends of one layer', () => {
  const chain = [layer('a', ['x'], 40), layer('b', ['a'], 30), layer('c', ['b'], 60)];
  expect(peakMemory(chain, input, ['c'])).toEqual({ bytes: 90, at: 'c' });
});

test('a shortcut is held until it is added', () => {
  const block = [layer('a', ['x'], 40), layer('b', ['a'], 30), layer('c', ['b'], 20), layer('sum', ['c', 'a'], 40)];
  expect(peakMemory(block, input, ['sum'])).toEqual({ bytes: 100, at: 'sum' });
});

test('an output is held to the end, and what nobody reads is not', () => {
  const side = [layer('a', ['x'], 40), layer('unread', ['a'], 5), layer('b', ['a'], 10), layer('c', ['b'], 50)];
  expect(peakMemory(side, input, ['a', 'c'])).toEqual({ bytes: 100, at: 'c' });
  expect(peakMemory([], input, [])).toEqual({ bytes: 10, at: null });
});
