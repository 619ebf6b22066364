import type { BaseModel } from './base-model.ts';
import type { Example } from './example.ts';
import { type Extracted, extractFeatures } from './extract-features.ts';
import { featureCache } from './feature-cache.ts';
import { withFeatures } from './feature-session.ts';
import type { TeachOptions } from './types.ts';

export type Shown = Extracted & {
  /** The execution provider that the features came from. */
  readonly provider: string;
};

/** What a model's features say of examples, those that are kept from an earlier time included. */
export function showExamples(
  base: BaseModel,
  examples: readonly Example[],
  { open, recipe, augment, onProgress, signal }: TeachOptions,
): Promise<Shown> {
  const width = base.head.features;
  const variation = { count: augment, seed: recipe.seed };
  return withFeatures(base, open, async (model) => {
    const cache = featureCache(base.sha256, model, variation, width);
    const onDone = (done: number): void => onProgress?.('features', done, examples.length);
    const extracted = await extractFeatures(model, width, examples, variation, cache, {
      onProgress: onDone,
      ...(signal ? { signal } : {}),
    });
    return { ...extracted, provider: model.choice.provider };
  });
}
