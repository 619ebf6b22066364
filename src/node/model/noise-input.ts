import { allocateInput, type InputTensor } from '../../image/to-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { mulberry32 } from '../../tensor/random.ts';

const SEED = 1;

/** Seeded noise in place of so many pictures: bytes, or values as normalised pixels have them. */
export function noiseInput(preprocessing: Preprocessing, batch = 1): InputTensor {
  const input = allocateInput(preprocessing, batch);
  const random = mulberry32(SEED);
  const [offset, range] = input.dtype === 'uint8' ? [0, 256] : [-2, 4];
  for (let i = 0; i < input.data.length; i++) input.data[i] = offset + random() * range;
  return input;
}
