import type { Fault } from '../../runtime/explain.ts';
import type { ModelSource, TensorInfo } from '../../runtime/types.ts';
import type { DType, TensorData } from '../../tensor/dtype.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { OpenOptions } from './options.ts';
import type { Library } from './ort.ts';

/** What a worker opens. */
export type OpenRequest = { readonly library: Library; readonly model: ModelSource; readonly options: OpenOptions };

/** A named tensor on its way between threads; the buffer is exactly its data and changes hands. */
export type Parcel = {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly buffer: ArrayBuffer;
};

/** The opening comes first, and is answered under this id. */
export const OPENING = 0;

export type Request =
  /** Loads the native library, to open a model sooner; not answered, but `done` becomes 1. */
  | { readonly kind: 'prepare'; readonly id: typeof OPENING; readonly done: Int32Array }
  | { readonly kind: 'open'; readonly id: typeof OPENING; readonly request: OpenRequest }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly feeds: readonly Parcel[];
      readonly outputs: readonly string[];
    }
  | { readonly kind: 'close'; readonly id: number };

export type Reply =
  | {
      readonly kind: 'opened';
      readonly id: typeof OPENING;
      readonly inputs: readonly TensorInfo[];
      readonly outputs: readonly TensorInfo[];
    }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly outputs: readonly Parcel[];
      readonly ms: number;
      /** The feeds' buffers, to be filled again. */
      readonly spent: readonly ArrayBuffer[];
    }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault };

/** The typed array of this project for an element type, over a whole buffer. */
export function viewOf(dtype: DType, buffer: ArrayBuffer): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
    case 'uint16':
      return new Uint16Array(buffer);
    case 'uint8':
    case 'bool':
    case 'int4':
      return new Uint8Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
  }
}

/** The tensor in a parcel, without a copy. */
export function unpack({ dtype, dims, buffer }: Parcel): Tensor {
  return { dtype, dims, data: viewOf(dtype, buffer) } as Tensor;
}
