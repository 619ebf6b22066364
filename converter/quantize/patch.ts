import type { Tensor } from '../../src/tensor/tensor.ts';
import type { WeightedLayer } from './weighted.ts';

/**
 * Copies the patch under a kernel whose upper left corner lies at (y, x) of a picture in `input` [N, C, H, W]: channel, kernel
 * row, kernel column. What lies in the padding is left as it is in `out`, which the caller keeps at zero.
 */
export function fillPatch(
  { kernel }: WeightedLayer,
  { dims, data }: Tensor<'float32'>,
  { picture, y, x }: { readonly picture: number; readonly y: number; readonly x: number },
  out: Float32Array,
  offset: number,
): void {
  const [, channels = 1, height = 1, width = 1] = dims;
  const [rows, columns] = kernel;
  let at = offset;
  for (let c = 0; c < channels; c++) {
    const plane = (picture * channels + c) * height * width;
    for (let ky = 0; ky < rows; ky++) {
      for (let kx = 0; kx < columns; kx++, at++) {
        const row = y + ky;
        const column = x + kx;
        if (row >= 0 && row < height && column >= 0 && column < width) {
          out[at] = data[plane + row * width + column]!;
        }
      }
    }
  }
}
