import { ResedgeError } from '../../errors.ts';
import { geometryText, seesAlike } from '../../image/fit.ts';
import { allocateInput, toInput } from '../../image/to-input.ts';
import { quantiles } from '../../runtime/quantiles.ts';
import { type Scores, scoresOf } from '../../runtime/scores.ts';
import { topK } from '../../runtime/top-k.ts';
import { type Fidelity, fidelity } from '../../tensor/fidelity.ts';
import type { LabelledPicture } from './class-folders.ts';
import type { OpenedModel } from './open-model.ts';
import { decodeAll } from './pictures.ts';

/** Pixels in one inference at most: one picture of 224 x 224, or many small ones. */
const BATCH_PIXELS = 224 * 224;
const TOP = 5;

export type Evaluation = {
  readonly images: number;
  /** Pictures that could not be read, one line each. */
  readonly skipped: readonly string[];
  readonly top1: number;
  readonly top5: number;
  readonly fidelity: Fidelity | undefined;
  /** Milliseconds of inference per picture. */
  readonly ms: { readonly p50: number; readonly p90: number; readonly p99: number };
};

/**
 * Classifies labelled pictures, decoding the next ones while one batch is inferred, and compares with a reference. Once `signal` is
 * aborted, the batch in flight is finished and what was done until then comes back.
 */
export async function evaluate(
  model: OpenedModel,
  pictures: readonly LabelledPicture[],
  reference: OpenedModel | undefined,
  onProgress: (done: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const { preprocessing } = model.metadata;
  if (reference) expectSameClasses(model, reference);
  const same = reference && sameInput(model, reference);
  const size = Math.max(1, Math.floor(BATCH_PIXELS / preprocessing.inputSize ** 2));
  const skipped: string[] = [];
  const times: number[] = [];
  const compared = fidelity();
  let images = 0;
  let hits1 = 0;
  let hits5 = 0;

  const score = async (batch: Batch): Promise<void> => {
    const [scores, expected] = await Promise.all([
      scoresOf(model.session, batch.input),
      reference && scoresOf(reference.session, batch.referenceInput),
    ]);
    for (const [row, index] of batch.indices.entries()) {
      const logits = rowOf(scores, row);
      const best = topK(logits, TOP);
      if (best[0]?.index === index) hits1++;
      if (best.some((guess) => guess.index === index)) hits5++;
      times.push(scores.ms / batch.indices.length);
      if (expected) compared.add(rowOf(expected, row), logits);
    }
    images += batch.indices.length;
    onProgress(images + skipped.length);
  };

  let running: Promise<void> = Promise.resolve();
  let batch = emptyBatch(model, same === false ? reference : undefined, size);
  for await (const decoded of decodeAll(pictures, (picture) => picture.path, preprocessing)) {
    if (signal?.aborted) break;
    if (decoded.kind === 'error') {
      skipped.push(decoded.message);
      continue;
    }
    toInput(decoded.pixels, preprocessing, batch.input, batch.indices.length);
    if (batch.input !== batch.referenceInput && reference) {
      toInput(decoded.pixels, reference.metadata.preprocessing, batch.referenceInput, batch.indices.length);
    }
    batch.indices.push(decoded.item.index);
    if (batch.indices.length < size) continue;
    await running;
    running = score(batch);
    // It is awaited with the next batch; until then a rejection is not unhandled.
    running.catch(() => undefined);
    batch = emptyBatch(model, same === false ? reference : undefined, size);
  }
  await running;
  if (batch.indices.length > 0 && !signal?.aborted) await score(trimmed(batch));
  if (images === 0 && !signal?.aborted)
    throw new ResedgeError('input', `expected readable pictures, all ${skipped.length} failed: ${skipped[0]}`);
  const [p50 = 0, p90 = 0, p99 = 0] = quantiles(times, [0.5, 0.9, 0.99]);
  return {
    images,
    skipped,
    top1: hits1 / Math.max(1, images),
    top5: hits5 / Math.max(1, images),
    fidelity: reference && compared,
    ms: { p50, p90, p99 },
  };
}

type InputTensor = ReturnType<typeof allocateInput>;
type Batch = { readonly input: InputTensor; readonly referenceInput: InputTensor; readonly indices: number[] };

function emptyBatch(model: OpenedModel, other: OpenedModel | undefined, size: number): Batch {
  const input = allocateInput(model.metadata.preprocessing, size);
  return { input, referenceInput: other ? allocateInput(other.metadata.preprocessing, size) : input, indices: [] };
}

function trimmed({ input, referenceInput, indices }: Batch): Batch {
  return {
    input: firstRows(input, indices.length),
    referenceInput: firstRows(referenceInput, indices.length),
    indices,
  };
}

function firstRows<T extends InputTensor>(tensor: T, rows: number): T {
  const [batch = 1, ...dims] = tensor.dims;
  return { ...tensor, dims: [rows, ...dims], data: tensor.data.subarray(0, (tensor.data.length / batch) * rows) };
}

function rowOf({ data, classes }: Scores, row: number): Float32Array {
  return data.subarray(row * classes, (row + 1) * classes);
}

/** One picture serves both where they see the same square of it. Throws `input` where they do not. */
function sameInput(model: OpenedModel, reference: OpenedModel): boolean {
  const a = model.metadata.preprocessing;
  const b = reference.metadata.preprocessing;
  if (!seesAlike(a, b)) {
    throw new ResedgeError(
      'input',
      `${reference.path}: expected the model's input of ${geometryText(a)}, the reference has ${geometryText(b)}`,
    );
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

function expectSameClasses(model: OpenedModel, reference: OpenedModel): void {
  const [a, b] = [model.metadata.labels, reference.metadata.labels];
  if (a.length !== b.length) {
    throw new ResedgeError(
      'input',
      `${reference.path}: expected ${a.length} classes as in ${model.path}, found ${b.length}`,
    );
  }
}
