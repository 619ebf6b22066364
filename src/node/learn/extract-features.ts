import { isResedgeError, ResedgeError } from '../../errors.ts';
import type { Pixels } from '../../image/pixels.ts';
import { allocateInput, toInput } from '../../image/to-input.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { ahead } from '../model/ahead.ts';
import type { OpenedModel } from '../model/open-model.ts';
import type { Example } from './example.ts';
import type { FeatureCache } from './feature-cache.ts';
import { type Variation, withVariants } from './variants.ts';

/** Pixels in one inference at most. */
const BATCH_PIXELS = 224 * 224;
/** Pictures that are read and decoded at once. */
const IN_FLIGHT = 8;

export type Extracted = {
  /** Examples that could be read, in their order, and their features [1 + variants, width]. */
  readonly taken: readonly { readonly example: Example; readonly features: Float32Array }[];
  /** One line for each picture that could not be read. */
  readonly skipped: readonly string[];
  /** Examples whose features were kept from an earlier time. */
  readonly cached: number;
};

type Read =
  | { readonly kind: 'known'; readonly example: Example; readonly features: Float32Array }
  | { readonly kind: 'pixels'; readonly example: Example; readonly hash: string; readonly pixels: Pixels }
  | { readonly kind: 'error'; readonly message: string };

/**
 * Features of examples and their variants by a model that ends in them, the next pictures decoded while a batch is inferred. Once the
 * signal is aborted it throws `io`.
 */
export async function extractFeatures(
  model: OpenedModel,
  width: number,
  examples: readonly Example[],
  variation: Variation,
  cache: FeatureCache,
  { onProgress, signal }: { readonly onProgress?: (done: number) => void; readonly signal?: AbortSignal } = {},
): Promise<Extracted> {
  const { preprocessing } = model.metadata;
  const rows = 1 + variation.count;
  const perBatch = Math.max(1, Math.floor(BATCH_PIXELS / preprocessing.inputSize ** 2 / rows));
  const taken: Extracted['taken'][number][] = [];
  const skipped: string[] = [];
  let cached = 0;
  let waiting: (Read & { readonly kind: 'pixels' })[] = [];
  let running: Promise<void> = Promise.resolve();

  const infer = async (batch: typeof waiting, places: readonly Float32Array[]): Promise<void> => {
    const input = allocateInput(preprocessing, batch.length * rows);
    for (const [i, { pixels, hash }] of batch.entries()) {
      for (const [v, variant] of withVariants(pixels, hash, variation).entries()) {
        toInput(variant, preprocessing, input, i * rows + v);
      }
    }
    await running;
    const started = scoresOf(model.session, input).then(({ data }) => {
      for (const [i, { hash }] of batch.entries()) {
        const features = places[i]!;
        features.set(data.subarray(i * rows * width, (i + 1) * rows * width));
        expectFinite(features, batch[i]!.example);
        cache.set(hash, features);
      }
    });
    // It is awaited with the next batch; until then a rejection is not unhandled.
    started.catch(() => undefined);
    running = started;
  };

  let places: Float32Array[] = [];
  for await (const read of ahead(examples, IN_FLIGHT, (example) => readExample(example, cache))) {
    if (signal?.aborted) throw stopped();
    if (read.kind === 'error') {
      skipped.push(read.message);
    } else if (read.kind === 'known') {
      cached++;
      taken.push(read);
    } else {
      const features = new Float32Array(rows * width);
      taken.push({ example: read.example, features });
      waiting.push(read);
      places.push(features);
      if (waiting.length === perBatch) {
        await infer(waiting, places);
        waiting = [];
        places = [];
      }
    }
    onProgress?.(taken.length + skipped.length);
  }
  if (waiting.length > 0) await infer(waiting, places);
  await running;
  cache.save();
  return { taken, skipped, cached };
}

async function readExample(example: Example, cache: FeatureCache): Promise<Read> {
  try {
    const { hash, pixels } = example.open();
    const features = cache.get(hash);
    if (features !== undefined) return { kind: 'known', example, features };
    return { kind: 'pixels', example, hash, pixels: await pixels() };
  } catch (error) {
    if (isResedgeError(error) && error.code !== 'internal') return { kind: 'error', message: error.message };
    throw error;
  }
}

function expectFinite(features: Float32Array, { name }: Example): void {
  if (features.every(Number.isFinite)) return;
  throw new ResedgeError(
    'input',
    `${name}: expected finite features, the model gives NaN or infinity: convert it again`,
  );
}

/** What a wish to stop comes to. */
export function stopped(): ResedgeError {
  return new ResedgeError('io', 'stopped: no model was written');
}
