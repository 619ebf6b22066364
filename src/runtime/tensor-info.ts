import { ResedgeError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import type { TensorInfo } from './types.ts';

const DTYPES: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float16',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'bool',
]);

const isDType = (type: string): type is DType => DTYPES.has(type);

/** An input or output as ONNX Runtime for JavaScript describes it; type and shape only of a tensor. */
export type OrtValue = {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
};

/** What the library says of a model's input or output. Throws `unsupported` for a type that no tensor here has. */
export function tensorInfo({ name, isTensor, type = '', shape = [] }: OrtValue, where: string): TensorInfo {
  if (isTensor && isDType(type)) return { name, dtype: type, dims: shape.map((dim) => (dim === '' ? '?' : dim)) };
  throw new ResedgeError(
    'unsupported',
    `expected one of ${[...DTYPES].join(', ')} for ${name} in ${where}, came ${isTensor ? type : 'no tensor'}`,
  );
}
