import { describe, expect, test } from 'vitest';
import { observer } from '../../../../converter/quantize/observe.ts';
import { formatTable, parseTable, type Table } from '../../../../converter/quantize/table.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { refusal } from '../weights/files.ts';

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
  return { sha256: 'c'.repeat(64), pictures: 3, note: 'three of a kind', statistics: seen.statistics() };
}

/** The table as JSON with one thing changed. */
function changed(edit: (json: Record<string, unknown>, value: Record<string, unknown>) => void): string {
  const json = JSON.parse(formatTable(table()));
  edit(json, json.values.relu);
  return JSON.stringify(json);
}

test('a table reads back to nine digits, and what is read writes the same text', () => {
  const saved = table();
  const text = formatTable(saved);
  const loaded = parseTable(text);
  expect(loaded).toMatchObject({ sha256: saved.sha256, pictures: 3, note: 'three of a kind' });
  expect([...loaded.statistics.keys()]).toEqual([...saved.statistics.keys()]);
  for (const [name, { histogram, min, max, count, channels }] of saved.statistics) {
    const value = loaded.statistics.get(name)!;
    expect(value.histogram).toEqual(histogram);
    expect(value.count).toBe(count);
    for (const [a, b] of [
      [value.min, min],
      [value.max, max],
    ] as const) {
      expect(Math.fround(a)).toBe(Math.fround(b));
    }
    for (const key of ['min', 'max', 'mean', 'power'] as const) {
      for (const [i, exact] of channels[key].entries()) {
        expect(Math.abs(value.channels[key][i]! - exact)).toBeLessThanOrEqual(Math.abs(exact) * 1e-8);
      }
    }
  }
  expect(formatTable(loaded)).toBe(text);
});

test('a table without a note has none', () => {
  const { note: _, ...rest } = table();
  expect('note' in parseTable(formatTable(rest))).toBe(false);
});

describe('refuses', () => {
  const again = 'in the calibration table; make a new one with --save-table';
  const statistics = `input: expected finite statistics of relu ${again}`;
  type Edit = Parameters<typeof changed>[0];

  test.each<readonly [string, string]>([
    ['', 'input: expected JSON in the calibration table'],
    ['{"kind":', 'input: expected JSON in the calibration table'],
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
    ['values as a list', (json) => Object.assign(json, { values: [] }), 'input: expected "values" in the'],
    ['a value that is none', (json) => Object.assign(json, { values: { relu: 5 } }), statistics],
    ['a range of text', (_, value) => Object.assign(value, { min: '0' }), statistics],
    ['a range of null, as JSON writes infinity', (_, value) => Object.assign(value, { max: null }), statistics],
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

  function setCounts(value: Record<string, unknown>, counts: readonly number[]): void {
    Object.assign(value['histogram'] as object, { counts });
  }
});
