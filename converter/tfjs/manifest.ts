import { ResedgeError } from '../../src/errors.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { isJson, type Json, shown } from '../json.ts';
import { quote } from '../weights/bytes.ts';

/** An array as it lies in a group's bytes. */
export type StoredArray = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly stored: Stored;
  /** A number is `stored` x scale + min, where it was quantized to whole numbers. */
  readonly affine?: { readonly scale: number; readonly min: number };
  /** Only training needs it. */
  readonly training: boolean;
};

type Stored = 'float32' | 'int32' | 'bool' | 'float16' | 'uint8' | 'uint16';

/** Arrays that lie one after the other in the bytes of several files, put together. */
export type Group = {
  readonly paths: readonly string[];
  readonly arrays: readonly StoredArray[];
  readonly bytes: number;
};

export const BYTES: Readonly<Record<Stored, number>> = {
  bool: 1,
  float16: 2,
  float32: 4,
  int32: 4,
  uint16: 2,
  uint8: 1,
};

/** Most arrays, and files, of one model. */
const MAX_ENTRIES = 100_000;
/** Most dimensions of an array. */
const MAX_RANK = 8;
/** Most bytes of all arrays together, quantized or not: what typed arrays hold. */
const MAX_BYTES = 2 ** 31 - 1;
/** The group of what only training needs. */
const OPTIMIZER = 'optimizer';

/** The groups of a `weightsManifest`. Throws `input`, `unsupported` or `limit` naming the array at fault. */
export function parseManifest(manifest: unknown): readonly Group[] {
  const groups = listOf(manifest, 'groups of weights as weightsManifest');
  const names = new Set<string>();
  let elements = 0;
  let paths = 0;
  return groups.map((group) => {
    const given = isJson(group) ? group : {};
    const files = listOf(given['paths'], 'paths of shards in weightsManifest').map((path) => {
      if (typeof path === 'string') return path;
      throw new ResedgeError('input', 'expected texts as paths of shards in weightsManifest');
    });
    const arrays = listOf(given['weights'], 'arrays of weights in weightsManifest').map(arrayOf);
    paths += files.length;
    for (const { name, dims } of arrays) {
      if (names.has(name)) throw new ResedgeError('input', `expected one array called ${quote(name)}, received two`);
      names.add(name);
      elements += elementCount(dims);
    }
    if (names.size > MAX_ENTRIES || paths > MAX_ENTRIES) {
      throw new ResedgeError('limit', `expected at most ${MAX_ENTRIES} arrays and shards in weightsManifest`);
    }
    if (!(4 * elements <= MAX_BYTES)) {
      throw new ResedgeError('limit', 'expected weights below 2 GiB, weightsManifest lists more');
    }
    const bytes = arrays.reduce((sum, { dims, stored }) => sum + elementCount(dims) * BYTES[stored], 0);
    return { paths: files, arrays, bytes };
  });
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ResedgeError(
    'input',
    `expected a list of ${what}, received ${value === undefined ? 'none' : 'another value'}`,
  );
}

type Entry = Readonly<Record<'name' | 'shape' | 'dtype' | 'quantization' | 'group', unknown>>;

function arrayOf(entry: unknown): StoredArray {
  const given = isJson(entry) ? entry : {};
  const { name, shape, dtype, quantization, group } = given as Entry;
  if (typeof name !== 'string') throw new ResedgeError('input', 'expected a name for every array of weightsManifest');
  const dims = Array.isArray(shape) && shape.length <= MAX_RANK && shape.every(isSize) ? shape : undefined;
  if (dims === undefined) {
    throw new ResedgeError('input', `expected at most ${MAX_RANK} whole numbers as the shape of ${quote(name)}`);
  }
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new ResedgeError(
      'unsupported',
      `expected float32, int32 or bool as the type of ${quote(name)}, received ${quote(shown(dtype))}`,
    );
  }
  const array = { name, dims, dtype, training: group === OPTIMIZER } as const;
  if (quantization === undefined || quantization === null) return { ...array, stored: dtype };
  return { ...array, ...quantized(name, dtype, isJson(quantization) ? quantization : {}) };
}

function quantized(name: string, dtype: StoredArray['dtype'], given: Json): Pick<StoredArray, 'stored' | 'affine'> {
  const { dtype: stored, scale, min } = given as Readonly<Record<'dtype' | 'scale' | 'min', unknown>>;
  if (stored === 'float16' && dtype === 'float32') return { stored };
  if ((stored !== 'uint8' && stored !== 'uint16') || dtype === 'bool') {
    throw new ResedgeError(
      'unsupported',
      `expected ${quote(name)} (${dtype}) to be quantized to uint8, uint16 or float16, received ${quote(shown(stored))}`,
    );
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw new ResedgeError('input', `expected numbers as scale and min of the quantized ${quote(name)}`);
  }
  return { stored, affine: { scale: Number(scale), min: Number(min) } };
}

function isSize(size: unknown): size is number {
  return typeof size === 'number' && Number.isInteger(size) && size >= 0;
}
