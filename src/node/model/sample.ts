import { mulberry32 } from '../../tensor/random.ts';

/** A seeded sample of `count` items, in the order of the list; the whole list where it is no longer. */
export function sample<T>(items: readonly T[], count: number, seed: number): readonly T[] {
  if (count >= items.length) return items;
  const random = mulberry32(seed);
  const indices = items.map((_, index) => index);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (indices.length - i));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((index) => items[index]!);
}
