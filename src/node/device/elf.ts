import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ResedgeError } from '../../errors.ts';

/** What a Linux shared library says of itself. */
export type ElfFacts = {
  /** As `process.arch` names it, or the number of the machine (ELF header, e_machine). */
  readonly arch: string;
  readonly soname: string | undefined;
  /** The libraries that must be there for it to load. */
  readonly needed: readonly string[];
  /** Every name in its dynamic string table, versions of symbols among them. */
  readonly strings: string;
};

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const ENTRY_BYTES = 16;
const MAX_SEGMENTS = 1000;
const MAX_DYNAMIC_BYTES = 2 ** 20;
const MAX_STRINGS_BYTES = 64 * 2 ** 20;

const ARCHES: Readonly<Record<number, string>> = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' };
const LOAD = 1;
const DYNAMIC = 2;
const TAG = { needed: 1n, strings: 5n, stringsSize: 10n, soname: 14n } as const;

type Segment = { readonly type: number; readonly offset: number; readonly address: number; readonly size: number };

/**
 * Reads the dynamic section of a 64-bit little-endian ELF file (System V ABI, chapters 4 and 5); of a 32-bit one only the machine.
 * A few kilobytes are read, whatever the file's size. Throws `io` for an unreadable file, `input` for another format.
 */
export function readElf(path: string): ElfFacts {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const end = fstatSync(file).size;
    return parse(reader(file, path, end), path);
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    throw new ResedgeError('io', `${path}: expected a shared library, ${String(error)}`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

type Read = (offset: number, length: number, limit: number) => DataView;

function notElf(path: string, why: string): ResedgeError {
  return new ResedgeError('input', `${path}: expected a Linux shared library, ${why}: get the file again`);
}

function reader(file: number, path: string, end: number): Read {
  return (offset, length, limit) => {
    if (length > limit || offset + length > end) throw notElf(path, `it is cut off or damaged at byte ${offset}`);
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, offset);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
}

function parse(read: Read, path: string): ElfFacts {
  const header = read(0, HEADER_BYTES, HEADER_BYTES);
  if (header.getUint32(0) !== 0x7f454c46) throw notElf(path, 'it is none');
  const machine = header.getUint16(18, true);
  const arch = ARCHES[machine] ?? `machine ${machine}`;
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1) return { arch, soname: undefined, needed: [], strings: '' };
  const segments = segmentsOf(read, header);
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  if (dynamic === undefined) return { arch, soname: undefined, needed: [], strings: '' };
  const table = entriesOf(read(dynamic.offset, dynamic.size, MAX_DYNAMIC_BYTES));
  const value = (tag: bigint): number | undefined => table.find((entry) => entry.tag === tag)?.value;
  const at = fileOffset(segments, value(TAG.strings) ?? 0);
  const view = read(at, value(TAG.stringsSize) ?? 0, MAX_STRINGS_BYTES);
  const strings = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('latin1');
  const name = (start: number): string => strings.slice(start, Math.max(start, strings.indexOf('\0', start)));
  const soname = value(TAG.soname);
  return {
    arch,
    soname: soname === undefined ? undefined : name(soname),
    needed: table.filter(({ tag }) => tag === TAG.needed).map((entry) => name(entry.value)),
    strings,
  };
}

function segmentsOf(read: Read, header: DataView): readonly Segment[] {
  const start = Number(header.getBigUint64(32, true));
  const count = header.getUint16(56, true);
  const view = read(start, count * SEGMENT_BYTES, MAX_SEGMENTS * SEGMENT_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const field = (offset: number): number => Number(view.getBigUint64(i * SEGMENT_BYTES + offset, true));
    return { type: view.getUint32(i * SEGMENT_BYTES, true), offset: field(8), address: field(16), size: field(32) };
  });
}

function entriesOf(view: DataView): readonly { readonly tag: bigint; readonly value: number }[] {
  return Array.from({ length: Math.floor(view.byteLength / ENTRY_BYTES) }, (_, i) => ({
    tag: view.getBigUint64(i * ENTRY_BYTES, true),
    value: Number(view.getBigUint64(i * ENTRY_BYTES + 8, true)),
  }));
}

/** Where an address of the loaded library lies in its file. */
function fileOffset(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (one) => one.type === LOAD && one.address <= address && address < one.address + one.size,
  );
  return segment === undefined ? address : address - segment.address + segment.offset;
}
