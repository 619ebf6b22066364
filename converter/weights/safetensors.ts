import { ResedgeError } from '../../src/errors.ts';
import { decodeUtf8, expectBytes, quote, readUint64 } from './bytes.ts';
import { decode, storedBytes, storedDType } from './decode.ts';
import { type HeaderEntry, parseHeader } from './safetensors-header.ts';
import type { StoredTensor } from './types.ts';

/** Longest header, in bytes: the format's own limit. */
export const MAX_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

/** What a safetensors file holds: its tensors in header order, and what it says of itself. */
export type Safetensors = {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
};

/**
 * Opens a safetensors file. The data must be covered by the tensors exactly: no gap, no overlap,
 * nothing past the end. Only the header is read.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const length = readUint64(bytes, 0, "the safetensors header's length");
  if (length > MAX_HEADER) {
    throw new ResedgeError(
      'limit',
      `expected a safetensors header of at most ${MAX_HEADER} bytes, received a length of ${length}: the file is damaged or not safetensors`,
    );
  }
  expectBytes(bytes, LENGTH_BYTES, length, 'the safetensors header');
  const data = bytes.subarray(LENGTH_BYTES + length);
  const { entries: header, metadata } = parseHeader(
    decodeUtf8(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), 'the safetensors header'),
  );
  expectCovered(header, data.length);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of header) tensors.set(name, openTensor(name, entry, data));
  return { tensors, metadata };
}

function expectCovered(header: ReadonlyMap<string, HeaderEntry>, length: number): void {
  const sorted = [...header].sort(([, a], [, b]) => a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1]);
  let covered = 0;
  for (const [name, { offsets }] of sorted) {
    const [begin, end] = offsets;
    if (begin !== covered || end < begin || end > length) {
      const fault = begin < covered ? 'overlaps another' : begin > covered ? 'leaves a gap' : 'ends outside the data';
      throw new ResedgeError(
        'input',
        `expected tensor ${quote(name)} at bytes ${covered} to at most ${length} of the safetensors data, received ${begin} to ${end}, which ${fault}: the file is cut short or damaged, download or save it again`,
      );
    }
    covered = end;
  }
  if (covered !== length) {
    throw new ResedgeError(
      'input',
      `expected ${covered} bytes of tensors after the safetensors header, received ${length}: the file is damaged, download or save it again`,
    );
  }
}

function openTensor(
  name: string,
  { dtype: dtypeName, shape: dims, offsets }: HeaderEntry,
  data: Uint8Array,
): StoredTensor {
  const dtype = storedDType(dtypeName);
  if (dtype === undefined) {
    throw new ResedgeError(
      'unsupported',
      `expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL for ${quote(name)}, received ${quote(dtypeName)}: save the tensor in one of these`,
    );
  }
  const size = dims.reduce((product, dim) => product * dim, storedBytes(dtype));
  const [begin, end] = offsets;
  if (size !== end - begin) {
    throw new ResedgeError(
      'input',
      `expected ${size} bytes for ${quote(name)} (${dtype} [${dims}]), received ${end - begin}: the safetensors header is damaged, download or save the file again`,
    );
  }
  return { dtype, dims, read: () => decode(dtype, data.subarray(begin, end)) };
}
