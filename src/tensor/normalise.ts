import type { Preprocessing } from './preprocessing.ts';

/**
 * Writes RGB pixels of `inputSize` x `inputSize` into `out`, from `offset` on: `(pixel / scale - mean) / std` in the model's channel
 * order and layout.
 */
export function normalise(rgb: Uint8Array, preprocessing: Preprocessing, out: Float32Array, offset: number): void {
  const { channels, layout, scale, mean, std, inputSize } = preprocessing;
  const plane = inputSize * inputSize;
  const [step, stride] = layout === 'nchw' ? [plane, 1] : [1, 3];
  const table = new Float32Array(256);
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < 256; pixel++) table[pixel] = (pixel / scale - mean[channel]!) / std[channel]!;
    const source = channels === 'rgb' ? channel : 2 - channel;
    const target = offset + channel * step;
    for (let i = 0; i < plane; i++) out[target + i * stride] = table[rgb[i * 3 + source]!]!;
  }
}
