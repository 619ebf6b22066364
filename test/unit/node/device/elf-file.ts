const HEADER = 64;
const SEGMENT = 56;
const PAGE = 0x1000;

const MACHINES = { x64: 62, arm64: 183, arm: 40 } as const;

export type ElfParts = {
  readonly arch?: keyof typeof MACHINES;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly versions?: readonly string[];
};

/** A shared library of one page without code: what it says of itself, and nothing else (System V ABI, chapters 4 and 5). */
export function elfFile({ arch, soname, needed = [], versions = [] }: ElfParts): Uint8Array {
  const here = process.arch === 'arm64' ? 'arm64' : 'x64';
  let strings = '\0';
  const table: (readonly [number, number])[] = [];
  const put = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  for (const name of needed) table.push([1, put(name)]);
  if (soname !== undefined) table.push([14, put(soname)]);
  for (const version of versions) put(version);
  const dynamicAt = HEADER + 2 * SEGMENT;
  const stringsAt = dynamicAt + (table.length + 3) * 16;
  // Addresses are one page above offsets, so that a reader that mixes them up fails.
  table.push([5, stringsAt + PAGE], [10, strings.length], [0, 0]);
  const file = Buffer.alloc(stringsAt + strings.length);
  file.write('\x7fELF', 'latin1');
  file.set([2, 1, 1], 4);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(MACHINES[arch ?? here], 18);
  file.writeBigUInt64LE(BigInt(HEADER), 32);
  file.writeUInt16LE(SEGMENT, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: number, size: number): void => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(offset + PAGE), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
  };
  segment(HEADER, 1, 0, file.length);
  segment(HEADER + SEGMENT, 2, dynamicAt, table.length * 16);
  for (const [i, [tag, value]] of table.entries()) {
    file.writeBigUInt64LE(BigInt(tag), dynamicAt + i * 16);
    file.writeBigUInt64LE(BigInt(value), dynamicAt + i * 16 + 8);
  }
  file.write(strings, stringsAt, 'latin1');
  return file;
}
