import type { Tensor } from '../tensor/tensor.ts';

/** The data as ONNX Runtime for JavaScript takes it, without a copy: float16 as a Float16Array where the engine has one. */
export function toOrtData({ dtype, data }: Tensor): Tensor['data'] {
  const { Float16Array: native } = globalThis as {
    Float16Array?: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Uint16Array;
  };
  return dtype === 'float16' && native !== undefined ? new native(data.buffer, data.byteOffset, data.length) : data;
}
