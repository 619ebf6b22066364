import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observer } from '../../../../converter/quantize/observe.ts';
import { chooseRange } from '../../../../converter/quantize/range.ts';
import { formatTable, parseTable, type Table } from '../../../../converter/quantize/table.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { refusal } from '../weights/files.ts';
import { mutate, mutations } from '../weights/mutate.ts';

const SEED = 7;

function table(): Table {
  const seen = observer(['relu', 'a "quoted" name', 'silent']);
  const silent = float32([1, 1, 2], new Float32Array(2));
  for (const at of [1, 2, 3]) {
    seen.add({
      relu: float32([1, 2, 2], Float32Array.of(at / 3, 0, -at * 1e-4, 700 * at)),
      'a "quoted" name': float32([1, 1, 1], Float32Array.of(1e-20 * at)),
      silent,
    });
  }
  const source = { sha256: 'c'.repeat(64), pictures: 3, prepared: '8 px', note: 'three of a kind' };
  return { ...source, statistics: seen.statistics() };
}

/** The table as JSON with one thing changed. */
function changed(edit: (json: Record<string, unknown>, value: Record<string, unknown>) => void): string {
  const json = JSON.parse(formatTable(table()));
  edit(json, json.values.relu);
  return JSON.stringify(json);
}

test('a table reads back exactly, and what is read writes the same text', () => {
  const saved = table();
  const text = formatTable(saved);
  const loaded = parseTable(text);
  expect(loaded).toMatchObject({ sha256: saved.sha256, pictures: 3, prepared: '8 px', note: 'three of a kind' });
  expect(loaded.statistics).toEqual(saved.statistics);
  expect(formatTable(loaded)).toBe(text);
});

test('a table without a note has none', () => {
  const { note: _, ...rest } = table();
  expect('note' in parseTable(formatTable(rest))).toBe(false);
});

describe('refuses', () => {
  const again = 'in the calibration table; make a new one with --save-table';
  const statistics = `input: expected possible statistics of "relu" ${again}`;
  type Edit = Parameters<typeof changed>[0];

  test.each<readonly [string, string]>([
    ['', `input: expected whole JSON ${again}`],
    ['{"kind":', `input: expected whole JSON ${again}`],
    ['[]', `input: expected an object ${again}`],
    ['null', `input: expected an object ${again}`],
    ['{}', `input: expected "kind": "resedge calibration table" and "version": 1 ${again}`],
  ])('the text %j', (text, message) => {
    expect(refusal(() => parseTable(text))).toBe(message);
  });

  test.each<readonly [string, Edit, string]>([
    ['a later version', (json) => Object.assign(json, { version: 2 }), 'input: expected "kind": "resedge calibration'],
    ['no hash', (json) => delete json['sha256'], 'input: expected "sha256" and "pictures" in the'],
    ['pictures as text', (json) => Object.assign(json, { pictures: '3' }), 'input: expected "sha256" and "pictures"'],
    ['no word of how pictures were prepared', (json) => delete json['prepared'], 'input: expected "prepared" in the'],
    ['no pictures', (json) => Object.assign(json, { pictures: 0 }), 'input: expected "sha256" and "pictures"'],
    ['a hash that is none', (json) => Object.assign(json, { sha256: 'c' }), 'input: expected "sha256" and "pictures"'],
    [
      'more values than a network has',
      (json) => Object.assign(json, { values: Object.fromEntries(Array.from({ length: 65_537 }, (_, i) => [i, 0])) }),
      'input: expected at most 65536 values, not 65537, in the',
    ],
    ['values as a list', (json) => Object.assign(json, { values: [] }), 'input: expected "values" in the'],
    ['a value that is none', (json) => Object.assign(json, { values: { relu: 5 } }), statistics],
    ['a range of text', (_, value) => Object.assign(value, { min: '0' }), statistics],
    ['a range of null, as JSON writes infinity', (_, value) => Object.assign(value, { max: null }), statistics],
    ['a range that is turned round', (_, value) => Object.assign(value, { min: 3000, max: -1 }), statistics],
    ['a range beyond float32', (_, value) => Object.assign(value, { max: 1e39 }), statistics],
    ['a channel that is turned round', (_, value) => setChannels(value, { min: [9, -1], max: [1, 2100] }), statistics],
    ['a channel beyond the range', (_, value) => setChannels(value, { max: [1, 2101] }), statistics],
    ['a power below zero', (_, value) => setChannels(value, { power: [-1, 1] }), statistics],
    ['no channel at all', (_, value) => setChannels(value, { min: [], max: [], mean: [], power: [] }), statistics],
    ['nothing counted', (_, value) => Object.assign(value, { count: 0 }), statistics],
    ['half a count', (_, value) => Object.assign(value, { count: 0.5 }), statistics],
    ['bins of no width', (_, value) => Object.assign(value['histogram'] as object, { width: 0 }), statistics],
    ['bins of an odd width', (_, value) => Object.assign(value['histogram'] as object, { width: 0.3 }), statistics],
    [
      'bins that start too early',
      (_, value) => Object.assign(value['histogram'] as object, { first: -2049 }),
      statistics,
    ],
    ['half a bin', (_, value) => setCounts(value, [0.5]), statistics],
    ['half a run', (_, value) => setCounts(value, [1, -0.5, 1]), statistics],
    ['no histogram', (_, value) => delete value['histogram'], statistics],
    [
      'channels of different counts',
      (_, value) => Object.assign(value['channels'] as object, { max: [1] }),
      statistics,
    ],
    ['no channels', (_, value) => delete value['channels'], statistics],
    ['a bin of text', (_, value) => Object.assign(value['histogram'] as object, { counts: ['1'] }), statistics],
    ['more bins than there are', (_, value) => setCounts(value, new Array(4097).fill(1)), statistics],
    ['a run of more bins than there are', (_, value) => setCounts(value, [1, -1e15, 1]), statistics],
  ])('%s', (_, edit, message) => {
    expect(refusal(() => parseTable(changed(edit)))).toContain(message);
  });

  function setChannels(value: Record<string, unknown>, channels: Readonly<Record<string, readonly number[]>>): void {
    Object.assign(value['channels'] as object, channels);
  }

  function setCounts(value: Record<string, unknown>, counts: readonly number[]): void {
    Object.assign(value['histogram'] as object, { counts });
  }
});

