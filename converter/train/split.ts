import { PLACES } from './recipe.ts';
import { shuffled, streamAt } from './stream.ts';

/** Indices of labels, ascending. */
export type Split = { readonly kept: readonly number[]; readonly apart: readonly number[] };

/**
 * Sets a seeded share of every class apart, for judging what is learnt from the rest: at least one of a class, and at least one of it is
 * kept.
 */
export function splitShare(labels: ArrayLike<number>, share: number, seed: number): Split {
  const byClass = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const members = byClass.get(labels[i]!) ?? [];
    byClass.set(labels[i]!, members);
    members.push(i);
  }
  const apart = new Set<number>();
  for (const [label, members] of byClass) {
    const count = Math.min(members.length - 1, Math.max(1, Math.round(share * members.length)));
    const order = shuffled(members.length, streamAt(seed, PLACES.split, label));
    for (const place of order.subarray(0, count)) apart.add(members[place]!);
  }
  const all = Array.from({ length: labels.length }, (_, i) => i);
  return { kept: all.filter((i) => !apart.has(i)), apart: all.filter((i) => apart.has(i)) };
}
