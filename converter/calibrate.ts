import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { batches, collect, picturesIn } from './batch.ts';
import { summaryOf } from './exchange/summary.ts';
import type { FloatModel } from './float-model.ts';
import { pixelInputValues } from './pixel-statistics.ts';
import { modelInput, probePicture } from './probe.ts';
import { type Covariance, covarianceCollector } from './quantize/covariance.ts';
import { type Observer, observer } from './quantize/observe.ts';
import type { Statistics } from './quantize/statistics.ts';
import type { WeightedLayer } from './quantize/weighted.ts';
import { floats, type ModelRunner, type RunningModel } from './runner.ts';

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
  /** False: every picture is calibrated on; default: one in four is held back. */
  readonly holdBack?: boolean;
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
  { preprocessing, holdBack = true, layers, run, onProgress }: CalibrateOptions,
): Promise<Observed> {
  const { inputSize } = preprocessing;
  const heldBack: Tensor[] = [];
  const split = holdBack ? split4(inputs, count, heldBack) : inputs;
  const seen = observer(model.groups.flat());
  const inputOf = (layer: WeightedLayer, values: Values): Tensor<'float32'> | undefined => {
    const value = values[layer.input === 'pixels.dq' ? 'pixels.centred' : layer.input];
    if (value?.dtype !== 'float32') return undefined;
    return layer.input === 'pixels.dq' ? pixelInputValues(value, preprocessing) : value;
  };
  const collector = covarianceCollector(layers, count, inputOf, run);
  let done = 0;
  const progressed = (batch: Tensor, passes: number): void => {
    done += (batch.dims[0] ?? 1) / passes;
    onProgress(Math.min(count, Math.round(done) + heldBack.length), count);
  };
  try {
    onProgress(0, count);
    const once = batches(split, inputSize);
    if (layers.length === 0) {
      const { session, whole, summarised } = await model.summaries();
      const names = [...whole, ...summarised.flatMap((name) => Object.values(summaryOf(name)))];
      await runOver(session, once, names, (found, batch) => {
        seen.add(found);
        for (const name of summarised) addSummary(seen, name, found);
        progressed(batch, 1);
      });
    } else {
      const pictures = model.groups.length === 1 ? once : await collect(once);
      for (const [index, group] of model.groups.entries()) {
        await runOver(await model.session(index), pictures, group, async (found, batch) => {
          seen.add(found);
          await collector.add(found);
          progressed(batch, model.groups.length);
        });
      }
    }
    if (done === 0)
      throw new ResedgeError('input', 'expected at least one readable calibration picture, received none');
    const covariances = await collector.finish();
    const judged = await collect(batches(heldBack, inputSize));
    const unseen =
      judged.length > 0
        ? { batches: judged, pictures: heldBack.length, generated: false }
        : await generatedPictures(preprocessing);
    return { statistics: seen.statistics(), covariances, heldBack: unseen };
  } finally {
    await collector.close();
  }
}

/** Runs a model over batches; the model runs in a thread of its own, so what it found last is looked at meanwhile. */
async function runOver(
  session: RunningModel,
  inputs: Iterable<Tensor> | AsyncIterable<Tensor>,
  names: readonly string[],
  look: (found: Values, batch: Tensor) => void | Promise<void>,
): Promise<void> {
  let last: { readonly batch: Tensor; readonly found: Values } | undefined;
  for await (const batch of inputs) {
    const running = session.run({ input: batch }, names);
    // Awaited below; until then a rejection is not unhandled.
    running.catch(() => undefined);
    if (last) await look(last.found, last.batch);
    last = { batch, found: await running };
  }
  if (last) await look(last.found, last.batch);
}

function addSummary(seen: Observer, name: string, values: Values): void {
  const { min, max, some } = summaryOf(name);
  const part = values[some];
  if (part) seen.add({ [name]: part });
  seen.extremes(name, floats(values, min), floats(values, max));
}

/** Pictures given to judge on. Throws `input` where there are none. */
export async function picturesToJudge(inputs: AsyncIterable<Tensor>, inputSize: number): Promise<Observed['heldBack']> {
  const judged = await collect(batches(inputs, inputSize));
  if (judged.length === 0) throw new ResedgeError('input', 'expected at least one readable picture to judge on');
  return { batches: judged, pictures: picturesIn(judged), generated: false };
}

/** Generated pictures, where none were given to judge on. */
export async function generatedPictures(preprocessing: Preprocessing): Promise<Observed['heldBack']> {
  const { inputSize } = preprocessing;
  const pictures = Array.from({ length: GENERATED }, (_, i) => probePicture(inputSize, GENERATED_SEED + i));
  const inputs = pictures.map((picture) => modelInput(picture, preprocessing));
  return { batches: await collect(batches(inputs, inputSize)), pictures: GENERATED, generated: true };
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
