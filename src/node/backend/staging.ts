import { type Tensor, tensorBytes } from '../../tensor/tensor.ts';
import type { Parcel } from './protocol.ts';

/** Buffers kept for the next run; more come and go only with several runs in flight. */
const MAX_SPARE = 4;

export type Staging = {
  /** Copies a tensor into a buffer that may change threads: the caller's own may lie in a shared pool, and stays usable. */
  readonly pack: (name: string, tensor: Tensor) => Parcel;
  /** Takes buffers back to be filled again. */
  readonly reclaim: (buffers: readonly ArrayBuffer[]) => void;
};

/** Buffers for the inputs of one session, allocated once per size and then reused. */
export function createStaging(): Staging {
  const spare: ArrayBuffer[] = [];
  const take = (byteLength: number): ArrayBuffer => {
    const at = spare.findIndex((buffer) => buffer.byteLength === byteLength);
    return at < 0 ? new ArrayBuffer(byteLength) : spare.splice(at, 1)[0]!;
  };
  const pack = (name: string, tensor: Tensor): Parcel => {
    const bytes = tensorBytes(tensor);
    const buffer = take(bytes.byteLength);
    new Uint8Array(buffer).set(bytes);
    return { name, dtype: tensor.dtype, dims: tensor.dims, buffer };
  };
  const reclaim = (buffers: readonly ArrayBuffer[]): void => {
    spare.push(...buffers);
    spare.splice(0, spare.length - MAX_SPARE);
  };
  return { pack, reclaim };
}
