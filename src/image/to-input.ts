import { ResedgeError } from '../errors.ts';
import { normalise } from '../tensor/normalise.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Pixels } from './pixels.ts';

export type InputTensor = Tensor<'uint8'> | Tensor<'float32'>;

/** A zeroed input tensor for `batch` pictures: uint8 [N, H, W, 3] for a raw model, else float32 in the model's layout. */
export function allocateInput(preprocessing: Preprocessing, batch = 1): InputTensor {
  const { input, layout, inputSize: size } = preprocessing;
  const count = batch * size * size * 3;
  if (input === 'raw') return { dtype: 'uint8', dims: [batch, size, size, 3], data: new Uint8Array(count) };
  const dims = layout === 'nchw' ? [batch, 3, size, size] : [batch, size, size, 3];
  return { dtype: 'float32', dims, data: new Float32Array(count) };
}

/**
 * Writes a picture of `inputSize` x `inputSize` into place `index` of `out` (allocated for one picture when left out) and returns
 * `out`. Raw input takes the RGB bytes; float input `(pixel / scale - mean) / std` in the model's channel order.
 */
export function toInput(
  pixels: Pixels,
  preprocessing: Preprocessing,
  out: InputTensor = allocateInput(preprocessing),
  index = 0,
): InputTensor {
  const size = preprocessing.inputSize;
  const length = size * size * 3;
  if (pixels.width !== size || pixels.height !== size || pixels.data.length !== length) {
    const came = `${pixels.width} x ${pixels.height} with ${pixels.data.length} bytes`;
    throw new ResedgeError('input', `expected ${size} x ${size} RGB pixels for the model's input, received ${came}`);
  }
  const dtype = preprocessing.input === 'raw' ? 'uint8' : 'float32';
  const offset = index * length;
  if (out.dtype !== dtype || !Number.isInteger(index) || index < 0 || offset + length > out.data.length) {
    const came = `${out.dtype} [${out.dims.join(', ')}]`;
    throw new ResedgeError(
      'input',
      `expected a ${dtype} tensor with room for picture ${index} of ${length} values, received ${came}`,
    );
  }
  if (out.dtype === 'uint8') out.data.set(pixels.data, offset);
  else normalise(pixels.data, preprocessing, out.data, offset);
  return out;
}
