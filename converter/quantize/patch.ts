import type { Tensor } from '../../src/tensor/tensor.ts';
import { windowDims } from '../graph/ops/dims.ts';
import type { WeightedLayer } from './weighted.ts';

/** Upper left corner of a kernel on one picture of a batch. */
export type Position = { readonly picture: number; readonly y: number; readonly x: number };

/**
 * Copies the patch under a kernel out of `input` [N, C, H, W] or [N, C]: channel, kernel row, kernel column. What lies in the padding
 * is left as it is in `out`, which the caller keeps at what padding means.
 */
export function fillPatch<T extends 'float32' | 'uint8'>(
  { kernel, dilations }: WeightedLayer,
  { dims, data }: Tensor<T>,
  { picture, y, x }: Position,
  out: Tensor<T>['data'],
  offset: number,
): void {
  const [, channels = 1, height = 1, width = 1] = dims;
  const [rows, columns] = kernel;
  let at = offset;
  for (let c = 0; c < channels; c++) {
    const plane = (picture * channels + c) * height * width;
    for (let ky = 0; ky < rows; ky++) {
      for (let kx = 0; kx < columns; kx++, at++) {
        const row = y + ky * dilations[0];
        const column = x + kx * dilations[1];
        if (row >= 0 && row < height && column >= 0 && column < width) {
          out[at] = data[plane + row * width + column]!;
        }
      }
    }
  }
}

/** Positions at which a layer's kernel meets its input [N, C, H, W] or [N, C], so many of every picture unless it has fewer. */
export function drawPositions(
  layer: WeightedLayer,
  { dims }: Pick<Tensor, 'dims'>,
  perPicture: number,
  random: () => number,
): readonly Position[] {
  const [batch = 1, , height = 1, width = 1] = dims;
  const { strides, pads } = layer;
  const [rows, columns] = windowDims(layer, [height, width]).map(Number) as [number, number];
  const count = Math.min(perPicture, rows * columns);
  return Array.from({ length: batch * count }, (_, i) => ({
    picture: Math.floor(i / count),
    y: Math.floor(random() * rows) * strides[0] - pads[0],
    x: Math.floor(random() * columns) * strides[1] - pads[1],
  }));
}
