import { ResedgeError } from '../errors.ts';
import { dtypeName, MAX_RANK } from './decode-tensor.ts';
import { type Budget, damaged, readBytes, readInteger, readMessage, readText } from './read.ts';
import type { ValueInfo } from './schema.ts';
import { DIM, dtypeOfCode, SHAPE, TENSOR_TYPE, TYPE, VALUE } from './wire.ts';

/** A ValueInfo as the file states it: the element type as its code, no `dims` where the rank is unknown. */
export type RawValueInfo = {
  readonly name: string;
  /** TensorProto.DataType; undefined for anything that is not a dense tensor. */
  readonly code: number | undefined;
  readonly dims: readonly (number | string)[] | undefined;
};

/** Decodes a ValueInfoProto. An unknown dimension is the empty string. */
export function decodeRawValue(bytes: Uint8Array, where: string, budget: Budget): RawValueInfo {
  let name = '';
  let code: number | undefined;
  let dims: (number | string)[] | undefined;
  readMessage(bytes, where, budget, (field) => {
    if (field.number === VALUE.name) name = readText(field);
    if (field.number !== VALUE.type) return;
    readMessage(readBytes(field), where, budget, (type) => {
      if (type.number !== TYPE.tensor) return;
      code = 0;
      readMessage(readBytes(type), where, budget, (tensor) => {
        if (tensor.number === TENSOR_TYPE.dtype) code = readInteger(tensor);
        if (tensor.number === TENSOR_TYPE.shape) dims = decodeShape(readBytes(tensor), where, budget);
      });
    });
  });
  return { name, code, dims };
}

/** The value as this project's data, or undefined if its type or rank is unknown or not handled. */
export function asValueInfo({ name, code, dims }: RawValueInfo): ValueInfo | undefined {
  const dtype = code === undefined ? undefined : dtypeOfCode(code);
  return dtype === undefined || dims === undefined ? undefined : { name, dtype, dims };
}

/** Decodes a graph input or output; code `unsupported` if it is not a tensor of a handled type and known rank. */
export function decodeValue(bytes: Uint8Array, where: string, budget: Budget): ValueInfo {
  const raw = decodeRawValue(bytes, where, budget);
  const value = asValueInfo(raw);
  if (value !== undefined) return value;
  const received =
    raw.code === undefined
      ? 'something else than a dense tensor'
      : raw.dims === undefined
        ? `a ${dtypeName(raw.code)} tensor without a shape`
        : `a ${dtypeName(raw.code)} tensor`;
  throw new ResedgeError(
    'unsupported',
    `expected a tensor of a type in use here and of known rank as ${where} ${raw.name}, received ${received}`,
  );
}

function decodeShape(bytes: Uint8Array, where: string, budget: Budget): (number | string)[] {
  const dims: (number | string)[] = [];
  readMessage(bytes, where, budget, (shape) => {
    if (shape.number !== SHAPE.dim) return;
    if (dims.length === MAX_RANK) throw damaged(where, `expected at most ${MAX_RANK} dimensions, received more`);
    let dim: number | string = '';
    readMessage(readBytes(shape), where, budget, (field) => {
      if (field.number === DIM.value) dim = readInteger(field);
      if (field.number === DIM.param) dim = readText(field);
    });
    dims.push(typeof dim === 'number' && dim < 0 ? '' : dim);
  });
  return dims;
}
