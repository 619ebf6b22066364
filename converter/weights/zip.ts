import { ResedgeError } from '../../src/errors.ts';
import { decodeUtf8, expectBytes, quote, readUint64, viewOf } from './bytes.ts';

/** Most entries of an archive: one for each storage and a few beside. */
export const MAX_ENTRIES = 131_072;
/** Longest comment an end record can carry, from the width of its length field. */
const MAX_COMMENT = 0xffff;

const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
/** Stands in a 32-bit field whose value is in the ZIP64 extra field. */
const WIDE = 0xffffffff;

type Directory = { readonly at: number; readonly end: number; readonly count: number };
type Entry = { readonly name: string; readonly flags: number; readonly size: number; readonly at: number };

/**
 * The entries of a ZIP archive as views, by name. Only stored (uncompressed) entries exist for this reader, so nothing can
 * grow; compressed, encrypted, repeated and overlapping entries are refused by name. Layout: APPNOTE 6.3.10, section 4.3.
 */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const directory = findDirectory(bytes);
  const entries = readDirectory(bytes, directory);
  const files = new Map<string, Uint8Array>();
  let covered = 0;
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    const start = dataStart(bytes, entry);
    if (entry.at < covered || entry.size > directory.at - start) {
      throw damaged(`entry ${quote(entry.name)} overlaps its neighbour or the directory`);
    }
    covered = start + entry.size;
    if (files.has(entry.name)) throw damaged(`entry ${quote(entry.name)} comes twice`);
    files.set(entry.name, bytes.subarray(start, covered));
  }
  return files;
}

function findDirectory(bytes: Uint8Array): Directory {
  const view = viewOf(bytes);
  const last = bytes.length - END.bytes;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
    if (view.getUint32(at, true) !== END.signature || view.getUint16(at + 20, true) !== last - at) continue;
    return (
      findDirectory64(bytes, at) ??
      directoryAt(view.getUint32(at + 16, true), view.getUint32(at + 12, true), view.getUint16(at + 10, true), at)
    );
  }
  throw new ResedgeError(
    'input',
    'expected a ZIP directory at the end of the file, received none: the file is cut short, download or save it again',
  );
}

function findDirectory64(bytes: Uint8Array, end: number): Directory | undefined {
  const view = viewOf(bytes);
  const locator = end - LOCATOR64.bytes;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64.signature) return undefined;
  const at = readUint64(bytes, locator + 8, 'the ZIP64 end record');
  expectBytes(bytes, at, END64.bytes, 'the ZIP64 end record');
  if (view.getUint32(at, true) !== END64.signature) throw damaged('its ZIP64 end record is missing');
  const field = (offset: number): number => readUint64(bytes, at + offset, 'the ZIP64 end record');
  return directoryAt(field(48), field(40), field(32), at);
}

function directoryAt(at: number, size: number, count: number, limit: number): Directory {
  if (count > MAX_ENTRIES) {
    throw new ResedgeError('limit', `expected at most ${MAX_ENTRIES} entries in the ZIP archive, received ${count}`);
  }
  if (size > limit - at || count * CENTRAL.bytes > size) throw damaged('its directory lies outside the file');
  return { at, end: at + size, count };
}

function readDirectory(bytes: Uint8Array, directory: Directory): readonly Entry[] {
  const view = viewOf(bytes);
  const entries: Entry[] = [];
  let at = directory.at;
  for (let i = 0; i < directory.count; i++) {
    if (directory.end - at < CENTRAL.bytes || view.getUint32(at, true) !== CENTRAL.signature) {
      throw damaged(`directory record ${i} is missing`);
    }
    const nameEnd = at + CENTRAL.bytes + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > directory.end) throw damaged(`directory record ${i} is longer than the directory`);
    const name = decodeUtf8(bytes.subarray(at + CENTRAL.bytes, nameEnd), 'a ZIP entry name');
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (method !== 0 || (flags & ENCRYPTED) !== 0) {
      throw new ResedgeError(
        'unsupported',
        `expected stored ZIP entries, as torch.save writes them, received ${quote(name)} ${method === 0 ? 'encrypted' : `compressed (method ${method})`}: unpack the archive or save the weights again`,
      );
    }
    const wide = wideFields(bytes.subarray(nameEnd, extraEnd));
    const size = wide(view.getUint32(at + 24, true));
    const packed = wide(view.getUint32(at + 20, true));
    if (size !== packed) throw damaged(`entry ${quote(name)} is stored, yet gives two sizes, ${size} and ${packed}`);
    entries.push({ name, flags, size, at: wide(view.getUint32(at + 42, true)) });
    at = next;
  }
  return entries;
}

/** Resolves fields in the order size, packed size, offset: each that reads WIDE takes the next value of the ZIP64 extra field. */
function wideFields(extra: Uint8Array): (field: number) => number {
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  let next = at + 4;
  return (field) => {
    if (field !== WIDE) return field;
    next += 8;
    return readUint64(extra, next - 8, 'a ZIP64 extra field');
  };
}

/** Where an entry's data starts, after its local header has been checked against the directory. */
function dataStart(bytes: Uint8Array, { name, flags, size, at }: Entry): number {
  expectBytes(bytes, at, LOCAL.bytes, `the header of ZIP entry ${quote(name)}`);
  const view = viewOf(bytes);
  if (view.getUint32(at, true) !== LOCAL.signature) throw damaged(`entry ${quote(name)} has no header of its own`);
  const nameEnd = at + LOCAL.bytes + view.getUint16(at + 26, true);
  const start = nameEnd + view.getUint16(at + 28, true);
  expectBytes(bytes, at, start - at, `the header of ZIP entry ${quote(name)}`);
  const localSize = view.getUint32(at + 22, true);
  const agrees =
    view.getUint16(at + 8, true) === 0 &&
    ((flags & SIZES_FOLLOW) !== 0 || localSize === WIDE || localSize === size) &&
    decodeUtf8(bytes.subarray(at + LOCAL.bytes, nameEnd), 'a ZIP entry name') === name;
  if (!agrees) throw damaged(`the header of entry ${quote(name)} contradicts the directory`);
  return start;
}

function damaged(fault: string): ResedgeError {
  return new ResedgeError('input', `damaged ZIP archive: ${fault}; download the file or save it again`);
}
