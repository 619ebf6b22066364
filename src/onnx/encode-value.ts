import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { ValueInfo } from './schema.ts';
import { DIM, DTYPE_CODES, SHAPE, TENSOR_TYPE, TYPE, VALUE } from './wire.ts';

const { LengthDelimited, Varint } = WireType;

/** Writes a ValueInfoProto as the given field. An empty string is a dimension of which nothing is known. */
export function writeValue(writer: BinaryWriter, field: number, { name, dtype, dims }: ValueInfo): void {
  writer.tag(field, LengthDelimited).fork();
  writer.tag(VALUE.name, LengthDelimited).string(name);
  writer.tag(VALUE.type, LengthDelimited).fork();
  writer.tag(TYPE.tensor, LengthDelimited).fork();
  writer.tag(TENSOR_TYPE.dtype, Varint).int32(DTYPE_CODES[dtype]);
  writer.tag(TENSOR_TYPE.shape, LengthDelimited).fork();
  for (const dim of dims) {
    writer.tag(SHAPE.dim, LengthDelimited).fork();
    if (typeof dim === 'number') writer.tag(DIM.value, Varint).int64(dim);
    else if (dim !== '') writer.tag(DIM.param, LengthDelimited).string(dim);
    writer.join();
  }
  writer.join().join().join().join();
}
