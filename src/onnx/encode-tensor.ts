import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';
import { arrayLength, bytesPerEntry } from '../tensor/dtype.ts';
import { elementCount } from '../tensor/tensor.ts';
import type { NamedTensor } from './schema.ts';
import { DTYPE_CODES, TENSOR } from './wire.ts';

/** A TensorProto in two consecutive parts: everything up to the length of raw_data, and raw_data itself. */
type EncodedTensor = {
  readonly head: Uint8Array;
  readonly dataBytes: number;
  /** A view on the tensor's data, which is asked for now and not before. Code `internal` if it does not fill the shape. */
  readonly data: () => Uint8Array;
};

/** Little-endian machines only, as ONNX stores raw data. */
export function encodeTensor(tensor: NamedTensor): EncodedTensor {
  const { name, dtype, dims } = tensor;
  const count = arrayLength(dtype, elementCount(dims));
  const dataBytes = count * bytesPerEntry(dtype);
  const writer = new BinaryWriter();
  for (const dim of dims) writer.tag(TENSOR.dims, WireType.Varint).int64(dim);
  writer.tag(TENSOR.dtype, WireType.Varint).int32(DTYPE_CODES[dtype]);
  if (name !== '') writer.tag(TENSOR.name, WireType.LengthDelimited).string(name);
  writer.tag(TENSOR.rawData, WireType.LengthDelimited).uint32(dataBytes);
  const data = (): Uint8Array => {
    const array = tensor.data;
    if (array.length !== count || array.byteLength !== dataBytes) {
      throw new ResedgeError(
        'internal',
        `expected ${count} ${dtype} elements for [${dims}] in tensor ${name}, received ${array.length}`,
      );
    }
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  };
  return { head: writer.finish(), dataBytes, data };
}
