import { ResedgeError } from '../../src/errors.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant } from '../graph/graph.ts';
import { decode } from '../weights/decode.ts';
import type { StoredDType } from '../weights/types.ts';
import { int32, numbersIn } from './flatbuffer.ts';
import type { LiteTensor, LiteType } from './model.ts';

/** real = (stored - zeroPoint) * scale, one pair for the tensor or one for each place on `axis`. */
export type Affine = {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
};

/** Channels of one tensor that have a scale of their own. */
const MAX_SCALES = 65_536;

/** Numbers of the fields of QuantizationParameters. */
const QUANTIZATION = { scale: 2, zeroPoint: 3, axis: 6 } as const;

const STORED: Readonly<Partial<Record<LiteType, { readonly dtype: StoredDType; readonly bytes: number }>>> = {
  float32: { dtype: 'F32', bytes: 4 },
  float16: { dtype: 'F16', bytes: 2 },
  float64: { dtype: 'F64', bytes: 8 },
  int8: { dtype: 'I8', bytes: 1 },
  uint8: { dtype: 'U8', bytes: 1 },
  int16: { dtype: 'I16', bytes: 2 },
  int32: { dtype: 'I32', bytes: 4 },
  int64: { dtype: 'I64', bytes: 8 },
};

/** What a tensor's integers stand for; undefined where they are plain integers, or it holds none. */
export function affineOf(tensor: LiteTensor): Affine | undefined {
  const { quantization, name, dims } = tensor;
  if (quantization === undefined || tensor.type.startsWith('float')) return undefined;
  const scales = numbersIn(quantization, QUANTIZATION.scale, 'float32', MAX_SCALES, `scales of tensor ${name}`);
  if (scales.length === 0) return undefined;
  const stated = numbersIn(quantization, QUANTIZATION.zeroPoint, 'int64', MAX_SCALES, `zero points of tensor ${name}`);
  const zeroPoints = scales.map((_, i) => (stated.length === 1 ? stated[0]! : (stated[i] ?? 0)));
  const axis = int32(quantization, QUANTIZATION.axis);
  const sensible = scales.every((scale) => scale > 0 && Number.isFinite(scale)) && zeroPoints.every(isSmall);
  const fits = scales.length === 1 || scales.length === dims[axis];
  if (sensible && fits) return { scales, zeroPoints, axis };
  throw new ResedgeError(
    'input',
    `expected scales above 0 for tensor ${name} [${dims.join(', ')}], one or one for each place on axis ${axis}, received ${scales.length} (${scales.slice(0, 3).join(', ')}): the file is damaged, download or save it again`,
  );
}

function isSmall(zeroPoint: number): boolean {
  return Math.abs(zeroPoint) <= 2 ** 31;
}

/** Numbers known before the model runs as reals, dequantized where they are stored as integers; computed at each read. */
export function realsOf(tensor: LiteTensor): Constant<'float32'> {
  const bytes = dataOf(tensor);
  const { dims } = tensor;
  const affine = affineOf(tensor);
  const { dtype } = storedAs(tensor);
  if (affine === undefined) return { dtype: 'float32', dims, read: () => decode(dtype, bytes) };
  return { dtype: 'float32', dims, read: () => dequantized(decode(dtype, bytes), dims, affine) };
}

function dequantized(
  stored: Float32Array,
  dims: readonly number[],
  { scales, zeroPoints, axis }: Affine,
): Float32Array {
  const inner = elementCount(dims.slice(axis + 1));
  const one = scales.length === 1;
  return stored.map((value, i) => {
    const place = one ? 0 : Math.floor(i / inner) % scales.length;
    return (value - zeroPoints[place]!) * scales[place]!;
  });
}

/** Axes, sizes or counts in one list. */
const MAX_LISTED = 64;

/** Whole numbers, such as axes and sizes. */
export function integersOf(tensor: LiteTensor): readonly number[] {
  const { name, dims } = tensor;
  if (elementCount(dims) > MAX_LISTED) {
    throw new ResedgeError('limit', `expected at most ${MAX_LISTED} numbers in tensor ${name}, received [${dims}]`);
  }
  return [...decode(storedAs(tensor).dtype, dataOf(tensor))];
}

/** The bytes of a tensor known before the model runs: as many as its shape asks for. */
export function dataOf(tensor: LiteTensor): Uint8Array {
  const { data, name, dims, sparse } = tensor;
  const { bytes } = storedAs(tensor);
  if (sparse) {
    throw new ResedgeError(
      'unsupported',
      `expected every number of tensor ${name} to be stored, received a sparse one: save the model without sparsity`,
    );
  }
  const wanted = elementCount(dims) * bytes;
  if (data?.length === wanted) return data;
  throw new ResedgeError(
    'input',
    `expected ${wanted} bytes for tensor ${name}, ${tensor.type}[${dims.join(', ')}], received ${data?.length ?? 0}: the file is damaged, download or save it again`,
  );
}

function storedAs({ type, name }: LiteTensor): { readonly dtype: StoredDType; readonly bytes: number } {
  const stored = STORED[type];
  if (stored) return stored;
  const shown = type === 'unknown' ? 'a type that is not known' : `${type}s`;
  throw new ResedgeError(
    'unsupported',
    `expected tensor ${name} to hold numbers of 8 to 64 bits, received ${shown}: convert the model without it`,
  );
}
