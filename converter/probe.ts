import { normalise } from '../src/tensor/normalise.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { mulberry32 } from '../src/tensor/random.ts';
import { float32, type Tensor } from '../src/tensor/tensor.ts';

/** Pixels between the knots of the generated pictures' noise, coarse to fine. */
const KNOTS = [64, 16, 4, 1];

/**
 * A generated picture, uint8 [size, size, 3]: noise of several scales, so that its spectrum falls as a photograph's does.
 * The same seed gives the same picture.
 */
export function probePicture(size: number, seed: number): Uint8Array {
  const random = mulberry32(seed);
  const sum = new Float32Array(size * size * 3).fill(128);
  for (const knot of KNOTS) {
    const side = Math.ceil(size / knot) + 1;
    const grid = Float32Array.from({ length: side * side * 3 }, () => (random() - 0.5) * 2 * (8 + knot));
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const at = (Math.floor(y / knot) * side + Math.floor(x / knot)) * 3;
        for (let c = 0; c < 3; c++) sum[(y * size + x) * 3 + c]! += grid[at + c]!;
      }
    }
  }
  return Uint8Array.from(sum, (value) => Math.max(0, Math.min(255, Math.round(value))));
}

/** A picture [size, size, 3] as a model's input expects it, batch 1. */
export function modelInput(picture: Uint8Array, preprocessing: Preprocessing): Tensor {
  const { inputSize: size, input, layout } = preprocessing;
  if (input === 'raw') return { dtype: 'uint8', dims: [1, size, size, 3], data: picture };
  if (layout === 'nchw') return normalised(picture, preprocessing);
  return float32([1, size, size, 3], floatsOf(picture, preprocessing));
}

/** What the trained network was fed: float32 [1, 3, size, size], (pixel / scale - mean) / std in its channel order. */
export function normalised(picture: Uint8Array, preprocessing: Preprocessing): Tensor<'float32'> {
  const { inputSize: size } = preprocessing;
  return float32([1, 3, size, size], floatsOf(picture, { ...preprocessing, layout: 'nchw' }));
}

function floatsOf(picture: Uint8Array, preprocessing: Preprocessing): Float32Array {
  const data = new Float32Array(picture.length);
  normalise(picture, preprocessing, data, 0);
  return data;
}
