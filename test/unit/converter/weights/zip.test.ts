import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { readZip } from '../../../../converter/weights/zip.ts';
import { ascii, concat, golden, refusal } from './files.ts';

type Entry = { readonly name: string; readonly data: Uint8Array; readonly at?: number; readonly size?: number };

/** A stored archive; an entry may lie about its place and size in the directory. */
function archive(entries: readonly Entry[], count = entries.length): Uint8Array {
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let at = 0;
  for (const { name, data, ...lie } of entries) {
    const local = localHeader(name, data);
    const size = lie.size ?? data.length;
    records.push(
      concat(header(0x02014b50, 46, { 20: size, 24: size, 42: lie.at ?? at }, { 28: name.length }), ascii(name)),
    );
    locals.push(local, data);
    at += local.length + data.length;
  }
  const directory = concat(...records);
  const end = header(0x06054b50, 22, { 12: directory.length, 16: at }, { 8: count, 10: count });
  return concat(...locals, directory, end);
}

function localHeader(name: string, data: Uint8Array): Uint8Array {
  return concat(header(0x04034b50, 30, { 18: data.length, 22: data.length }, { 26: name.length }), ascii(name));
}

function header(
  signature: number,
  bytes: number,
  words: Readonly<Record<number, number>>,
  halves: Readonly<Record<number, number>>,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint32(0, signature, true);
  for (const [at, value] of Object.entries(words)) view.setUint32(Number(at), value, true);
  for (const [at, value] of Object.entries(halves)) view.setUint16(Number(at), value, true);
  return new Uint8Array(view.buffer);
}

const a = { name: 'r/a', data: ascii('first') };
const b = { name: 'r/b', data: ascii('second') };

test('stored entries are views on the archive', () => {
  const bytes = archive([a, b]);
  const entries = readZip(bytes);
  expect([...entries.keys()]).toEqual(['r/a', 'r/b']);
  expect(entries.get('r/b')).toEqual(b.data);
  expect(entries.get('r/b')!.buffer).toBe(bytes.buffer);
});

describe('lying archives', () => {
  test.each([
    [
      'overlapping entries',
      archive([
        { ...a, data: concat(localHeader(b.name, b.data), b.data) },
        { ...b, at: 33 },
      ]),
      /r\/b overlaps/,
    ],
    ['one entry twice', archive([a, a]), /entry r\/a comes twice/],
    ['an entry without a header', archive([a, { ...b, at: 2 }]), /r\/b has no header of its own/],
    ['an entry far outside', archive([{ ...a, at: 0xfffffff0 }]), /cut short/],
    ['a larger size in the directory', archive([{ ...a, size: 6 }, b]), /contradicts/],
    ['a huge size', archive([{ ...a, size: 0xfffffffe }]), /contradicts|overlaps/],
    ['a wide size without its field', archive([{ ...a, size: 0xffffffff }]), /ZIP64 extra field/],
    ['more records than there are', archive([a], 2), /its directory lies outside|record 1 is missing/],
    ['sixty-five thousand records promised', archive([a], 65_535), /lies outside the file/],
  ])('%s', (_, bytes, message) => {
    const said = refusal(() => readZip(bytes));
    expect(said).toMatch(/^input: /);
    expect(said).toMatch(message);
  });

  test('an encrypted entry', () => {
    const bytes = archive([a]);
    bytes[a.data.length + 33 + 8] = 1;
    expect(refusal(() => readZip(bytes))).toMatch(/^unsupported: .*r\/a encrypted/);
  });
});

test('an archive of something else names what is inside', () => {
  const said = refusal(() => readWeights(archive([{ name: 'arr_0.npy', data: ascii('x') }])));
  expect(said).toMatch(/^input: expected one data\.pkl.*\(arr_0\.npy\)/);
  expect(refusal(() => readWeights(archive([])))).toMatch(/received 0 among 0 entries/);
});

test('a TorchScript archive is told apart', () => {
  const entries = ['data.pkl', 'constants.pkl'].map((name) => ({ name: `m/${name}`, data: ascii('\x80\x02).') }));
  expect(refusal(() => readWeights(archive(entries)))).toMatch(/^unsupported: .*TorchScript/);
});

test('a storage that is missing or of another size is named', () => {
  const entries = [...readZip(golden('checkpoint.zip.pth'))].map(([name, data]) => ({ name, data }));
  const without = entries.filter(({ name }) => name !== 'tiny/data/2');
  expect(refusal(() => readWeights(archive(without)))).toMatch(
    /storage 2 \(torch\.FloatStorage of \d+\), received no such/,
  );
  const longer = entries.map((entry) => (entry.name === 'tiny/data/0' ? { ...entry, data: ascii('12345678') } : entry));
  expect(refusal(() => readWeights(archive(longer)))).toMatch(/expected 216 bytes in storage 0 .* received 8/);
});
