import type { Tensor } from '../../src/tensor/tensor.ts';
import { batches, collect, picturesIn } from '../batch.ts';
import { pictureAt } from '../worst-pictures.ts';

/** Pictures to judge on, the float model's logits for them, and what they show where that is known. */
export type Sample = {
  readonly batches: readonly Tensor[];
  readonly expected: readonly Float32Array[];
  readonly classes?: readonly number[];
};

export function sampleOf(
  batches: readonly Tensor[],
  expected: readonly Float32Array[],
  classOf: ((place: number) => number) | undefined,
): Sample {
  const sample = { batches, expected };
  if (classOf === undefined) return sample;
  return { ...sample, classes: Array.from({ length: picturesIn(batches) }, (_, place) => classOf(place)) };
}

/** Some pictures of a sample, by their places in it. */
export async function selectPictures(sample: Sample, places: readonly number[], inputSize: number): Promise<Sample> {
  const pictures = places.map((place) => pictureAt(sample.batches, place));
  const { classes } = sample;
  const chosen = await collect(batches(pictures, inputSize));
  const logits = rowsOf(sample);
  let start = 0;
  const expected = chosen.map(({ dims }) => {
    const rows = places.slice(start, start + (dims[0] ?? 1)).map((place) => logits[place]!);
    start += rows.length;
    return joined(rows);
  });
  return {
    batches: chosen,
    expected,
    ...(classes ? { classes: places.map((place) => classes[place]!) } : {}),
  };
}

/** Every second picture, and the others; a single one serves as both. */
export async function halves(sample: Sample, inputSize: number): Promise<readonly [Sample, Sample]> {
  const places = Array.from({ length: picturesIn(sample.batches) }, (_, place) => place);
  if (places.length < 2) return [sample, sample];
  const every = (rest: number): readonly number[] => places.filter((place) => place % 2 === rest);
  return [await selectPictures(sample, every(0), inputSize), await selectPictures(sample, every(1), inputSize)];
}

/** Every picture's logits. */
function rowsOf({ batches, expected }: Sample): readonly Float32Array[] {
  return expected.flatMap((logits, i) => {
    const pictures = batches[i]!.dims[0] ?? 1;
    const length = logits.length / pictures;
    return Array.from({ length: pictures }, (_, row) => logits.subarray(row * length, (row + 1) * length));
  });
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const length = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) all.set(row, i * length);
  return all;
}