/** A number anywhere in the text, and what takes its place. */
const edits = fc.array(
  fc.record({
    at: fc.nat({ max: 100_000 }),
    by: fc.constantFrom(
      '0',
      '-0',
      '1',
      '-1',
      '0.5',
      '4096',
      '1e39',
      '-1e308',
      '1e-320',
      '1e999',
      'null',
      '[]',
      '"1"',
      '9e15',
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function edited(text: string, changes: readonly { readonly at: number; readonly by: string }[]): string {
  return changes.reduce((before, { at, by }) => {
    const numbers = [...before.matchAll(/(?<![\w"])-?\d+(\.\d+)?(e[+-]?\d+)?/g)];
    const { index, 0: number } = numbers[at % numbers.length]!;
    return before.slice(0, index) + by + before.slice(index + number.length);
  }, text);
}

describe('a damaged table is refused in one line, or gives ranges that are finite:', () => {
  const text = formatTable(table());
  const bytes = new TextEncoder().encode(text);
  const damaged: readonly (readonly [string, fc.Arbitrary<string>])[] = [
    ['any bytes', mutations(bytes.length).map((changes) => new TextDecoder().decode(mutate(bytes, changes)))],
    ['any numbers', edits.map((changes) => edited(text, changes))],
  ];

  test.each(damaged)('%s', (_, texts) => {
    let [refused, taken] = [0, 0];
    fc.assert(
      fc.property(texts, (damage) => {
        let found: Table | undefined;
        const outcome = refusal(() => {
          found = parseTable(damage);
        });
        if (found === undefined) {
          refused++;
          expect(outcome).toMatch(/^input: expected .* in the calibration table; make a new one with --save-table$/);
          return;
        }
        taken++;
        for (const statistics of found.statistics.values()) {
          for (const method of ['minmax', 'percentile', 'entropy', 'mse'] as const) {
            const { min, max } = chooseRange(statistics, { method, steps: 255, symmetric: false });
            expect(Number.isFinite(min) && Number.isFinite(max) && min <= 0 && max >= 0).toBe(true);
          }
        }
      }),
      { seed: SEED, numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(taken).toBeGreaterThan(3);
  });
});
