import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';
import { arrayLength, bytesPerEntry, type DataOf, type DType, type TensorData } from '../tensor/dtype.ts';
import { elementCount } from '../tensor/tensor.ts';
import { decodeEntry } from './decode-entry.ts';
import { appendPacked, countVarints, newPacked, packedBytes, packedIntegers } from './packed.ts';
import { type Budget, damaged, readBytes, readInteger, readMessage, readText } from './read.ts';
import type { NamedTensor } from './schema.ts';
import { DTYPE_NAMES, dtypeOfCode, TENSOR } from './wire.ts';

/** Unaligned data of at most this many bytes is copied when it is decoded. */
const COPIED_AT_ONCE = 2 ** 16;

/** Most dimensions of one tensor. */
export const MAX_RANK = 32;

const ARRAYS: { readonly [K in DType]: new (buffer: ArrayBufferLike, offset: number, length: number) => DataOf[K] } = {
  float32: Float32Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int4: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/**
 * Decodes a TensorProto. The data is a view on `bytes` where raw_data (or float_data) lies aligned for its type, else a
 * copy, of large data at each access. Little-endian machines only. `where` says whose tensor it is.
 */
export function decodeTensor(bytes: Uint8Array, where: string, budget: Budget): NamedTensor {
  const dimList = newPacked();
  const floatData = newPacked();
  const int32Data = newPacked();
  const int64Data = newPacked();
  let name = '';
  let code = 0;
  let raw: Uint8Array | undefined;
  let external = false;
  const place = new Map<string, string>();
  let segmented = false;
  readMessage(bytes, where, budget, (field) => {
    switch (field.number) {
      case TENSOR.dims:
        return appendPacked(dimList, field, WireType.Varint);
      case TENSOR.dtype:
        code = readInteger(field);
        return;
      case TENSOR.segment:
        segmented = true;
        return;
      case TENSOR.floatData:
        return appendPacked(floatData, field, WireType.Bit32);
      case TENSOR.int32Data:
        return appendPacked(int32Data, field, WireType.Varint);
      case TENSOR.int64Data:
        return appendPacked(int64Data, field, WireType.Varint);
      case TENSOR.name:
        name = readText(field);
        return;
      case TENSOR.rawData:
        raw = readBytes(field);
        return;
      case TENSOR.externalData: {
        external = true;
        const [key, value] = decodeEntry(readBytes(field), where, budget);
        place.set(key, value);
        return;
      }
      case TENSOR.dataLocation:
        external ||= readInteger(field) !== 0;
        return;
    }
  });

  const what = name === '' ? where : `tensor ${name}`;
  if (segmented) throw new ResedgeError('unsupported', `expected whole tensors, received a segment of ${what}`);
  const dtype = dtypeOfCode(code);
  if (dtype === undefined) {
    throw new ResedgeError(
      'unsupported',
      `expected an element type in use here for ${what}, received ${dtypeName(code)}`,
    );
  }
  const dims = packedIntegers(dimList, { budget, what });
  if (dims.length > MAX_RANK || dims.some((dim) => dim < 0)) {
    throw damaged(what, `expected at most ${MAX_RANK} dimensions of 0 or more, received [${dims.slice(0, 8)}]`);
  }
  if (external) raw = externalBytes(place, arrayLength(dtype, elementCount(dims)) * bytesPerEntry(dtype), what, budget);
  if (raw !== undefined) return lazily(raw, dtype);
  return { name, dtype, dims, data: fromTyped(dtype) } as NamedTensor;

  /** Unaligned data is copied when it is asked for, so that a large model does not stand in memory twice. */
  function lazily(source: Uint8Array, type: DType): NamedTensor {
    expectCount(source.length / bytesPerEntry(type), type);
    const aligned = source.byteOffset % bytesPerEntry(type) === 0;
    if (aligned || source.length <= COPIED_AT_ONCE)
      return { name, dtype, dims, data: fromRaw(source, type) } as NamedTensor;
    return {
      name,
      dtype,
      dims,
      get data() {
        return fromRaw(source, type);
      },
    } as NamedTensor;
  }

  function expectCount(received: number, type: DType): void {
    const expected = arrayLength(type, elementCount(dims));
    if (received !== expected) {
      throw damaged(what, `expected ${expected} elements for [${dims}], received ${received}`);
    }
  }

  function fromRaw(source: Uint8Array, type: DType): TensorData {
    const size = bytesPerEntry(type);
    expectCount(source.length / size, type);
    const aligned = source.byteOffset % size === 0 ? source : source.slice();
    return new ARRAYS[type](aligned.buffer, aligned.byteOffset, aligned.length / size);
  }

  function fromTyped(type: DType): TensorData {
    if (type === 'float32') return fromRaw(packedBytes(floatData), type);
    const source = packedBytes(type === 'int64' ? int64Data : int32Data);
    const count = countVarints(source, what);
    expectCount(count, type);
    const reader = new BinaryReader(source);
    const array = new ARRAYS[type](new ArrayBuffer(count * bytesPerEntry(type)), 0, count);
    try {
      if (array instanceof BigInt64Array) {
        for (let i = 0; i < count; i++) array[i] = BigInt(reader.int64());
      } else {
        for (let i = 0; i < count; i++) {
          const value = reader.int32();
          array[i] = value;
          if (array[i] !== value) throw damaged(what, `expected ${type} values, received ${value}`);
        }
      }
    } catch (error) {
      if (error instanceof ResedgeError) throw error;
      throw damaged(what, error instanceof Error ? error.message : String(error), error);
    }
    return array;
  }
}

/** Data outside the file; code `unsupported` where nobody hands it out. */
function externalBytes(place: ReadonlyMap<string, string>, bytes: number, what: string, budget: Budget): Uint8Array {
  const { external } = budget;
  if (external === undefined) {
    throw new ResedgeError(
      'unsupported',
      `expected all weights inside the ONNX file, received ${what} with external data; save the model as one file`,
    );
  }
  const number = (key: string, otherwise: number): number => {
    const value = Number(place.get(key) ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 0)
      throw damaged(what, `external data has the ${key} ${place.get(key)}`);
    return value;
  };
  const found = external({
    location: place.get('location') ?? '',
    offset: number('offset', 0),
    length: number('length', bytes),
  });
  if (found.length !== bytes) throw damaged(what, `expected ${bytes} bytes of external data, received ${found.length}`);
  return found;
}

/** The name of a TensorProto.DataType code for messages. */
export function dtypeName(code: number): string {
  return DTYPE_NAMES[code] ?? `type ${code}`;
}
