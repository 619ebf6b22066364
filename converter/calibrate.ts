import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { batches } from './batch.ts';
import type { FloatModel } from './float-model.ts';
import { pixelInputValues } from './pixel-statistics.ts';
import { modelInput, probePicture } from './probe.ts';
import { type Covariance, covarianceCollector } from './quantize/covariance.ts';
import { observer } from './quantize/observe.ts';
import type { Statistics } from './quantize/statistics.ts';
import type { WeightedLayer } from './quantize/weighted.ts';
import type { ModelRunner } from './runner.ts';

/** Where the statistics for INT8 come from. */
export type Calibration =
  | { readonly kind: 'pictures'; readonly inputs: AsyncIterable<Tensor>; readonly count: number }
  | { readonly kind: 'table'; readonly statistics: Statistics }
  /** From batch norm alone. */
  | { readonly kind: 'none' };

export type Observed = {
  readonly statistics: Statistics;
  readonly covariances: ReadonlyMap<string, Covariance>;
  /** Inputs that calibration did not see, in batches, to judge the result on. */
  readonly heldBack: { readonly batches: readonly Tensor[]; readonly pictures: number; readonly generated: boolean };
};

/** One picture in four is held back, up to this many. */
const HELD_BACK_EVERY = 4;
const MOST_HELD_BACK = 256;
/** Fewer pictures than this are all needed to calibrate. */
const FEWEST_TO_SPLIT = 8;
/** Pictures to judge on where none were given. */
const GENERATED = 16;
const GENERATED_SEED = 100;

type Values = Readonly<Record<string, Tensor>>;

export type CalibrateOptions = {
  readonly preprocessing: Preprocessing;
  /** Layers whose inputs' covariance is wanted. */
  readonly layers: readonly WeightedLayer[];
  readonly run: ModelRunner;
  readonly onProgress: (done: number, total: number) => void;
};

/**
 * Runs the float model over the calibration pictures and observes what quantization wants to know; once, or once for every group of
 * values.
 */
export async function observePictures(
  model: FloatModel,
  { inputs, count }: Extract<Calibration, { readonly kind: 'pictures' }>,
  { preprocessing, layers, run, onProgress }: CalibrateOptions,
): Promise<Observed> {
  const { inputSize } = preprocessing;
  const heldBack: Tensor[] = [];
  const split = split4(inputs, count, heldBack);
  const seen = observer(model.groups.flat());
  const inputOf = (layer: WeightedLayer, values: Values): Tensor<'float32'> | undefined => {
    const value = values[layer.input === 'pixels.dq' ? 'pixels.centred' : layer.input];
    if (value?.dtype !== 'float32') return undefined;
    return layer.input === 'pixels.dq' ? pixelInputValues(value, preprocessing) : value;
  };
  const collector = await covarianceCollector(layers, count, inputOf, run);
  let done = 0;
  let running: Promise<Values> | undefined;
  // The model runs in a thread of its own: what it found last is looked at meanwhile.
  const look = async (next: Promise<Values> | undefined): Promise<void> => {
    const found = await running;
    running = next;
    if (!found) return;
    seen.add(found);
    await collector.add(found);
  };
  try {
    const once = batches(split, inputSize);
    const pictures = model.groups.length === 1 ? once : await collect(once);
    for (const [index, group] of model.groups.entries()) {
      const session = await model.session(index);
      for await (const batch of pictures) {
        await running;
        await look(session.run({ input: batch }, group));
        done += batch.dims[0] ?? 1;
        onProgress(Math.min(count, Math.round(done / model.groups.length) + heldBack.length), count);
      }
      await look(undefined);
    }
    if (done === 0)
      throw new ResedgeError('input', 'expected at least one readable calibration picture, received none');
    const covariances = await collector.finish();
    const judged = await collect(batches(each(heldBack), inputSize));
    const unseen =
      judged.length > 0
        ? { batches: judged, pictures: heldBack.length, generated: false }
        : await generatedPictures(preprocessing);
    return { statistics: seen.statistics(), covariances, heldBack: unseen };
  } finally {
    await collector.close();
  }
}

/** Generated pictures, where none were given to judge on. */
export async function generatedPictures(preprocessing: Preprocessing): Promise<Observed['heldBack']> {
  const { inputSize } = preprocessing;
  const pictures = Array.from({ length: GENERATED }, (_, i) => probePicture(inputSize, GENERATED_SEED + i));
  const inputs = pictures.map((picture) => modelInput(picture, preprocessing));
  return { batches: await collect(batches(each(inputs), inputSize)), pictures: GENERATED, generated: true };
}

/** Place among all pictures that could be read of the one that was held back as number `index`. */
export function placeOfHeldBack(index: number): number {
  return (index + 1) * HELD_BACK_EVERY - 1;
}

/** Passes three of four pictures on and keeps the fourth. */
async function* split4(inputs: AsyncIterable<Tensor>, count: number, heldBack: Tensor[]): AsyncGenerator<Tensor> {
  let index = 0;
  for await (const input of inputs) {
    index++;
    const keep = count >= FEWEST_TO_SPLIT && heldBack.length < MOST_HELD_BACK && index % HELD_BACK_EVERY === 0;
    if (keep) heldBack.push(input);
    else yield input;
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
