import type { Learned } from '../../src/onnx/learned.ts';
import { encodeMetadata, METADATA_KEYS, type ModelMetadata } from '../../src/onnx/metadata.ts';
import type { Model } from '../../src/onnx/schema.ts';
import { type FeatureMemory, formatMemory } from './memory.ts';
import { type LinearHead, replaceHead } from './replace-head.ts';

/** What a model is taught. */
export type Taught = {
  readonly head: LinearHead;
  readonly labels: readonly string[];
  readonly learned: Learned;
  /** Undefined where the classes are too many to be remembered. */
  readonly memory: FeatureMemory | undefined;
  /** Features that the head was trained on, [n, width]. */
  readonly seen: Float32Array;
};

type Described = { readonly model: Model; readonly metadata: ModelMetadata };

/** The model with a trained head, its labels and memory in place of its own. Throws as {@link replaceHead}. */
export function taughtModel(base: Described, taught: Taught): Model {
  const { scheme } = base.metadata;
  const { metadata } = describedModel(base, taught);
  return { ...replaceHead(base.model, taught.head, { scheme, seen: taught.seen }), metadata };
}

/** The model as it is, with these labels and memory in place of its own. */
export function describedModel(
  { model, metadata }: Described,
  { labels, learned, memory }: Pick<Taught, 'labels' | 'learned' | 'memory'>,
): Model {
  const { labelIds: _, ...rest } = metadata;
  const entries = new Map(model.metadata);
  for (const key of Object.values(METADATA_KEYS)) entries.delete(key);
  for (const [key, value] of encodeMetadata({ ...rest, labels, learned })) entries.set(key, value);
  if (memory) entries.set(METADATA_KEYS.memory, formatMemory(memory));
  return { ...model, metadata: entries };
}
